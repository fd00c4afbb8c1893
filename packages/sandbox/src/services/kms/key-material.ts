import { createHash, randomBytes } from 'node:crypto';
import type { KeyRecord, RotationRecord } from '../../store/records.ts';

const DAY = 86_400_000;

/** A clock may be moved by centuries: of the rotations that are due then, no more than the latest are kept. */
const MOST_AT_ONCE = 100;

/** A key with new material; what is encrypted under the old still opens. */
export function rotate(key: KeyRecord, rotated: RotationRecord): KeyRecord {
  const { material, rotated: before, older = [] } = key;
  return {
    ...key,
    material: newMaterial(),
    rotated,
    older: [...older, { material, ...(before && { rotated: before }) }],
  };
}

/** 32 bytes, in base64. */
export const newMaterial = (): string => randomBytes(32).toString('base64');

/** A key after the automatic rotations that were due until now; the same object where none was. */
export function rotateWhereDue(key: KeyRecord, now: number): KeyRecord {
  const { rotation, state } = key;
  if (!rotation || rotation.next > now || state !== 'Enabled') return key;
  const every = rotation.period * DAY;
  const due = Math.floor((now - rotation.next) / every) + 1;
  const next = rotation.next + due * every;
  let rotated = key;
  for (let left = Math.min(due, MOST_AT_ONCE); left > 0; left--)
    rotated = rotate(rotated, { time: next - left * every, type: 'AUTOMATIC' });
  return { ...rotated, rotation: { ...rotation, next } };
}

/**
 * A key whose rotation goes on after a rest: if one was due meanwhile, it is made now.
 * The SDK's documentation of GetKeyRotationStatus says so.
 */
export function resumeRotation(key: KeyRecord, now: number): KeyRecord {
  const { rotation } = key;
  if (!rotation || rotation.next > now) return key;
  return { ...rotate(key, { time: now, type: 'AUTOMATIC' }), rotation: scheduled(rotation.period, now) };
}

/** Automatic rotation from now on. @param period In days. */
export const scheduled = (period: number, now: number): NonNullable<KeyRecord['rotation']> => ({
  period,
  next: now + period * DAY,
});

/** 64 digits that tell the material of a key from others, and nothing of it. */
export function materialId(material: string): string {
  return createHash('sha256').update('id of key material ').update(material).digest('hex');
}
