import { hash } from 'node:crypto';

const BLOCK = 64;
const DIGEST = 32;
const LONGEST_SHARED = 4096;
/** The inner message of the call that is being made: nothing runs between filling and hashing it. */
const shared = Buffer.allocUnsafeSlow(BLOCK + LONGEST_SHARED);

/**
 * HMAC-SHA-256 (RFC 2104) under a key that is used over and over: two hashes in one go each, where an Hmac object of
 * node's is made, filled, read and collected for every signature.
 */
export class HmacKey {
  readonly #inner = Buffer.alloc(BLOCK, 0x36);
  readonly #outer = Buffer.alloc(BLOCK + DIGEST, 0x5c);

  /** @param key At most 64 bytes. */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK) throw new RangeError('an HMAC key longer than a block must be hashed first');
    for (const [index, byte] of key.entries()) {
      this.#inner[index]! ^= byte;
      this.#outer[index]! ^= byte;
    }
  }

  /** The code of a text in UTF-8, as 64 hexadecimal digits. */
  hex(text: string): string {
    return this.#digest(text, 'hex');
  }

  hexOfBytes(bytes: Uint8Array): string {
    const message = bytes.length <= LONGEST_SHARED ? shared : Buffer.allocUnsafe(BLOCK + bytes.length);
    message.set(bytes, BLOCK);
    return this.#digestOf(message, bytes.length, 'hex');
  }

  /** Writes the code of what follows the first so many bytes, which are at least 32, to the beginning. */
  writeCode(message: Buffer, from: number): void {
    const length = message.length - from;
    const inner = length <= LONGEST_SHARED ? shared : Buffer.allocUnsafe(BLOCK + length);
    message.copy(inner, BLOCK, from);
    message.write(this.#digestOf(inner, length, 'binary'), 'latin1');
  }

  base64(text: string): string {
    return this.#digest(text, 'base64');
  }

  #digest(text: string, encoding: 'hex' | 'base64'): string {
    const longest = text.length * 3;
    const message = longest <= LONGEST_SHARED ? shared : Buffer.allocUnsafe(BLOCK + longest);
    return this.#digestOf(message, message.write(text, BLOCK, 'utf8'), encoding);
  }

  /** @param message With room for a block in front. */
  #digestOf(message: Buffer, length: number, encoding: 'hex' | 'base64' | 'binary'): string {
    message.set(this.#inner);
    const digest = hash('sha256', message.subarray(0, BLOCK + length), 'binary');
    this.#outer.write(digest, BLOCK, 'latin1');
    return hash('sha256', this.#outer, encoding);
  }
}
