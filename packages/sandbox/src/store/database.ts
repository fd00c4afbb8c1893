import { join } from 'node:path';
import { createRequire } from 'node:module';
import type { Database as LmdbTable, DatabaseOptions, Key, RootDatabase } from 'lmdb';
import { SandboxError } from '../errors.ts';
import { makeFolder } from './data-folder.ts';
import { requireDatabaseFile } from './database-file.ts';
import { Headroom } from './headroom.ts';
import { notWritable } from './storage-errors.ts';
import { Table } from './table.ts';

// Its one file for `require` loads in two thirds of the time of its modules.
const { open } = createRequire(import.meta.url)('lmdb') as typeof import('lmdb');

/**
 * Written into every data folder; a folder of another format is refused, never misread. Since the second, bodies are
 * encrypted; since the third, records are JSON; since the fourth, objects have versions. What is in an older folder
 * stays as it is until it is written again, and the folder gets this number, so that older programs leave it alone.
 */
export const FORMAT = 4;
const READABLE: ReadonlySet<unknown> = new Set([1, 2, 3, FORMAT]);

/** The sandbox's LMDB environment: tables, and the one way to write to them. */
export class Database {
  readonly #root: RootDatabase;
  readonly #headroom: Headroom;
  readonly #tables = new Set<{ getStats(): unknown }>();
  readonly #meta: LmdbTable<unknown, string>;
  readonly #durable: boolean;
  #failure: unknown;
  /** Writes under way that `settled` waits for, and those whose callers do. */
  readonly #pending = new Set<Promise<void>>();
  readonly #awaited = new Set<Promise<void>>();
  /** While writes are queued that are made in one turn. */
  #isBulk = false;
  /** Writes of a temporary folder that are made together. */
  #together: Together | undefined;

