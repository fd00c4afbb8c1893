import { writev } from 'node:fs';
import type { Crc } from '../checksums/crc.ts';
import { fileError } from './file-error.ts';

/** Fewer, larger writes: each is a trip through the thread pool. */
const GATHERED = 1024 * 1024;

/** Writes consecutive bytes into an open file from one position on. */
export class RangeWriter {
  readonly #file: number;
  readonly #path: string;
  readonly #crc: Crc;
  #position: number;
  #chunks: Buffer[] = [];
  #gathered = 0;

  constructor(file: number, path: string, position: number, crc: Crc) {
    this.#file = file;
    this.#path = path;
    this.#position = position;
    this.#crc = crc;
  }

  add(chunk: Buffer): Promise<void> | undefined {
    this.#crc.update(chunk);
    this.#chunks.push(chunk);
    this.#gathered += chunk.length;
    return this.#gathered >= GATHERED ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    let chunks = this.#chunks;
    this.#chunks = [];
    this.#gathered = 0;
    while (chunks.length > 0) {
      const written = await writeAt(this.#file, chunks, this.#position, this.#path);
      this.#position += written;
      chunks = after(chunks, written);
    }
  }
}

function writeAt(file: number, chunks: Buffer[], position: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(file, chunks, position, (error, written) => {
      if (error) reject(fileError(error, path) as Error);
      else resolve(written);
    });
  });
}

/** What is left when so many bytes are gone: the kernel may take less than it was given. */
function after(chunks: Buffer[], bytes: number): Buffer[] {
  let gone = bytes;
  const first = chunks.findIndex((chunk) => {
    if (gone < chunk.length) return true;
    gone -= chunk.length;
    return false;
  });
  if (first === -1) return [];
  return [chunks[first]!.subarray(gone), ...chunks.slice(first + 1)];
}
