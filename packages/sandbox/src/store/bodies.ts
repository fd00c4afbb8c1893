import type { Database as LmdbTable } from 'lmdb';
import type { Readable } from 'node:stream';
import { Recent } from '../recent.ts';
import type { Blobs } from './blobs.ts';
import type { Database } from './database.ts';
import type { BodyRecord, StoredPart } from './records.ts';
import type { Table } from './table.ts';

/** What goes into tables in one write with the record that refers to it. */
export interface TableWrite {
  /** Size of what is written. */
  bytes: number;
  /** @returns Files to be unlinked once the write is stored. */
  write(): string[];
}

/** Lists of parts that are kept in memory: whoever reads an object by ranges asks for the same one again and again. */
const KEPT_LISTS = 64;

/**
 * Bodies of objects and of parts of uploads: small ones in a table, large ones in files, and what was uploaded in
 * parts as a list of such. A body never changes: another content is another body.
 */
export class Bodies {
  readonly #blobs: Blobs;
  readonly #bytes: LmdbTable<Buffer, string>;
  readonly #lists: Table<StoredPart[], string>;
  readonly #kept = new Recent<readonly StoredPart[]>(KEPT_LISTS);

  constructor(database: Database, blobs: Blobs) {
    this.#blobs = blobs;
    this.#bytes = database.bytesTable('bodies');
    this.#lists = database.table('part-lists');
  }

  /** Within a write of the database. */
  putBytes(id: string, bytes: Buffer): void {
    void this.#bytes.put(id, bytes);
  }

  /** Within a write of the database. */
  putParts(id: string, parts: StoredPart[]): void {
    void this.#lists.put(id, parts);
  }

  /** The parts of a body that is a list of them, in order. */
  parts(id: string): readonly StoredPart[] {
    const kept = this.#kept.get(id);
    if (kept) return kept;
    const parts = this.#lists.get(id) ?? [];
    this.#kept.set(id, parts);
    return parts;
  }

  /**
   * Takes a body out of the tables, within a write of the database.
   * @returns What `unlink` is to remove once that write is stored.
   */
  remove(body: BodyRecord | undefined): string[] {
    switch (body?.place) {
      case undefined:
        return [];
      case 'table':
        void this.#bytes.remove(body.id);
        return [];
      case 'file':
        return [body.id];
      case 'parts': {
        const files = this.parts(body.id).flatMap((part) => this.remove(part.body));
        void this.#lists.remove(body.id);
        this.#kept.delete(body.id);
        return files;
      }
    }
  }

  /** Removes files that `remove` has named. */
  async unlink(files: readonly string[]): Promise<void> {
    for (const id of files) await this.#blobs.remove(id);
  }

  /**
   * The bytes of a body that is no list of parts, as they are stored.
   * @param range First and last byte of what is stored, both included.
   * @param step Bytes that are read at once from a file.
   */
  read(
    body: BodyRecord | undefined,
    range?: { first: number; last: number },
    step?: number,
  ): Buffer | Readable {
    if (!body) return Buffer.alloc(0);
    if (body.place === 'file') return this.#blobs.read(body.id, range, step);
    const bytes = this.#bytes.get(body.id) ?? Buffer.alloc(0);
    return range ? bytes.subarray(range.first, range.last + 1) : bytes;
  }

  /**
   * The bytes of a body that is a file, and that the caller holds, piece by piece. A piece is overwritten after the next.
   * @param range First and last byte of what is stored, both included.
   * @param step Bytes of each piece but the last.
   */
  pieces(body: BodyRecord, range: { first: number; last: number }, step: number): AsyncGenerator<Buffer> {
    return this.#blobs.pieces(body.id, range, step);
  }

  /** Keeps the files of bodies until the result is called, though their object may be deleted meanwhile. */
  hold(parts: readonly Pick<StoredPart, 'body'>[]): () => void {
    return this.#blobs.hold(parts.flatMap(({ body }) => fileOf(body)));
  }

  /** Ids of the files that lists of parts name. */
  *listedFiles(): Generator<string> {
    for (const { value } of this.#lists.entries()) for (const { body } of value) yield* fileOf(body);
  }
}

export function fileOf(body: BodyRecord | undefined): string[] {
  return body?.place === 'file' ? [body.id] : [];
}
