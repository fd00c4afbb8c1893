import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { diskFull } from './storage-errors.ts';

/**
 * Keeps space that is already allocated ahead of LMDB's last page, so that a full disk is met here, as a plain error
 * of a plain write, and never inside LMDB: there it rejects promises that nobody holds and damages the heap of the
 * process. LMDB takes no notice of a file that is longer than its pages.
 */
export class Headroom {
  readonly #file: number;
  readonly #usedBytes: () => number;
  readonly #reusableBytes: () => number;
  #allocated: number;
  #outstanding = 0;
  /**
   * Free for certain, without asking LMDB, which takes longer than a small write: what was free when it was asked last,
   * less all that was reserved since, be it committed or not.
   */
  #certain = 0;

  /**
   * @param path LMDB's data file.
   * @param usedBytes Bytes up to the end of the last page in use.
   * @param reusableBytes Bytes of the pages before it that deletes have left: LMDB takes them first, where they fit.
   */
  constructor(path: string, usedBytes: () => number, reusableBytes: () => number) {
    this.#file = openSync(path, 'r+');
    this.#usedBytes = usedBytes;
    this.#reusableBytes = reusableBytes;
    // A file may be sparse beyond its pages: only what was written here counts as allocated.
    this.#allocated = Math.min(usedBytes(), fstatSync(this.#file).size);
  }

  /**
   * Sets space aside for a write of so many bytes; call the result when it is committed.
   * @param urgent May use what is kept for deletes, which a full disk must not keep from making room.
   * @param pages What it may dirty besides its value.
   * @throws SandboxError `DiskFull`
   */
  reserve(bytes: number, urgent = false, pages = PER_WRITE): () => void {
    const need = pages + 2 * bytes;
    const kept = urgent ? 0 : KEPT_FOR_DELETES;
    if (this.#certain < need + kept) {
      const problem = this.#free() < need + kept ? this.#extend(need + kept) : undefined;
      if (problem !== undefined && !this.#fitsBefore(need, kept)) throw diskFull(problem);
      this.#certain = this.#free();
    }
    this.#certain -= need;
    this.#outstanding += need;
    let released = false;
    return () => {
      if (!released) this.#outstanding -= need;
      released = true;
    };
  }

  /**
   * Sees whether there is space for a write of so many bytes.
   * @throws SandboxError `DiskFull`
   */
  require(bytes: number, urgent: boolean): void {
    this.reserve(bytes, urgent)();
    // Nothing was written.
    this.#certain += PER_WRITE + 2 * bytes;
  }

  close(): void {
    closeSync(this.#file);
  }

  #free(): number {
    return this.#allocated - this.#usedBytes() - this.#outstanding;
  }

  /** Whether a write fits into what deletes have left, and half of what is kept for deletes stays if it does not. */
  #fitsBefore(need: number, kept: number): boolean {
    if (this.#free() < need + kept / 2) return false;
    return this.#reusableBytes() - this.#outstanding >= need + kept;
  }

  /** Allocates what is missing; gives the disk's error if it has no room. */
  #extend(need: number): unknown {
    this.#allocated = Math.max(this.#allocated, this.#usedBytes());
    const missing = need - this.#free();
    let problem: unknown;
    for (const size of [Math.max(missing, STEP), missing]) {
      try {
        this.#write(Math.ceil(size / ZEROS.length) * ZEROS.length);
        return undefined;
      } catch (error) {
        // The disk may have room for what is needed now, though not for a whole step.
        if (this.#free() >= need) return undefined;
        problem = error;
      }
    }
    return problem;
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
