import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireBucketPolicy } from './policy-document.ts';

export const bucketPolicyHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketPolicy(input, call) {
    requireOwner(call);
    const bucket = call.survey.bucket!;
    const text = input.Policy ?? '';
    requireBucketPolicy(text, bucket, call);
    call.store.buckets.set(bucket.name, { ...bucket, policy: text });
    return {};
  },

  GetBucketPolicy(_, call) {
    requireOwner(call);
    const { name, policy } = call.survey.bucket!;
    if (policy !== undefined) return { Policy: policy };
    throw new AwsError('NoSuchBucketPolicy', 'The bucket policy does not exist', {
      fields: { BucketName: name },
    });
  },

  DeleteBucketPolicy(_, call) {
    requireOwner(call);
    const { policy: _policy, ...bucket } = call.survey.bucket!;
    call.store.buckets.set(bucket.name, bucket);
    return {};
  },

  PutPublicAccessBlock(input, call) {
    const bucket = call.survey.bucket!;
    const wanted = input.PublicAccessBlockConfiguration ?? {};
    call.store.buckets.set(bucket.name, {
      ...bucket,
      publicAccessBlock: {
        BlockPublicAcls: wanted.BlockPublicAcls ?? false,
        IgnorePublicAcls: wanted.IgnorePublicAcls ?? false,
        BlockPublicPolicy: wanted.BlockPublicPolicy ?? false,
        RestrictPublicBuckets: wanted.RestrictPublicBuckets ?? false,
      },
    });
    return {};
  },

  GetPublicAccessBlock(_, call) {
    const { publicAccessBlock, name } = call.survey.bucket!;
    if (Object.keys(publicAccessBlock).length > 0)
      return { PublicAccessBlockConfiguration: publicAccessBlock };
    throw new AwsError(
      'NoSuchPublicAccessBlockConfiguration',
      'The public access block configuration was not found',
      { status: 404, fields: { BucketName: name } },
    );
  },

  DeletePublicAccessBlock(_, call) {
    const bucket = call.survey.bucket!;
    call.store.buckets.set(bucket.name, { ...bucket, publicAccessBlock: {} });
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
