import { write, writeSync } from 'node:fs';
import type { Crc } from '../checksums/crc.ts';
import { fileError } from './file-error.ts';
import type { FilePace } from './file-pace.ts';

/** Writes consecutive bytes into an open file from one position on. */
export class RangeWriter {
  readonly #file: number;
  readonly #path: string;
  readonly #crc: Crc;
  readonly #pace: FilePace;
  #position: number;

  constructor(file: number, path: string, position: number, crc: Crc, pace: FilePace) {
    this.#file = file;
    this.#path = path;
    this.#position = position;
    this.#crc = crc;
    this.#pace = pace;
  }

  /** Rejects with an `AccessError`; undefined where it is done at once, while the bytes are in the processor's cache. */
  add(chunk: Buffer): Promise<void> | undefined {
    const position = this.#position;
    this.#position += chunk.length;
    this.#crc.update(chunk);
    let done = 0;
    try {
      done = this.#pace.atOnce(() => writeSync(this.#file, chunk, 0, chunk.length, position)) ?? 0;
    } catch (error) {
      return Promise.reject(fileError(error, this.#path) as Error);
    }
    return done === chunk.length ? undefined : this.#addFrom(done, chunk, position);
  }

  #addFrom(done: number, chunk: Buffer, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      // The kernel may take less than it is given.
      const go = (at: number) =>
        write(this.#file, chunk, at, chunk.length - at, position + at, (error, written) => {
          if (error) reject(fileError(error, this.#path) as Error);
          else if (at + written < chunk.length) go(at + written);
          else resolve();
        });
      go(done);
    });
  }
}
