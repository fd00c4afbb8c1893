import { randomBytes } from 'node:crypto';
import { fileOf, type Bodies, type TableWrite } from './bodies.ts';
import type { Database } from './database.ts';
import { address, afterPrefix, LONGEST_KEY } from './object-keys.ts';
import type { PartRecord, StoredPart, UploadRecord } from './records.ts';
import type { Table } from './table.ts';
import { Turns } from './turns.ts';

/** Uploads in parts that are under way, in the byte order of their keys, then in the order in which they began. */
export class Uploads {
  readonly #database: Database;
  readonly #bodies: Bodies;
  readonly #records: Table<UploadRecord, Buffer>;
  /** By upload and number: `ID/00001`. */
  readonly #parts: Table<PartRecord, string>;
  readonly #turns = new Turns();

  constructor(database: Database, bodies: Bodies) {
    this.#database = database;
    this.#bodies = bodies;
    this.#records = database.orderedTable('uploads');
    this.#parts = database.table('upload-parts');
  }

  get(bucket: string, key: string, id: string): UploadRecord | undefined {
    return ID.test(id) ? this.#records.get(addressOf(bucket, key, id)) : undefined;
  }

  async begin(record: UploadRecord): Promise<void> {
    const at = addressOf(record.bucket, record.key, record.id);
    await this.#database.write(sizeOf(record), () => this.#records.put(at, record));
  }

  /** Changes of one upload, one after the other. */
  exclusively(id: string, change: () => Promise<void>): Promise<void> {
    return this.#turns.take(id, change);
  }

  /** Adds a part, in place of an earlier one of its number. `bytes` is a body that is kept in the table. */
  async putPart(id: string, part: PartRecord, bytes?: Buffer): Promise<void> {
    const at = partAddress(id, part.number);
    const before = this.#parts.get(at);
    let files: string[] = [];
    await this.#database.write(sizeOf(part) + (bytes?.length ?? 0), () => {
      if (bytes && part.body) this.#bodies.putBytes(part.body.id, bytes);
      files = this.#bodies.remove(before?.body);
      return this.#parts.put(at, part);
    });
    await this.#bodies.unlink(files);
  }

  /** The parts of an upload in order, those after a number. */
  *parts(id: string, after = 0): Generator<PartRecord> {
    const range = { start: partAddress(id, after + 1), end: partAddress(id, LAST_PART + 1) };
    for (const { value } of this.#parts.entries(range)) yield value;
  }

  /** Ends an upload, and what was uploaded is gone. */
  async abort(upload: UploadRecord): Promise<void> {
    const end = this.#end(upload, new Set());
    let files: string[] = [];
    await this.#database.write(
      0,
      () => {
        files = end();
        return this.#records.remove(addressOf(upload.bucket, upload.key, upload.id));
      },
      { urgent: true },
    );
    await this.#bodies.unlink(files);
  }

  /** Ends an upload with the write of the object that its parts become, whose body is a list of the upload's id. */
  completion(upload: UploadRecord, parts: readonly PartRecord[]): TableWrite {
    const end = this.#end(upload, new Set(parts.map(({ number }) => number)));
    const list = parts.map((part) => asListed(part, upload.checksum.asked));
    return {
      bytes: parts.length * BYTES_OF_LISTED_PART,
      write: () => {
        this.#bodies.putParts(upload.id, list);
        void this.#records.remove(addressOf(upload.bucket, upload.key, upload.id));
        return end();
      },
    };
  }

  /** Takes an upload's parts out of the tables, and the bodies of those that are not to be kept. */
  #end(upload: UploadRecord, kept: ReadonlySet<number>): () => string[] {
    const parts = [...this.parts(upload.id)];
    return () =>
      parts.flatMap(({ number, body }) => {
        void this.#parts.remove(partAddress(upload.id, number));
        return kept.has(number) ? [] : this.#bodies.remove(body);
      });
  }

  /** Uploads of keys that start with `prefix`, in order, from a position on. */
  *scan(
    bucket: string,
    prefix: string,
    from?: UploadPosition,
  ): Generator<{ key: Buffer; upload: UploadRecord }> {
    if (Buffer.byteLength(prefix) > LONGEST_KEY) return;
    const start = address(bucket, prefix);
    const end = afterPrefix(start);
    const place = from && placeOf(bucket, from);
    if (place && Buffer.compare(place, end) >= 0) return;
    const range = { start: place && Buffer.compare(place, start) > 0 ? place : start, end };
    for (const { value } of this.#records.entries(range))
      yield { key: Buffer.from(value.key), upload: value };
  }

  /** Ends all uploads of a bucket. */
  async abortAll(bucket: string): Promise<void> {
    const uploads = Array.from(this.scan(bucket, ''));
    for (const { upload } of uploads) await this.exclusively(upload.id, () => this.abort(upload));
  }

  /** Ids of all bodies of parts that are files. */
  *files(): Generator<string> {
    for (const { value } of this.#parts.entries()) yield* fileOf(value.body);
  }
}

/** Where a listing of uploads goes on: at a key, behind one of its uploads. */
export interface UploadPosition {
  key: Buffer;
  /** Of the last upload that was listed; without it, the key's uploads are listed from the first. */
  after?: string;
}

/** Above every upload's id. */
export const LAST_UPLOAD = '~';

function placeOf(bucket: string, { key, after }: UploadPosition): Buffer {
  const place = address(bucket, key.subarray(0, LONGEST_KEY + 1));
  return after === undefined
    ? place
    : Buffer.concat([place, Buffer.from(`\0${after.slice(0, ID_LENGTH)}\0`)]);
}

/** Of parts. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const LAST_PART = 10_000;

const ID = /^[0-9a-f]{64}$/;
const ID_LENGTH = 64;
const BYTES_OF_LISTED_PART = 256;

let begun = 0;

/** A new upload's id: of two, the one that began later is greater. */
export function newUploadId(now: number): string {
  begun = (begun + 1) % 65_536;
  return (
    now.toString(16).padStart(12, '0') + begun.toString(16).padStart(4, '0') + randomBytes(24).toString('hex')
  );
}

/** Where an upload's record is, and where those after it begin: ids have all one length, whatever the key has in it. */
function addressOf(bucket: string, key: string, id: string): Buffer {
  return Buffer.concat([address(bucket, key), Buffer.from(`\0${id}`)]);
}

const asListed = ({ size, body, checksum }: PartRecord, withChecksum: boolean): StoredPart => ({
  size,
  ...(body && { body }),
  ...(withChecksum && checksum && { checksum }),
});

function partAddress(id: string, number: number): string {
  return `${id}/${String(number).padStart(5, '0')}`;
}

/** Generously: a record is mostly text, at most three bytes a character. */
function sizeOf(record: object): number {
  return JSON.stringify(record).length * 3;
}
