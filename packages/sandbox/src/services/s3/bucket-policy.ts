import { principalIdsOf, textNow } from '../../store/principal-ids.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { noSuchBucketPolicy } from './errors.ts';
import { requireBucketPolicy } from './policy-document.ts';

export const bucketPolicyHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketPolicy(input, call) {
    requireOwner(call);
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
    return {};
  },

  GetBucketPolicy(_, call) {
    requireOwner(call);
    const { name, policy, policyPrincipals } = call.survey.bucket!;
    if (policy !== undefined) return { Policy: textNow(policy, policyPrincipals, call.store) };
    throw noSuchBucketPolicy(name);
  },

  DeleteBucketPolicy(_, call) {
    requireOwner(call);
    const { policy: _policy, policyPrincipals: _ids, ...bucket } = call.survey.bucket!;
    call.store.buckets.set(bucket.name, bucket);
    return {};
  },
};

/**
 * Whoever is allowed and belongs to another account gets 405.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html
 */
function requireOwner(call: Call): void {
  if (call.caller.account === call.survey.bucket!.account) return;
  throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.');
}
