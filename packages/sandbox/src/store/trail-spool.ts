import type { Database as LmdbTable } from 'lmdb';
import type { Database } from './database.ts';
import type { Table } from './table.ts';

/** Whose events go into one file: those of a trail, of one account and region. */
export interface SpoolGroup {
  /** ARN of the trail. */
  trail: string;
  account: string;
  region: string;
}

/** Records that are to become part of a file, as JSON with commas between them. */
export interface SpoolChunk {
  text: string;
  /** Times of the first and last event. */
  oldest: number;
  newest: number;
}

/** A file that was delivered, and that the next digest names. */
export interface DeliveredFile {
  bucket: string;
  key: string;
  /** SHA-256 of what is inflated, in hexadecimal. */
  hash: string;
  oldest: number;
  newest: number;
}

/** What is taken off the spool for a file. */
export interface SpoolBatch extends Omit<SpoolChunk, 'text'> {
  keys: string[];
  texts: Buffer[];
}

const TIMES = 16;

export const groupOf = ({ trail, account, region }: SpoolGroup): string => `${trail} ${account} ${region}`;

function parseGroup(name: string): SpoolGroup {
  const [trail = '', account = '', region = ''] = name.split(' ');
  return { trail, account, region };
}

/**
 * Events on their way into the files of trails, and the files that no digest names yet. Memory holds sizes alone, so
 * that it stays as it is however much is waiting.
 */
export class TrailSpool {
  readonly #database: Database;
  readonly #chunks: LmdbTable<Buffer, string>;
  readonly #files: Table<DeliveredFile, string>;
  #sizes: Map<string, number> | undefined;
  #sequence = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#chunks = database.bytesTable('trail-chunks');
    this.#files = database.table('trail-files');
  }

  /** Bytes that wait, by group. */
  get #waiting(): Map<string, number> {
    if (this.#sizes) return this.#sizes;
    const sizes = new Map<string, number>();
    for (const { key, value } of this.#chunks.getRange()) {
      const name = key.slice(0, key.indexOf('\n'));
      sizes.set(name, (sizes.get(name) ?? 0) + value.length);
    }
    this.#sizes = sizes;
    return sizes;
  }

  groups(): SpoolGroup[] {
    return [...this.#waiting.keys()].map((name) => parseGroup(name));
  }

  /** Bytes that wait of a group. */
  size(group: SpoolGroup): number {
    return this.#waiting.get(groupOf(group)) ?? 0;
  }

  /** @throws SandboxError `DiskFull`, `StorageFailed` */
  append(group: SpoolGroup, { text, oldest, newest }: SpoolChunk): void {
    const name = groupOf(group);
    const bytes = Buffer.allocUnsafe(TIMES + Buffer.byteLength(text));
    bytes.writeDoubleBE(oldest, 0);
    bytes.writeDoubleBE(newest, TIMES / 2);
    bytes.write(text, TIMES);
    const key = this.#keyIn(name);
    const waiting = this.#waiting;
    void this.#database.write(bytes.length, () => this.#chunks.put(key, bytes)).catch(() => undefined);
    waiting.set(name, (waiting.get(name) ?? 0) + bytes.length);
  }

  /** The oldest chunks of a group, up to a size in bytes, at least one. Nothing if none wait. */
  peek(group: SpoolGroup, limit: number): SpoolBatch | undefined {
    const batch: SpoolBatch = { keys: [], texts: [], oldest: Infinity, newest: -Infinity };
    let size = 0;
    for (const { key, value } of this.#chunks.getRange(rangeOf(groupOf(group)))) {
      size += value.length;
      if (batch.keys.length > 0 && size > limit) break;
      batch.keys.push(key);
      batch.texts.push(value.subarray(TIMES));
      batch.oldest = Math.min(batch.oldest, value.readDoubleBE(0));
      batch.newest = Math.max(batch.newest, value.readDoubleBE(TIMES / 2));
    }
    return batch.keys.length > 0 ? batch : undefined;
  }

  /** Takes a batch off the spool. @param file What it became, if a digest is to name it. */
  async take(group: SpoolGroup, { keys, texts }: SpoolBatch, file?: DeliveredFile): Promise<void> {
    const name = groupOf(group);
    const put = () =>
      Promise.all([
        ...keys.map((key) => this.#chunks.remove(key)),
        ...(file ? [this.#files.put(this.#keyIn(name), file)] : []),
      ]);
    const size = texts.reduce((sum, text) => sum + text.length + TIMES, 0);
    const left = (this.#waiting.get(name) ?? 0) - size;
    if (left > 0) this.#waiting.set(name, left);
    else this.#waiting.delete(name);
    await this.#database.write(file ? FILE_SIZE : 0, put, { urgent: true });
  }

  /** Files that no digest names yet, oldest first. */
  files(group: SpoolGroup): { key: string; file: DeliveredFile }[] {
    return [...this.#files.entries(rangeOf(groupOf(group)))].map(({ key, value }) => ({ key, file: value }));
  }

  /** Groups that have such files. */
  fileGroups(): SpoolGroup[] {
    const names = new Set<string>();
    for (const { key } of this.#files.entries()) names.add(key.slice(0, key.indexOf('\n')));
    return [...names].map((name) => parseGroup(name));
  }

  async forgetFiles(keys: readonly string[]): Promise<void> {
    const remove = () => Promise.all(keys.map((key) => this.#files.remove(key)));
    await this.#database.write(0, remove, { urgent: true });
  }

  /** Later keys are greater, across restarts too, unless the machine's clock goes back. */
  #keyIn(name: string): string {
    this.#sequence = Math.max(this.#sequence + 1, Date.now() * 1024);
    return `${name}\n${String(this.#sequence).padStart(16, '0')}`;
  }
}

/** Generously. */
const FILE_SIZE = 2048;

const rangeOf = (name: string) => ({ start: `${name}\n`, end: `${name}\n~` });
