import { createHash } from 'node:crypto';
import type { SourceFile } from '../sources/source.ts';

/**
 * Which files of a listing were not read before, or have changed since. Of each file eight bytes are kept, and of those that
 * are no longer listed nothing.
 */
export class NewFiles {
  #known = new Set<bigint>();

  async *of(listing: AsyncIterable<SourceFile>): AsyncGenerator<SourceFile> {
    const listed = new Set<bigint>();
    for await (const file of listing) {
      const mark = markOf(file);
      listed.add(mark);
      if (!this.#known.has(mark)) yield file;
    }
    for (const mark of this.#known) if (!listed.has(mark)) this.#known.delete(mark);
  }

  /** From now on it is no new one, until it changes. */
  markAsRead(file: SourceFile): void {
    this.#known.add(markOf(file));
  }
}

const markOf = ({ key, stamp }: SourceFile): bigint =>
  createHash('sha256').update(`${key}\n${stamp}`).digest().readBigUInt64LE();
