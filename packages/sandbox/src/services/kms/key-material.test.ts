import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import type { KeyRecord } from '../../store/records.ts';
import { open, openWith, seal } from './ciphertext.ts';
import { materialId, newMaterial, resumeRotation, rotateWhereDue, scheduled } from './key-material.ts';

const DAY = 86_400_000;
const ARN = 'arn:aws:kms:eu-west-1:222222222222:key/0000';

const key = (period: number, state: KeyRecord['state'] = 'Enabled'): KeyRecord => ({
  arn: ARN,
  account: '222222222222',
  region: 'eu-west-1',
  id: '0000',
  created: 0,
  description: '',
  managedBy: 'CUSTOMER',
  state,
  policy: '{}',
  tags: [],
  aliases: [],
  grants: [],
  material: newMaterial(),
  rotation: scheduled(period, 0),
});

test('however seldom somebody looks, a key rotates at its dates and opens all that it ever sealed', () => {
  assert(
    property(
      integer({ min: 90, max: 2560 }),
      array(integer({ min: 0, max: 4000 }), { maxLength: 6 }),
      (period, gaps) => {
        let one = key(period);
        let now = 0;
        const sealed: { bytes: Buffer; material: string }[] = [];
        for (const gap of gaps) {
          sealed.push({ bytes: seal(one, Buffer.from('secret'), { a: 'b' }), material: one.material });
          now += gap * DAY;
          one = rotateWhereDue(one, now);
        }
        const dates = [...(one.older ?? []), one].flatMap(({ rotated }) => rotated?.time ?? []);
        const due = Array.from({ length: Math.floor(now / DAY / period) }, (_, n) => (n + 1) * period * DAY);
        expect(dates).toEqual(due);
        expect(one.rotation!.next).toBeGreaterThan(now);
        for (const { bytes, material } of sealed) {
          expect(openWith(one, bytes, { a: 'b' })).toEqual({ plaintext: Buffer.from('secret'), material });
          expect(open(one, bytes)).toBeUndefined();
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('a key that rests does not rotate, and makes up for it once', () => {
  const resting = key(100, 'Disabled');
  expect(rotateWhereDue(resting, 1000 * DAY)).toBe(resting);
  const awake = resumeRotation({ ...resting, state: 'Enabled' }, 1000 * DAY);
  expect(awake.older).toHaveLength(1);
  expect(awake.rotated).toEqual({ time: 1000 * DAY, type: 'AUTOMATIC' });
  expect(awake.rotation).toEqual({ period: 100, next: 1100 * DAY });
  expect(resumeRotation(key(100), 99 * DAY).older).toBeUndefined();
});

test('a clock that is moved by centuries makes no more material than fits', () => {
  const old = rotateWhereDue(key(90), 1e6 * 90 * DAY);
  expect(old.older).toHaveLength(100);
  expect(old.rotated).toEqual({ time: 1e6 * 90 * DAY, type: 'AUTOMATIC' });
});

test('an id tells materials apart and is not one', () => {
  const [a, b] = [newMaterial(), newMaterial()];
  expect(materialId(a)).toMatch(/^[0-9a-f]{64}$/);
  expect(materialId(a)).toBe(materialId(a));
  expect(materialId(a)).not.toBe(materialId(b));
  expect(materialId(a)).not.toBe(Buffer.from(a, 'base64').toString('hex'));
});
