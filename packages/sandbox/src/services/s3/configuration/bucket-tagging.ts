import { AwsError } from '../../../wire/errors.ts';
import type { HandlersOf } from '../../service.ts';
import { requireTags } from '../tag-set.ts';
import { configurationOf, setConfiguration } from './stored.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html */
export const MOST_BUCKET_TAGS = 50;
const NO_CONTENT = { $status: 204 };

export const bucketTaggingHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketTagging(input, call) {
    setConfiguration(call, 'tagging', requireTags(input.Tagging?.TagSet, MOST_BUCKET_TAGS, 'Bucket'));
    return NO_CONTENT;
  },

  GetBucketTagging(_, call) {
    const bucket = call.survey.bucket!;
    const tags = configurationOf(bucket, 'tagging');
    if (tags) return { TagSet: tags };
    throw new AwsError('NoSuchTagSet', 'The TagSet does not exist', {
      status: 404,
      fields: { BucketName: bucket.name },
    });
  },

  DeleteBucketTagging(_, call) {
    setConfiguration(call, 'tagging', undefined);
    return {};
  },
};
