import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FRAME, FrameSealer, openFrames, storedRange, STORED_FRAME, UnsizedFrameSealer } from './frames.ts';

const key = randomBytes(32);

/** Seals a body that comes in pieces, cut where `cuts` say. */
function seal(body: Buffer, cuts: readonly number[] = []): Buffer {
  const sealer = new FrameSealer(key, body.length);
  const at = [0, ...cuts.filter((cut) => cut <= body.length).toSorted((a, b) => a - b), body.length];
  return Buffer.concat(at.slice(1).flatMap((end, index) => sealer.push(body.subarray(at[index], end))));
}

async function open(
  stored: Buffer,
  size: number,
  range = { first: 0, last: size - 1 },
  step = 50_000,
): Promise<Buffer> {
  const { first, last } = storedRange(size, range);
  const wanted = stored.subarray(first, last + 1);
  async function* pieces() {
    for (let at = 0; at < wanted.length; at += step) yield wanted.subarray(at, at + step);
  }
  const parts: Buffer[] = [];
  for await (const part of openFrames(pieces(), key, size, range)) parts.push(part);
  return Buffer.concat(parts);
}

test('whatever the pieces it came in, a body is the same when stored, and every range of it comes back', async () => {
  const size = 3 * FRAME + 1234;
  const body = randomBytes(size);
  const whole = seal(body);
  expect(whole).toHaveLength(size + 4 * 16);
  const position = fc.integer({ min: 0, max: size - 1 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(position),
      position,
      position,
      fc.integer({ min: 1, max: 200_000 }),
      async (cuts, a, b, step) => {
        expect(seal(body, cuts).equals(whole)).toBe(true);
        const range = { first: Math.min(a, b), last: Math.max(a, b) };
        const part = await open(whole, size, range, Math.max(step, 1000));
        expect(part.equals(body.subarray(range.first, range.last + 1))).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});

test('a body that was cut off, or another’s frames, do not pass for it', async () => {
  const size = 2 * FRAME;
  const stored = seal(randomBytes(size));
  await expect(open(stored.subarray(0, STORED_FRAME), size)).rejects.toThrow('ends early');
  // The first frame alone, as if the body had been no longer.
  await expect(open(stored.subarray(0, STORED_FRAME), FRAME)).rejects.toThrow();
  const other = seal(randomBytes(size));
  other[10]! ^= 1;
  await expect(open(other, size)).rejects.toThrow();
  await expect(open(other, size, { first: FRAME, last: size - 1 })).resolves.toHaveLength(FRAME);
});

test.each([1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 7])(
  'a body of %i bytes is stored the same where its size shows only at its end',
  (size) => {
    const body = randomBytes(size);
    for (const step of [1000, FRAME, FRAME + 1, size]) {
      const sealer = new UnsizedFrameSealer(key);
      const parts: Buffer[] = [];
      for (let at = 0; at < size; at += step) parts.push(...sealer.push(body.subarray(at, at + step)));
      expect(Buffer.concat([...parts, ...sealer.finish()]).equals(seal(body))).toBe(true);
    }
  },
);
