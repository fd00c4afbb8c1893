import { AwsError } from '../../../wire/errors.ts';
import type { HandlersOf } from '../../service.ts';
import { requireDigest } from '../digest.ts';
import { invalidArgument, missingBody } from '../errors.ts';
import { readRules } from './read-rules.ts';
import { writeRule } from './write-rules.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html */
const MINIMUM_SIZES = ['all_storage_classes_128K', 'varies_by_storage_class'] as const;

export const lifecycleHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketLifecycleConfiguration(input, call) {
    requireDigest(call.head);
    const bucket = call.survey.bucket!;
    const minimumSize = input.TransitionDefaultMinimumObjectSize ?? MINIMUM_SIZES[0];
    if (!MINIMUM_SIZES.some((size) => size === minimumSize))
      throw invalidArgument(
        'x-amz-transition-default-minimum-object-size',
        minimumSize,
        'Invalid value for x-amz-transition-default-minimum-object-size',
      );
    if (!input.LifecycleConfiguration) throw missingBody();
    const rules = readRules(input.LifecycleConfiguration.Rules);
    call.store.buckets.set(bucket.name, { ...bucket, lifecycle: { rules, minimumSize } });
    return { TransitionDefaultMinimumObjectSize: minimumSize as (typeof MINIMUM_SIZES)[number] };
  },

  GetBucketLifecycleConfiguration(_, call) {
    const { lifecycle, name } = call.survey.bucket!;
    if (!lifecycle)
      throw new AwsError('NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist', {
        status: 404,
        fields: { BucketName: name },
      });
    return {
      Rules: lifecycle.rules.map(writeRule),
      TransitionDefaultMinimumObjectSize: lifecycle.minimumSize as (typeof MINIMUM_SIZES)[number],
    };
  },

  DeleteBucketLifecycle(_, call) {
    const { lifecycle: _lifecycle, ...bucket } = call.survey.bucket!;
    call.store.buckets.set(bucket.name, bucket);
    return {};
  },
};
