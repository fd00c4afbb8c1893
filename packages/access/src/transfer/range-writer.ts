import { write } from 'node:fs';
import type { Crc } from '../checksums/crc.ts';
import { fileError } from './file-error.ts';

/** Writes consecutive bytes into an open file from one position on. */
export class RangeWriter {
  readonly #file: number;
  readonly #path: string;
  readonly #crc: Crc;
  #position: number;

  constructor(file: number, path: string, position: number, crc: Crc) {
    this.#file = file;
    this.#path = path;
    this.#position = position;
    this.#crc = crc;
  }

  /** Rejects with an `AccessError`. */
  add(chunk: Buffer): Promise<void> {
    const position = this.#position;
    this.#position += chunk.length;
    this.#crc.update(chunk);
    return new Promise((resolve, reject) => {
      // The kernel may take less than it is given.
      const go = (at: number) =>
        write(this.#file, chunk, at, chunk.length - at, position + at, (error, written) => {
          if (error) reject(fileError(error, this.#path) as Error);
          else if (at + written < chunk.length) go(at + written);
          else resolve();
        });
      go(0);
    });
  }
}
