import { createHash } from 'node:crypto';
import { ThreadHash, type ThreadAlgorithm } from './hash-thread.ts';

/** A hash of a body that is computed while the body comes. */
export interface BodyHash {
  /** What it gives is to be awaited before the next. */
  update(bytes: Uint8Array): Promise<void> | undefined;
  /** In hexadecimal. */
  digest(): Promise<string> | string;
  /** Call instead of `digest` where nobody wants it. */
  forget(): Promise<void> | undefined;
}

/** Bodies that are worth another thread, in bytes. */
const LARGE = 1_048_576;

/** @param length Of the body, if it is known. */
export function startBodyHash(algorithm: ThreadAlgorithm, length: number | undefined): BodyHash {
  if (length === undefined || length >= LARGE) return new ThreadHash(algorithm);
  const hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest('hex'),
    forget: () => undefined,
  };
}
