import { randomFillSync } from 'node:crypto';

const POOL = 4096;
let pool = Buffer.alloc(0);

/**
 * Bytes from the system's generator, which is asked for many at once: to ask for each few alone shows in the profile of
 * every small request. Nobody gets the same bytes twice.
 * @param length In bytes, few.
 */
export function fewRandomBytes(length: number): Buffer {
  // A new pool each time: what was handed out is not written over.
  if (pool.length < length) pool = randomFillSync(Buffer.allocUnsafeSlow(Math.max(POOL, length)));
  const bytes = pool.subarray(0, length);
  pool = pool.subarray(length);
  return bytes;
}
