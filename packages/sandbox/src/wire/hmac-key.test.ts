import { createHmac } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HmacKey } from './hmac-key.ts';

test('its codes are those of node', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ maxLength: 20 }).map((part) => part.repeat(700)),
  );
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 64 }),
      fc.array(text, { minLength: 1, maxLength: 4 }),
      (key, texts) => {
        const own = new HmacKey(key);
        for (const message of texts) {
          const theirs = createHmac('sha256', key).update(message, 'utf8').digest();
          expect(own.hex(message)).toBe(theirs.toString('hex'));
          expect(own.base64(message)).toBe(theirs.toString('base64'));
          const sealed = Buffer.from(`${' '.repeat(33)}${message}`);
          own.writeCode(sealed, 33);
          expect(sealed.subarray(0, 32).equals(theirs)).toBe(true);
          expect(sealed[32]).toBe(32);
        }
      },
    ),
  );
});

test('a key longer than a block is refused', () => {
  expect(() => new HmacKey(Buffer.alloc(65))).toThrow(RangeError);
});
