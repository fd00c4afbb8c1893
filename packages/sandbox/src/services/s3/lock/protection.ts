import type { LockRecord } from '../../../store/records.ts';
import { AwsError } from '../../../wire/errors.ts';

/**
 * Refuses to delete a version that a lock protects: a legal hold and compliance whoever asks, governance those who do
 * not bypass it. That a caller may bypass it has been decided.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html
 */
export function requireUnlocked(lock: LockRecord | undefined, now: number, bypass: boolean): void {
  if (lock?.legalHold === 'ON') throw isProtected();
  const { retention } = lock ?? {};
  if (!retention || retention.until <= now) return;
  if (retention.mode === 'COMPLIANCE' || !bypass) throw isProtected();
}

/**
 * Whether a retention may take the place of the one that is there. Longer it may always become; shorter, gone or of
 * another mode only by bypassing governance; compliance only longer.
 */
export function requireReplaceable(
  { retention: before }: LockRecord,
  after: LockRecord['retention'],
  now: number,
  bypass: boolean,
): void {
  if (!before || before.until <= now) return;
  const weaker = !after || after.mode !== before.mode || after.until < before.until;
  if (weaker && (before.mode === 'COMPLIANCE' || !bypass)) throw isProtected();
}

const isProtected = (): AwsError =>
  new AwsError('AccessDenied', 'Access Denied because object protected by object lock.', { status: 403 });
