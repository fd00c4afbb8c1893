import { fileOf, type Bodies } from './bodies.ts';
import type { Database } from './database.ts';
import type { ObjectRecord } from './records.ts';
import type { Table } from './table.ts';

/** Objects of all buckets, in the byte order of their keys. */
export class Objects {
  readonly #database: Database;
  readonly #bodies: Bodies;
  readonly #records: Table<ObjectRecord, Buffer>;
  /** The last change of each key that is being changed. */
  readonly #changing = new Map<string, Promise<void>>();

  constructor(database: Database, bodies: Bodies) {
    this.#database = database;
    this.#bodies = bodies;
    this.#records = database.orderedTable('objects');
  }

  get(bucket: string, key: string): ObjectRecord | undefined {
    return this.#records.get(address(bucket, key));
  }

  /** Resolves when the object is stored. `bytes` is the body of an object whose body is kept in the table. */
  async put(bucket: string, key: string, record: ObjectRecord, bytes?: Buffer): Promise<void> {
    const at = address(bucket, key);
    const before = this.#records.get(at);
    const size = (bytes?.length ?? 0) + JSON.stringify(record).length * 3;
    let files: string[] = [];
    await this.#database.write(size, () => {
      if (bytes && record.body) this.#bodies.putBytes(record.body.id, bytes);
      files = this.#bodies.remove(before?.body);
      return this.#records.put(at, record);
    });
    await this.#bodies.unlink(files);
  }

  /** Changes what is said of an object whose body stays as it is. */
  async describe(bucket: string, key: string, record: ObjectRecord): Promise<void> {
    const size = JSON.stringify(record).length * 3;
    await this.#database.write(size, () => this.#records.put(address(bucket, key), record));
  }

  async delete(bucket: string, key: string): Promise<void> {
    const at = address(bucket, key);
    const before = this.#records.get(at);
    if (!before) return;
    let files: string[] = [];
    const put = () => {
      files = this.#bodies.remove(before.body);
      return this.#records.remove(at);
    };
    await this.#database.write(0, put, { urgent: true });
    await this.#bodies.unlink(files);
  }

  /** Runs changes of one key one after the other, so that what a change has checked still holds when it writes. */
  async exclusively(bucket: string, key: string, change: () => Promise<void>): Promise<void> {
    const name = `${bucket}/${key}`;
    const before = this.#changing.get(name);
    const done = (before ?? Promise.resolve()).then(change);
    const quiet = done.catch(() => undefined);
    this.#changing.set(name, quiet);
    try {
      await done;
    } finally {
      if (this.#changing.get(name) === quiet) this.#changing.delete(name);
    }
  }

  /** False also while an object is being written. */
  isEmpty(bucket: string): boolean {
    for (const name of this.#changing.keys()) if (name.startsWith(`${bucket}/`)) return false;
    return !this.#records.hasAny(bounds(bucket, ''));
  }

  /** Objects whose keys start with `prefix`, in order, from `from` on (itself included). */
  *scan(bucket: string, prefix: string, from?: Buffer): Generator<{ key: Buffer; record: ObjectRecord }> {
    // LMDB's keys have a limit of their own. No object lies under a longer prefix, or between a longer start and its clip.
    if (Buffer.byteLength(prefix) > LONGEST_KEY) return;
    const { start, end } = bounds(bucket, prefix);
    const first = from ? Buffer.concat([bucketPrefix(bucket), from.subarray(0, LONGEST_KEY + 1)]) : start;
    if (Buffer.compare(first, end) >= 0) return;
    const range = { start: Buffer.compare(first, start) > 0 ? first : start, end };
    for (const { key, value } of this.#records.entries(range))
      yield { key: key.subarray(PREFIX_BYTES), record: value };
  }

  /** Ids of all bodies that are files. */
  *files(): Generator<string> {
    for (const { value } of this.#records.entries()) yield* fileOf(value.body);
  }
}

const PREFIX_BYTES = 8;
/** Of an object's key, in bytes of UTF-8. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export const LONGEST_KEY = 1024;

function bucketPrefix(bucket: string): Buffer {
  return Buffer.from(bucket, 'hex');
}

function address(bucket: string, key: string): Buffer {
  return Buffer.concat([bucketPrefix(bucket), Buffer.from(key)]);
}

function bounds(bucket: string, prefix: string): { start: Buffer; end: Buffer } {
  const start = address(bucket, prefix);
  return { start, end: afterPrefix(start) };
}

/** The first key after all that start with the given bytes. */
export function afterPrefix(prefix: Buffer): Buffer {
  const end = Buffer.from(prefix);
  for (let index = end.length - 1; index >= 0; index--) {
    if (end[index]! < 0xff) {
      end[index]!++;
      return end.subarray(0, index + 1);
    }
  }
  return Buffer.alloc(PREFIX_BYTES + LONGEST_KEY + 1, 0xff);
}
