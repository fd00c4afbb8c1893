import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { open, type Database as Table, type RootDatabase } from 'lmdb';
import { SandboxError } from '../errors.ts';
import { Headroom } from './headroom.ts';

/**
 * Written into every data folder; a folder of another format is refused, never misread. Since the second, bodies are
 * encrypted; those of a folder of the first stay as they are until they are written again.
 */
export const FORMAT = 2;
const READABLE: ReadonlySet<unknown> = new Set([1, FORMAT]);

/** The sandbox's LMDB environment: tables, and the one way to write to them. */
export class Database {
  readonly #root: RootDatabase;
  readonly #headroom: Headroom;
  readonly #meta: Table<unknown, string>;
  #failure: unknown;
  #pending: Promise<unknown> | undefined;

  /**
   * @param durable Whether an acknowledged write must survive the machine's end: false for a temporary folder.
   * @throws SandboxError `DataFolderNotWritable`, `DataFolderFormat`
   */
  constructor(folder: string, durable: boolean) {
    try {
      makeFolder(folder);
      this.#root = open({
        path: join(folder, 'state'),
        noSubdir: false,
        maxDbs: 32,
        noSync: !durable,
        // A commit resolves after its sync, so that what is acknowledged is on the disk.
        overlappingSync: false,
      });
    } catch (cause) {
      throw new SandboxError(
        'DataFolderNotWritable',
        `cannot use \`${folder}\` as the data folder: ${(cause as Error).message}`,
        'name a folder that you may write to, or leave out --data for a temporary one',
        { cause },
      );
    }
    this.#meta = this.#root.openDB<unknown, string>({ name: 'meta' });
    this.#headroom = new Headroom(join(folder, 'state', 'data.mdb'), () => {
      const { lastPageNumber, pageSize } = this.#root.getStats() as {
        lastPageNumber: number;
        pageSize: number;
      };
      return (lastPageNumber + 1) * pageSize;
    });
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

  /** Opens a table whose values are plain data. */
  table<V>(name: string): Table<V, string> {
    return this.#root.openDB<V, string>({ name });
  }

  /** Opens a table with keys in byte order. */
  orderedTable<V>(name: string): Table<V, Buffer> {
    return this.#root.openDB<V, Buffer>({ name, keyEncoding: 'binary' });
  }

  /** Opens a table of bytes. */
  bytesTable(name: string): Table<Buffer, string> {
    return this.#root.openDB<Buffer, string>({ name, encoding: 'binary' });
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
   * @throws SandboxError `DiskFull` before anything is written; `StorageFailed` once a commit has failed.
   */
  write(bytes: number, put: () => Promise<unknown>, options: { urgent?: boolean } = {}): Promise<void> {
    if (this.#failure !== undefined) throw this.#failed();
    const release = this.#headroom.reserve(bytes, options.urgent);
    const done = put().then(
      () => release(),
      (error: unknown) => {
        release();
        this.#failure ??= error;
        // LMDB's error carries a second promise, which would end the process if nobody listened to it.
        void Promise.resolve((error as { commitError?: Promise<unknown> }).commitError).catch(
          () => undefined,
        );
        throw this.#failed();
      },
    );
    const pending = Promise.all([this.#pending, done]).then(() => {
      if (this.#pending === pending) this.#pending = undefined;
    });
    this.#pending = pending;
    pending.catch(() => undefined);
    return done;
  }

  /** Sets space aside before a change that writes more than once: all of it, or nothing is begun. */
  reserve(bytes: number, urgent = false): () => void {
    if (this.#failure !== undefined) throw this.#failed();
    return this.#headroom.reserve(bytes, urgent);
  }

  /** Resolves when everything that was queued before is on the disk. */
  async settled(): Promise<void> {
    await this.#pending;
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
    await this.settled().catch(() => undefined);
    this.#headroom.close();
    await this.#root.close();
  }
}

/** Makes a folder and those above it. (Node's own `recursive` never returns where a file system takes no folders.) */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  if (!existsSync(dirname(folder))) makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}
