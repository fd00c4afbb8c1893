import { createHmac, hash, timingSafeEqual } from 'node:crypto';

export const HEX = /^[0-9a-f]{64}$/;

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

const ours = Buffer.alloc(64);
const theirs = Buffer.alloc(64);

/** Whether two texts are the same 64 hexadecimal digits, in a time that does not depend on where they differ. */
export function sameHex(a: string, b: string): boolean {
  if (!HEX.test(a) || !HEX.test(b)) return false;
  ours.write(a, 'latin1');
  theirs.write(b, 'latin1');
  return timingSafeEqual(ours, theirs);
}
