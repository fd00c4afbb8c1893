import type { ObjectRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { malformedXml, refuseMembers } from './errors.ts';
import { requireObject } from './versions.ts';

/** Storage classes whose objects are read only after they were restored. */
const ARCHIVES = new Set(['GLACIER', 'DEEP_ARCHIVE']);
const DAY = 86_400_000;

type Archived = Pick<ObjectRecord, 'storageClass' | 'restoredUntil'>;

export const archiveHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  /** Restoring takes hours on AWS; here it is done at once. */
  async RestoreObject(input, call) {
    const { Days: days, ...request } = input.RestoreRequest ?? {};
    refuseMembers(request, {
      Type: 'Type',
      SelectParameters: 'SelectParameters',
      OutputLocation: 'OutputLocation',
    });
    const bucket = call.survey.bucket!;
    const { objects } = call.store;
    const now = call.clock.now();
    let before: ObjectRecord | undefined;
    await objects.exclusively(bucket.id, input.Key!, async () => {
      before = requireObject(input, call);
      if (!ARCHIVES.has(before.storageClass ?? ''))
        throw invalidState("Restore is not allowed for the object's current storage class", before);
      if (days === undefined || !Number.isInteger(days) || days < 1) throw malformedXml();
      // Until midnight of the day that follows.
      const restoredUntil = Math.ceil((now + days * DAY) / DAY) * DAY;
      await objects.describe(bucket.id, input.Key!, { ...before, restoredUntil });
    });
    return { $status: isRestored(before!, now) ? 200 : 202 };
  },
};

/** @throws AwsError `InvalidObjectState` for what is archived and not restored. */
export function requireReadable(record: Archived, now: number): void {
  if (ARCHIVES.has(record.storageClass ?? '') && !isRestored(record, now))
    throw invalidState("The operation is not valid for the object's storage class", record);
}

/** The same of the source of a copy. */
export function requireCopyable(record: Archived, now: number): void {
  if (ARCHIVES.has(record.storageClass ?? '') && !isRestored(record, now))
    throw new AwsError(
      'ObjectNotInActiveTierError',
      'The source object of the COPY action is not in the active tier.',
      { status: 403 },
    );
}

/** What answers say of a restored copy. */
export function restoreOf(record: Archived, now: number): { Restore?: string } {
  if (!isRestored(record, now)) return {};
  return {
    Restore: `ongoing-request="false", expiry-date="${new Date(record.restoredUntil!).toUTCString()}"`,
  };
}

const isRestored = ({ restoredUntil }: Archived, now: number): boolean =>
  restoredUntil !== undefined && restoredUntil > now;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
const invalidState = (message: string, { storageClass }: Archived): AwsError =>
  new AwsError('InvalidObjectState', message, {
    status: 403,
    fields: { StorageClass: storageClass ?? 'STANDARD' },
  });
