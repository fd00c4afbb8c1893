import type { LoggingEnabled } from '@aws-sdk/client-s3';
import type { BucketRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call, HandlersOf } from '../../service.ts';
import { malformedXml } from '../errors.ts';
import { ownershipOf } from '../ownership.ts';
import { configurationOf, setConfiguration } from './stored.ts';

export const loggingHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutBucketLogging(input, call) {
    const logging = input.BucketLoggingStatus?.LoggingEnabled;
    if (logging) requireTarget(logging, call);
    setConfiguration(call, 'logging', logging);
    return {};
  },

  GetBucketLogging(_, call) {
    const logging = configurationOf(call.survey.bucket!, 'logging');
    return logging ? { LoggingEnabled: logging } : {};
  },
};

const PERMISSIONS: ReadonlySet<unknown> = new Set(['FULL_CONTROL', 'READ', 'WRITE']);

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html */
function requireTarget(logging: LoggingEnabled, call: Call): void {
  const source = call.survey.bucket!;
  const target = call.store.buckets.get(logging.TargetBucket ?? '');
  if (!target) throw invalidTarget('The target bucket for logging does not exist', logging);
  requireTogether(source, target, logging);
  if (target.objectLock?.retention)
    throw invalidTarget('The target bucket for logging cannot have a default retention', logging);
  const grants = logging.TargetGrants ?? [];
  if (grants.some(({ Permission }) => !PERMISSIONS.has(Permission))) throw malformedXml();
  if (grants.length > 0 && ownershipOf(target) === 'BucketOwnerEnforced')
    throw new AwsError(
      'InvalidArgument',
      'TargetGrants cannot be set when the target bucket has Object Ownership set to BucketOwnerEnforced',
    );
  const format = logging.TargetObjectKeyFormat;
  if (format && (format.SimplePrefix === undefined) === (format.PartitionedPrefix === undefined))
    throw malformedXml();
  const dates = format?.PartitionedPrefix?.PartitionDateSource;
  if (dates !== undefined && dates !== 'EventTime' && dates !== 'DeliveryTime') throw malformedXml();
}

function requireTogether(source: BucketRecord, target: BucketRecord, logging: LoggingEnabled): void {
  if (target.account !== source.account)
    throw invalidTarget(
      'The owner for the bucket to be logged and the target bucket must be the same.',
      logging,
    );
  if (target.region !== source.region)
    throw new AwsError('CrossLocationLoggingProhibited', 'Cross S3 location logging not allowed.', {
      status: 403,
      fields: { SourceBucketLocation: source.region, TargetBucketLocation: target.region },
    });
}

function invalidTarget(message: string, { TargetBucket }: LoggingEnabled): AwsError {
  return new AwsError('InvalidTargetBucketForLogging', message, {
    status: 400,
    fields: { TargetBucket: TargetBucket ?? '' },
  });
}
