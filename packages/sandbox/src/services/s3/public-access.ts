import { isPublicPolicy, type PolicyDocument } from '@crossbucket/policy';
import { AwsError } from '../../wire/errors.ts';
import { completeBlock } from '../public-access-block.ts';
import type { HandlersOf } from '../service.ts';
import { noSuchBucketPolicy } from './errors.ts';

/** Block Public Access of a bucket. The account's own is in its `AccountRecord`; every decision takes both. */
export const publicAccessHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutPublicAccessBlock(input, call) {
    const bucket = call.survey.bucket!;
    call.store.buckets.set(bucket.name, {
      ...bucket,
      publicAccessBlock: completeBlock(input.PublicAccessBlockConfiguration),
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

  /** https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html */
  GetBucketPolicyStatus(_, call) {
    const { policy, name } = call.survey.bucket!;
    if (policy === undefined) throw noSuchBucketPolicy(name);
    return { PolicyStatus: { IsPublic: isPublicPolicy(JSON.parse(policy) as PolicyDocument) } };
  },
};
