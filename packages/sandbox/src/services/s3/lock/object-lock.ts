import type { ObjectLockRetention } from '@aws-sdk/client-s3';
import type { LockRecord, ObjectRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call, HandlersOf } from '../../service.ts';
import { malformedXml, missingBody, refuseMembers } from '../errors.ts';
import { requireObject, type VersionInput } from '../versions.ts';
import { isLockMode, requireFuture, requireLockable } from './lock.ts';
import { requireReplaceable } from './protection.ts';

export const objectLockHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async PutObjectRetention(input, call) {
    requireLockable(call.survey.bucket!);
    const now = call.clock.now();
    if (!input.Retention) throw missingBody();
    const retention = readRetention(input.Retention, now);
    await changeLock(input, call, ({ lock = {} }) => {
      requireReplaceable(lock, retention, now, input.BypassGovernanceRetention === true);
      const { retention: _, ...rest } = lock;
      return { ...rest, ...(retention && { retention }) };
    });
    return {};
  },

  GetObjectRetention(input, call) {
    const { retention } = lockOf(input, call);
    if (!retention) throw noLock();
    return { Retention: { Mode: retention.mode, RetainUntilDate: new Date(retention.until) } };
  },

  async PutObjectLegalHold(input, call) {
    requireLockable(call.survey.bucket!);
    if (!input.LegalHold) throw missingBody();
    const legalHold = input.LegalHold.Status;
    if (legalHold !== 'ON' && legalHold !== 'OFF') throw malformedXml();
    await changeLock(input, call, ({ lock }) => ({ ...lock, legalHold }));
    return {};
  },

  GetObjectLegalHold(input, call) {
    const { legalHold } = lockOf(input, call);
    if (legalHold === undefined) throw noLock();
    return { LegalHold: { Status: legalHold } };
  },
};

/** A retention that says neither mode nor date takes away the one that is there. */
function readRetention(retention: ObjectLockRetention, now: number): LockRecord['retention'] {
  refuseMembers(retention, { EventHold: 'EventHold', EventHoldDuration: 'EventHoldDuration' });
  const { Mode: mode, RetainUntilDate: until } = retention;
  if (mode === undefined && until === undefined) return undefined;
  if (!isLockMode(mode) || !(until instanceof Date) || Number.isNaN(until.getTime())) throw malformedXml();
  requireFuture(until, now);
  return { mode, until: until.getTime() };
}

async function changeLock(
  input: VersionInput,
  call: Call,
  change: (record: ObjectRecord) => LockRecord,
): Promise<void> {
  const { id } = call.survey.bucket!;
  const { objects } = call.store;
  await objects.exclusively(id, input.Key!, async () => {
    const record = requireObject(input, call);
    await objects.describe(id, input.Key!, { ...record, lock: change(record) });
  });
}

function lockOf(input: VersionInput, call: Call): LockRecord {
  requireLockable(call.survey.bucket!);
  return requireObject(input, call).lock ?? {};
}

const noLock = (): AwsError =>
  new AwsError(
    'NoSuchObjectLockConfiguration',
    'The specified object does not have a ObjectLock configuration',
    { status: 404 },
  );
