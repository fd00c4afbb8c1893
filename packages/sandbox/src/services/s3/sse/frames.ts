import { createCipheriv, createDecipheriv, type CipherGCM } from 'node:crypto';
import { leave } from '../../../left-pieces.ts';
import type { ByteRange } from '../ranges.ts';

// A body is encrypted in frames of a fixed size, each with AES-256-GCM under the object's own key: so that it streams,
// that a range is read without what is before it, and that no byte is handed out before its frame is authenticated.
// A frame's nonce is its number; that it is the last is authenticated with it, so that none can be cut off.

/** Bytes of plaintext in each frame but the last. */
export const FRAME = 65_536;
const TAG = 16;
/** Bytes of a whole frame as it is stored. */
export const STORED_FRAME = FRAME + TAG;

/** Encrypts a body piece by piece. */
export class FrameSealer {
  readonly #key: Buffer;
  readonly #size: number;
  #done = 0;
  #cipher: CipherGCM | undefined;

  /** @param size Of the whole body, in bytes. */
  constructor(key: Buffer, size: number) {
    this.#key = key;
    this.#size = size;
  }

  /** Takes more of the body and gives what there is of it, encrypted. All must come, and no more. */
  push(bytes: Buffer): Buffer[] {
    const output: Buffer[] = [];
    let rest = bytes;
    while (rest.length > 0) {
      const index = Math.floor(this.#done / FRAME);
      const end = Math.min((index + 1) * FRAME, this.#size);
      this.#cipher ??= cipherOf(this.#key, index, end === this.#size);
      const part = rest.subarray(0, end - this.#done);
      output.push(this.#cipher.update(part));
      rest = rest.subarray(part.length);
      this.#done += part.length;
      if (this.#done < end) continue;
      this.#cipher.final();
      output.push(this.#cipher.getAuthTag());
      this.#cipher = undefined;
    }
    return output;
  }
}

/** Encrypts a body whose size shows at its end: a frame is held back until it is known whether it is the last. */
export class UnsizedFrameSealer {
  readonly #key: Buffer;
  #held: Buffer = Buffer.alloc(0);
  #index = 0;

  constructor(key: Buffer) {
    this.#key = key;
  }

  /** Takes more of the body and gives what there is of it, encrypted. */
  push(bytes: Buffer): Buffer[] {
    const output: Buffer[] = [];
    this.#held = Buffer.concat([this.#held, bytes]);
    while (this.#held.length > FRAME) {
      output.push(...this.#seal(this.#held.subarray(0, FRAME), false));
      this.#held = this.#held.subarray(FRAME);
    }
    return output;
  }

  /** The last frame; there must have been a byte. */
  finish(): Buffer[] {
    return this.#seal(this.#held, true);
  }

  #seal(frame: Buffer, isLast: boolean): Buffer[] {
    const cipher = cipherOf(this.#key, this.#index++, isLast);
    const sealed = cipher.update(frame);
    cipher.final();
    return [sealed, cipher.getAuthTag()];
  }
}

/** Where the frames of a range are, in the body as it is stored. */
export function storedRange(size: number, { first, last }: ByteRange): ByteRange {
  const frames = Math.ceil(size / FRAME);
  const until = Math.floor(last / FRAME) + 1;
  return {
    first: Math.floor(first / FRAME) * STORED_FRAME,
    last: Math.min(until * STORED_FRAME, size + frames * TAG) - 1,
  };
}

/**
 * Decrypts the frames of a range.
 * @param stored From the range's first frame on, as `storedRange` says. A piece that is whole frames is not looked at
 *   again once the next is asked for.
 * @param size Of the whole body.
 * @throws Error where a frame is not what was stored.
 */
export async function* openFrames(
  stored: AsyncIterable<Buffer> | Iterable<Buffer>,
  key: Buffer,
  size: number,
  range: ByteRange,
): AsyncGenerator<Buffer> {
  let index = Math.floor(range.first / FRAME);
  let held: Buffer = Buffer.alloc(0);
  for await (const bytes of stored) {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
    for (;;) {
      const length = lengthOf(index, size);
      if (length === 0 || held.length < length + TAG) break;
      yield within(openFrame(held.subarray(0, length + TAG), key, index, size), index, range);
      held = held.subarray(length + TAG);
      index += 1;
      leave(length);
    }
  }
  if (index * FRAME <= range.last && range.last < size)
    throw new Error('the body as it is stored ends early');
}

/** Decrypts a range of a body of one frame. */
export function openWhole(stored: Buffer, key: Buffer, size: number, range: ByteRange): Buffer {
  return within(openFrame(stored, key, 0, size), 0, range);
}

function openFrame(stored: Buffer, key: Buffer, index: number, size: number): Buffer {
  const length = lengthOf(index, size);
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(index), { authTagLength: TAG });
  decipher.setAAD(markOf((index + 1) * FRAME >= size));
  decipher.setAuthTag(stored.subarray(length, length + TAG));
  const opened = decipher.update(stored.subarray(0, length));
  // Throws where the frame is not authentic; there is no more to it.
  decipher.final();
  return opened;
}

function lengthOf(index: number, size: number): number {
  return Math.max(0, Math.min(FRAME, size - index * FRAME));
}

function within(frame: Buffer, index: number, { first, last }: ByteRange): Buffer {
  const start = index * FRAME;
  return frame.subarray(Math.max(0, first - start), last + 1 - start);
}

function cipherOf(key: Buffer, index: number, isLast: boolean): CipherGCM {
  const cipher = createCipheriv('aes-256-gcm', key, nonceOf(index));
  cipher.setAAD(markOf(isLast));
  return cipher;
}

/** Numbers serve as nonces, since no key encrypts more than one body. */
function nonceOf(index: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(index), 4);
  return nonce;
}

const markOf = (isLast: boolean): Buffer => Buffer.from([isLast ? 1 : 0]);
