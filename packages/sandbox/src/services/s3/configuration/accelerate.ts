import { AwsError } from '../../../wire/errors.ts';
import type { HandlersOf } from '../../service.ts';
import { malformedXml } from '../errors.ts';
import { configurationOf, setConfiguration } from './stored.ts';

export const accelerateHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketAccelerateConfiguration(input, call) {
    const status = input.AccelerateConfiguration?.Status;
    if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html
    if (call.survey.bucket!.name.includes('.'))
      throw new AwsError(
        'InvalidRequest',
        'S3 Transfer Acceleration is not supported for buckets with periods (.) in their names',
      );
    setConfiguration(call, 'accelerate', status);
    return {};
  },

  GetBucketAccelerateConfiguration(_, call) {
    const status = configurationOf(call.survey.bucket!, 'accelerate');
    return status === undefined ? {} : { Status: status };
  },
};
