import { createHash, hash as hashOf } from 'node:crypto';
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

/** Bodies that come in one piece, mostly, in bytes. */
const SMALL = 65_536;
/** Bodies that are worth another thread, in bytes. */
const LARGE = 1_048_576;

/** @param length Of the body, if it is known. */
export function startBodyHash(algorithm: ThreadAlgorithm, length: number | undefined): BodyHash {
  if (length === undefined || length >= LARGE) return new ThreadHash(algorithm);
  if (length <= SMALL) return new SmallHash(algorithm);
  const hash = createHash(algorithm);
  return {
    update: (bytes) => void hash.update(bytes),
    digest: () => hash.digest('hex'),
    forget: () => undefined,
  };
}

/** To hash one piece in one go takes half as long as to begin a hash, feed and end it. */
class SmallHash implements BodyHash {
  readonly #algorithm: ThreadAlgorithm;
  readonly #pieces: Uint8Array[] = [];

  constructor(algorithm: ThreadAlgorithm) {
    this.#algorithm = algorithm;
  }

  update(bytes: Uint8Array): undefined {
    this.#pieces.push(bytes);
  }

  digest(): string {
    const [first, ...others] = this.#pieces;
    const whole = first && others.length === 0 ? first : Buffer.concat(this.#pieces);
    return hashOf(this.#algorithm, whole, 'hex');
  }

  forget(): undefined {}
}
