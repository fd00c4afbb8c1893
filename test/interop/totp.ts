import { createHmac } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * The code that an authenticator app shows, by its own reckoning.
 * @param seed In base 32, as CreateVirtualMFADevice gives it.
 * @param time Milliseconds since 1970.
 */
export function codeOf(seed: string, time: number): string {
  const bits = [...seed]
    .map((character) => ALPHABET.indexOf(character).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeUInt32BE(Math.floor(time / 30_000), 4);
  const hash = createHmac('sha1', key).update(counter).digest();
  const value = hash.readUInt32BE(hash.at(-1)! % 16) % 2 ** 31;
  return String(value % 1_000_000).padStart(6, '0');
}
