import type { ObjectRecord } from '../../../store/records.ts';
import type { Call } from '../../service.ts';
import type { VersionInput } from '../versions.ts';

/**
 * What a read says of a version's lock, to those who may see it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function describeLock({ lock }: ObjectRecord, { Bucket, Key, VersionId }: VersionInput, call: Call) {
  if (!lock) return {};
  const { retention, legalHold } = lock;
  const named = { Bucket, Key, VersionId };
  return {
    ...(retention &&
      call.allows('GetObjectRetention', named) && {
        ObjectLockMode: retention.mode,
        ObjectLockRetainUntilDate: new Date(retention.until),
      }),
    ...(legalHold !== undefined &&
      call.allows('GetObjectLegalHold', named) && { ObjectLockLegalHoldStatus: legalHold }),
  };
}
