import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { SandboxError } from '../errors.ts';

/**
 * Keeps space that is already allocated ahead of LMDB's last page, so that a full disk is met here, as a plain error
 * of a plain write, and never inside LMDB: there it rejects promises that nobody holds and damages the heap of the
 * process. LMDB takes no notice of a file that is longer than its pages.
 */
export class Headroom {
  readonly #file: number;
  readonly #usedBytes: () => number;
  #allocated: number;
  #outstanding = 0;

  /**
   * @param path LMDB's data file.
   * @param usedBytes Bytes up to the end of the last page in use.
   */
  constructor(path: string, usedBytes: () => number) {
    this.#file = openSync(path, 'r+');
    this.#usedBytes = usedBytes;
    // A file may be sparse beyond its pages: only what was written here counts as allocated.
    this.#allocated = Math.min(usedBytes(), fstatSync(this.#file).size);
  }

  /**
   * Sets space aside for a write of so many bytes; call the result when it is committed.
   * @param urgent May use what is kept for deletes, which a full disk must not keep from making room.
   * @throws SandboxError `DiskFull`
   */
  reserve(bytes: number, urgent = false): () => void {
    const need = PER_WRITE + 2 * bytes;
    const kept = urgent ? 0 : KEPT_FOR_DELETES;
    if (this.#free() < need + kept) this.#extend(need + kept);
    this.#outstanding += need;
    let released = false;
    return () => {
      if (!released) this.#outstanding -= need;
      released = true;
    };
  }

  close(): void {
    closeSync(this.#file);
  }

  #free(): number {
    return this.#allocated - this.#usedBytes() - this.#outstanding;
  }

  #extend(need: number): void {
    this.#allocated = Math.max(this.#allocated, this.#usedBytes());
    const missing = need - this.#free();
    for (const size of [Math.max(missing, STEP), missing]) {
      try {
        this.#write(Math.ceil(size / ZEROS.length) * ZEROS.length);
        return;
      } catch (cause) {
        // The disk may have room for what is needed now, though not for a whole step.
        if (this.#free() >= need) return;
        if (size === missing)
          throw new SandboxError(
            'DiskFull',
            'the disk that holds the data folder is full',
            'free some space on it; nothing that was stored is lost, and writes work again as soon as there is room',
            { cause },
          );
      }
    }
  }

  #write(bytes: number): void {
    const end = this.#allocated + bytes;
    while (this.#allocated < end)
      this.#allocated += writeSync(
        this.#file,
        ZEROS,
        0,
        Math.min(ZEROS.length, end - this.#allocated),
        this.#allocated,
      );
  }
}

const ZEROS = Buffer.alloc(65_536);
/** What one write may dirty besides its value: a path of pages in each of its tables. */
const PER_WRITE = 131_072;
const KEPT_FOR_DELETES = 1_048_576;
const STEP = 4_194_304;
