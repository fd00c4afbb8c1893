import type { BucketRecord, LockMode, LockRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import { invalidArgument } from '../errors.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html

export interface LockInput {
  ObjectLockMode?: string | undefined;
  ObjectLockRetainUntilDate?: Date | undefined;
  ObjectLockLegalHoldStatus?: string | undefined;
}

/**
 * The lock of a new version: what its headers say, else what the bucket's default does.
 * @param now In milliseconds since 1970.
 */
export function readLock(input: LockInput, bucket: BucketRecord, now: number): LockRecord | undefined {
  const { ObjectLockMode: mode, ObjectLockRetainUntilDate: until } = input;
  const legalHold = readLegalHold(input.ObjectLockLegalHoldStatus);
  const asked = mode !== undefined || until !== undefined || legalHold !== undefined;
  if (asked) requireLockable(bucket);
  const retention = readRetention(mode, until, now) ?? defaultRetention(bucket, now);
  if (!retention && legalHold === undefined) return undefined;
  return { ...(retention && { retention }), ...(legalHold !== undefined && { legalHold }) };
}

export function requireLockable({ objectLock }: BucketRecord): void {
  if (!objectLock) throw new AwsError('InvalidRequest', 'Bucket is missing Object Lock Configuration');
}

export function isLockMode(text: string | undefined): text is LockMode {
  return text === 'GOVERNANCE' || text === 'COMPLIANCE';
}

export function requireFuture(until: Date, now: number): void {
  if (until.getTime() > now) return;
  throw invalidArgument(
    'x-amz-object-lock-retain-until-date',
    until.toISOString(),
    'The retain until date must be in the future!',
  );
}

function readRetention(
  mode: string | undefined,
  until: Date | undefined,
  now: number,
): LockRecord['retention'] {
  if (mode === undefined && until === undefined) return undefined;
  if (mode === undefined || until === undefined)
    throw invalidArgument(
      mode === undefined ? 'x-amz-object-lock-mode' : 'x-amz-object-lock-retain-until-date',
      'null',
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    );
  if (!isLockMode(mode)) throw invalidArgument('x-amz-object-lock-mode', mode, 'Unknown wormMode directive.');
  requireFuture(until, now);
  return { mode, until: until.getTime() };
}

function readLegalHold(status: string | undefined): LockRecord['legalHold'] {
  if (status === undefined || status === 'ON' || status === 'OFF') return status;
  throw invalidArgument('x-amz-object-lock-legal-hold', status, "Legal Hold must be either of 'ON' or 'OFF'");
}

function defaultRetention({ objectLock }: BucketRecord, now: number): LockRecord['retention'] {
  if (!objectLock?.retention) return undefined;
  const { mode, unit, count } = objectLock.retention;
  const until = new Date(now);
  if (unit === 'Days') until.setUTCDate(until.getUTCDate() + count);
  else until.setUTCFullYear(until.getUTCFullYear() + count);
  return { mode, until: until.getTime() };
}
