import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineCrc, crcOf, decodeCrc, encodeCrc, openCrc, type CrcName } from './crc.ts';

const NAMES: CrcName[] = ['CRC64NVME', 'CRC32', 'CRC32C'];
const digits = Buffer.from('123456789');

// The check values by which these checksums are told apart.
test.each<[CrcName, bigint]>([
  ['CRC64NVME', 0xae8b_1486_0a79_9888n],
  ['CRC32', 0xcbf4_3926n],
  ['CRC32C', 0xe306_9283n],
])('%s of the digits 1 to 9', (name, value) => {
  expect(crcOf(name, digits)).toBe(value);
  expect(crcOf(name, new Uint8Array())).toBe(0n);
  expect(decodeCrc(name, encodeCrc(name, value))).toBe(value);
});

test.each(NAMES)('%s of bytes in pieces, and put together from its pieces', (name) => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 100 }), { maxLength: 6 });
  fc.assert(
    fc.property(pieces, (list) => {
      const whole = crcOf(name, Buffer.concat(list));
      const running = openCrc(name);
      for (const piece of list) running.update(piece);
      expect(running.value).toBe(whole);
      const combined = list.reduce(
        (sum, piece) => combineCrc(name, sum, crcOf(name, piece), piece.length),
        0n,
      );
      expect(combined).toBe(whole);
    }),
  );
});

test.each(NAMES)('%s of more than the engine takes at once', (name) => {
  const bytes = Buffer.alloc(400_001, 'crossbucket');
  const half = 123_457;
  const rest = bytes.subarray(half);
  const combined = combineCrc(name, crcOf(name, bytes.subarray(0, half)), crcOf(name, rest), rest.length);
  expect(combined).toBe(crcOf(name, bytes));
});

test('what is no checksum of the kind is none', () => {
  expect(decodeCrc('CRC64NVME', encodeCrc('CRC32', 1n))).toBeUndefined();
  expect(decodeCrc('CRC32', 'nonsense')).toBeUndefined();
});