  /**
   * @param durable Whether an acknowledged write must survive the machine's end: false for a temporary folder.
   * @throws SandboxError `DataFolderNotWritable`, `DataFolderFormat`, `DataFolderDamaged`
   */
  constructor(folder: string, durable: boolean) {
    const state = join(folder, 'state');
    this.#durable = durable;
    try {
      // Of its own mode: the data folder may have been there before, open to everyone.
      makeFolder(state);
      requireDatabaseFile(join(state, 'data.mdb'));
      this.#root = open({
        path: state,
        noSubdir: false,
        maxDbs: 64,
        noSync: !durable,
        // A commit resolves after its sync, so that what is acknowledged is on the disk.
        overlappingSync: false,
      });
    } catch (cause) {
      throw cause instanceof SandboxError ? cause : notWritable(folder, cause);
    }
    // For every commit LMDB's library makes one more promise, which ends the process if the commit fails and nobody
    // has it: it is the one that is current right after this event.
    this.#root.on('beforecommit', () =>
      queueMicrotask(() => void this.#root.committed.then(undefined, () => undefined)),
    );
    this.#meta = this.#open({ name: 'meta' });
    this.#headroom = new Headroom(
      join(state, 'data.mdb'),
      () => this.#usedBytes(),
      () => this.#reusableBytes(),
    );
    this.#checkFormat(folder);
  }

  #checkFormat(folder: string): void {
    const found = this.#meta.get('format');
    if (found === undefined || (found !== FORMAT && READABLE.has(found)))
      this.replaceMeta('format', found, FORMAT);
    else if (found !== FORMAT) {
      this.#headroom.close();
      void this.#root.close();
      throw new SandboxError(
        'DataFolderFormat',
        `the data folder \`${folder}\` has format ${String(found)}, and this version reads format ${FORMAT}`,
        'use the version of crossbucket that wrote it, or name another folder',
      );
    }
  }

  #usedBytes(): number {
    const { lastPageNumber, pageSize } = this.#root.getStats() as Stats;
    return (lastPageNumber + 1) * pageSize;
  }

  #reusableBytes(): number {
    const { lastPageNumber, pageSize, root, free } = this.#root.getStats() as Stats;
    const trees = [root, free, ...[...this.#tables].map((table) => table.getStats() as Tree)];
    const pages = trees.reduce(
      (sum, tree) => sum + tree.treeBranchPageCount + tree.treeLeafPageCount + tree.overflowPages,
      META_PAGES,
    );
    return (lastPageNumber + 1 - pages) * pageSize;
  }

  #open<V, K extends Key>(options: DatabaseOptions & { name: string }): LmdbTable<V, K> {
    const table = this.#root.openDB<V, K>(options);
    this.#tables.add(table);
    return table;
  }

  /** Opens a table whose values are plain data. */
  table<V>(name: string): Table<V, string> {
    return new Table<V, string>(this.#open({ name }));
  }

  /** Opens a table with keys in byte order. */
  orderedTable<V>(name: string): Table<V, Buffer> {
    return new Table<V, Buffer>(this.#open({ name, keyEncoding: 'binary' }));
  }

  /** Opens a table of bytes. */
  bytesTable(name: string): LmdbTable<Buffer, string> {
    return this.#open({ name, encoding: 'binary' });
  }

  getMeta(key: string): unknown {
    return this.#meta.get(key);
  }

  /**
   * Sets a value of the folder itself, at once, if it is still what the caller saw.
   * @returns false if another process has changed it meanwhile.
   */
  replaceMeta(key: string, seen: unknown, value: unknown): boolean {
    const release = this.reserve(0, true);
    try {
      return this.#meta.transactionSync(() => {
        if (this.#meta.get(key) !== seen) return false;
        this.#meta.putSync(key, value);
        return true;
      });
    } finally {
      release();
    }
  }

  /**
   * Queues writes; whoever must not answer before they are safe awaits `settled`.
   * @param bytes Size of what is written.
   * @param options `awaited` by a caller that waits for the result, so that `settled` need not.
   * @throws SandboxError `DiskFull` before anything is written; `StorageFailed` once a commit has failed.
   */
  write(
    bytes: number,
    put: () => Promise<unknown>,
    options: { urgent?: boolean; awaited?: boolean } = {},
  ): Promise<void> {
    if (this.#failure !== undefined) throw this.#failed();
    const release = this.#headroom.reserve(bytes, options.urgent, this.#isBulk ? PER_ENTRY : undefined);
    const under = options.awaited ? this.#awaited : this.#pending;
    const written = this.#begin(put, release).then(
      () => {
        release();
        under.delete(written);
      },
      (error: unknown) => {
        release();
        under.delete(written);
        this.#failure ??= error;
        // LMDB's error carries a second promise, which would end the process if nobody listened to it.
        void Promise.resolve((error as { commitError?: Promise<unknown> }).commitError).catch(
          () => undefined,
        );
        throw this.#failed();
      },
    );
    under.add(written);
    return written;
  }

  #begin(put: () => Promise<unknown>, release: () => void): Promise<unknown> {
    try {
      return this.#durable ? put() : this.#writeTogether(put);
    } catch (error) {
      // What LMDB does not take, as a key that is too long.
      release();
      throw error;
    }
  }

  /**
   * Without a sync there is little to wait for: to hand a small write to LMDB's own thread takes longer than to make it.
   * What comes in one turn of the event loop is one transaction, which costs as much as several writes.
   */
  #writeTogether(put: () => Promise<unknown>): Promise<void> {
    let together = this.#together;
    if (!together) {
      together = this.#together = new Together();
      setImmediate(() => this.#writeAll());
    }
    together.puts.push(put);
    return together.done;
  }

  #writeAll(): void {
    const together = this.#together;
    this.#together = undefined;
    together?.write((puts) => {
      this.#root.transactionSync(() => {
        for (const put of puts) void put();
      });
    });
  }

  /**
   * Makes many small writes in one turn of the event loop. They share pages: to set aside a path of pages for each of
   * ten thousand would take more than a gigabyte of the disk.
   * @throws SandboxError `DiskFull`, `StorageFailed`
   */
  writeInBulk(work: () => void): void {
    const release = this.reserve(SHARED);
    this.#isBulk = true;
    try {
      work();
    } finally {
      this.#isBulk = false;
      void this.ended().finally(release);
    }
  }

  /** Sets space aside before a change that writes more than once: all of it, or nothing is begun. */
  reserve(bytes: number, urgent = false): () => void {
    if (this.#failure !== undefined) throw this.#failed();
    return this.#headroom.reserve(bytes, urgent);
  }

  /** Sees whether there is space for a write of so many bytes. */
  requireRoom(bytes: number, urgent: boolean): void {
    if (this.#failure !== undefined) throw this.#failed();
    this.#headroom.require(bytes, urgent);
  }

  /** Resolves when everything that was queued before, and that nobody awaits, is on the disk. */
  async settled(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failed();
    if (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  /** Resolves when no write is under way, whatever came of it. */
  async ended(): Promise<void> {
    await Promise.allSettled([...this.#pending, ...this.#awaited]);
  }

  #failed(): SandboxError {
    return new SandboxError(
      'StorageFailed',
      'a write to the data folder failed, and nothing more is written',
      'see the cause; restart the sandbox when the disk is in order: what was acknowledged before is kept',
      { cause: this.#failure },
    );
  }

  async close(): Promise<void> {
    await this.ended();
    this.#headroom.close();
    await this.#root.close();
  }
}

/** Writes that are made at once. */
class Together {
  readonly puts: (() => Promise<unknown>)[] = [];
  readonly done: Promise<void>;
  #resolve!: () => void;
  #reject!: (error: unknown) => void;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  write(write: (puts: readonly (() => Promise<unknown>)[]) => void): void {
    try {
      write(this.puts);
      this.#resolve();
    } catch (error) {
      this.#reject(error);
    }
  }
}

/** What a write may dirty besides its value, where many share their pages; and what all of them together may. */
const PER_ENTRY = 2048;
const SHARED = 1_048_576;

/** Pages of one tree of LMDB's. */
interface Tree {
  treeBranchPageCount: number;
  treeLeafPageCount: number;
  overflowPages: number;
}

/** What LMDB's library tells of the whole file; it declares no type. */
interface Stats {
  lastPageNumber: number;
  /** In bytes. */
  pageSize: number;
  /** The tree of all tables. */
  root: Tree;
  /** The tree of free pages. */
  free: Tree;
}

/** The first two pages of the file. */
const META_PAGES = 2;
