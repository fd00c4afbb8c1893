import type { DefaultRetention, ObjectLockConfiguration } from '@aws-sdk/client-s3';
import type { BucketRecord, DefaultRetentionRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { HandlersOf } from '../../service.ts';
import { invalidArgument, malformedXml, missingBody, refuseMembers } from '../errors.ts';
import { isLockMode } from './lock.ts';

export const bucketLockHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  PutObjectLockConfiguration(input, call) {
    const bucket = call.survey.bucket!;
    if (!input.ObjectLockConfiguration) throw missingBody();
    const objectLock = readConfiguration(input.ObjectLockConfiguration);
    if (bucket.versioning !== 'Enabled')
      throw new AwsError(
        'InvalidBucketState',
        "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
        { status: 409 },
      );
    call.store.buckets.set(bucket.name, { ...bucket, objectLock });
    return {};
  },

  GetObjectLockConfiguration(_, call) {
    const { objectLock, name } = call.survey.bucket!;
    if (objectLock) return { ObjectLockConfiguration: writeConfiguration(objectLock) };
    throw new AwsError(
      'ObjectLockConfigurationNotFoundError',
      'Object Lock configuration does not exist for this bucket',
      { status: 404, fields: { BucketName: name } },
    );
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html */
const LONGEST = { Days: 36_500, Years: 100 };

type Lock = NonNullable<BucketRecord['objectLock']>;

/** Once it is on, object lock cannot be turned off. */
function readConfiguration({ ObjectLockEnabled: enabled, Rule: rule }: ObjectLockConfiguration): Lock {
  if (enabled !== 'Enabled') throw malformedXml();
  if (!rule) return {};
  if (!rule.DefaultRetention) throw malformedXml();
  return { retention: readDefault(rule.DefaultRetention) };
}

function readDefault(retention: DefaultRetention): DefaultRetentionRecord {
  refuseMembers(retention, { DefaultEventHold: 'DefaultEventHold' });
  const { Mode: mode, Days: days, Years: years } = retention;
  if (!isLockMode(mode) || (days === undefined) === (years === undefined)) throw malformedXml();
  const unit = days === undefined ? 'Years' : 'Days';
  const count = days ?? years!;
  if (!Number.isInteger(count)) throw malformedXml();
  if (count <= 0)
    throw invalidArgument(unit, String(count), 'Default retention period must be a positive integer value.');
  if (count > LONGEST[unit])
    throw invalidArgument(unit, String(count), 'Default retention period is too large.');
  return { mode, unit, count };
}

function writeConfiguration({ retention }: Lock): ObjectLockConfiguration {
  if (!retention) return { ObjectLockEnabled: 'Enabled' };
  const { mode, unit, count } = retention;
  return { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode: mode, [unit]: count } } };
}
