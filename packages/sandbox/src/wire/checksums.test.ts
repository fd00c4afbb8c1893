import { createRequire } from 'node:module';
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CHECKSUMS, isChecksum, startChecksum, type ChecksumAlgorithm } from './checksums.ts';
import { canCombine, combineChecksums } from './crc/combine.ts';

const algorithms = Object.keys(CHECKSUMS) as ChecksumAlgorithm[];
const library = createRequire(import.meta.url)(
  '@aws-sdk/checksums/crc',
) as typeof import('@aws-sdk/checksums/crc');

async function checksumOf(algorithm: ChecksumAlgorithm, ...pieces: Uint8Array[]): Promise<string> {
  const running = startChecksum(algorithm);
  for (const piece of pieces) running.update(piece);
  return running.digest();
}

const bytes = fc.uint8Array({ maxLength: 3000 });

test.each<[ChecksumAlgorithm, string]>([
  ['CRC32', 'cbf43926'],
  ['CRC32C', 'e3069283'],
  ['CRC64NVME', 'ae8b14860a799888'],
])('%s of a known text', async (algorithm, hex) => {
  const value = await checksumOf(algorithm, Buffer.from('123456789'));
  expect(Buffer.from(value, 'base64').toString('hex')).toBe(hex);
});

test('the CRCs are those of the SDK, whatever the bytes and wherever they are cut', async () => {
  const theirs = { CRC32: library.Crc32, CRC32C: library.Crc32c, CRC64NVME: library.Crc64Nvme };
  const large = randomBytes(500_000);
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 4 }), fc.nat(large.length), async (pieces, cut) => {
      const all = [...pieces, large.subarray(0, cut), large.subarray(cut)];
      for (const [algorithm, Class] of Object.entries(theirs)) {
        const expected = new Class();
        for (const piece of all) expected.update(piece);
        const value = Buffer.from(await expected.digest()).toString('base64');
        expect(await checksumOf(algorithm as ChecksumAlgorithm, ...all)).toBe(value);
      }
    }),
    { numRuns: 20 },
  );
});

describe.each(algorithms)('%s', (algorithm) => {
  test('is the same for a body that comes in pieces, and has its size', async () => {
    await fc.assert(
      fc.asyncProperty(bytes, bytes, async (a, b) => {
        const whole = await checksumOf(algorithm, Buffer.concat([a, b]));
        expect(await checksumOf(algorithm, a, b)).toBe(whole);
        expect(isChecksum(algorithm, whole)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  test('is told from what no checksum of it can be', () => {
    for (const text of ['', 'x', 'AAAA', `${Buffer.alloc(CHECKSUMS[algorithm].size).toString('base64')}=`])
      expect(isChecksum(algorithm, text), text).toBe(false);
  });
});

test.each(algorithms.filter(canCombine))(
  '%s of a whole comes from those of its pieces',
  async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { minLength: 1, maxLength: 5 }), async (pieces) => {
        const parts = await Promise.all(
          pieces.map(async (piece) => ({ checksum: await checksumOf(algorithm, piece), size: piece.length })),
        );
        expect(combineChecksums(algorithm, parts)).toBe(await checksumOf(algorithm, ...pieces));
      }),
      { numRuns: 30 },
    );
  },
);
