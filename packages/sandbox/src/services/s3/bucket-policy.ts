import { principalIdsOf, textNow } from '../../store/principal-ids.ts';
import type { HandlersOf } from '../service.ts';
import { noSuchBucketPolicy } from './errors.ts';
import { requireBucketPolicy } from './policy-document.ts';

export const bucketPolicyHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketPolicy(input, call) {
    const bucket = call.survey.bucket!;
    const text = input.Policy ?? '';
    const document = requireBucketPolicy(text, bucket, call);
    const { policyPrincipals: _, ...rest } = bucket;
    const policyPrincipals = principalIdsOf(document, call.store);
    call.store.buckets.set(bucket.name, {
      ...rest,
      policy: text,
      ...(policyPrincipals && { policyPrincipals }),
    });
    return { $status: 204 };
  },

  GetBucketPolicy(_, call) {
    const { name, policy, policyPrincipals } = call.survey.bucket!;
    if (policy !== undefined) return { Policy: textNow(policy, policyPrincipals, call.store) };
    throw noSuchBucketPolicy(name);
  },

  DeleteBucketPolicy(_, call) {
    const { policy: _policy, policyPrincipals: _ids, ...bucket } = call.survey.bucket!;
    call.store.buckets.set(bucket.name, bucket);
    return {};
  },
};
