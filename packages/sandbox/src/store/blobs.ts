import { createReadStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { fewRandomBytes } from '../random.ts';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { onDisk } from './storage-errors.ts';

/** Bodies too large for the database: files that are written aside, synced and renamed. */
export class Blobs {
  readonly #staging: string;
  readonly #files: string;
  readonly #durable: boolean;
  /** How many readers each file has. */
  readonly #held = new Map<string, number>();
  /** Of those, what no object refers to any more. */
  readonly #removed = new Set<string>();

  constructor(folder: string, durable: boolean) {
    this.#staging = join(folder, 'staging');
    this.#files = join(folder, 'blobs');
    this.#durable = durable;
    // What a killed process had not committed.
    rmSync(this.#staging, { recursive: true, force: true });
    mkdirSync(this.#staging, { recursive: true, mode: 0o700 });
    mkdirSync(this.#files, { recursive: true, mode: 0o700 });
  }

  async stage(): Promise<StagedBlob> {
    const id = fewRandomBytes(16).toString('hex');
    const path = join(this.#staging, id);
    return new StagedBlob(
      id,
      path,
      await onDisk(open(path, 'wx', 0o600)),
      async () => {
        await rename(path, this.#path(id));
        if (this.#durable) await syncFolder(this.#files);
      },
      this.#durable,
    );
  }

  /**
   * @param range First and last byte, both included.
   * @param step Bytes that are read at once.
   */
  read(id: string, range?: { first: number; last: number }, step = 65_536): Readable {
    const options = range ? { start: range.first, end: range.last } : {};
    const stream = createReadStream(this.#path(id), { ...options, highWaterMark: step });
    stream.once('close', this.hold([id]));
    return stream;
  }

  /**
   * The bytes of a file that the caller holds, by two pieces of memory, one of which is read while the other is looked at:
   * fresh ones for each piece cost more than to read them.
   */
  async *pieces(id: string, range: { first: number; last: number }, step: number): AsyncGenerator<Buffer> {
    const file = await open(this.#path(id), 'r');
    try {
      const size = Math.min(step, range.last - range.first + 1);
      const memory = Buffer.allocUnsafe(2 * size);
      const read = (at: number, half: number): Promise<Buffer> | undefined => {
        if (at > range.last) return undefined;
        const start = half * size;
        return fill(file, memory.subarray(start, start + Math.min(size, range.last - at + 1)), at);
      };
      let next = read(range.first, 0);
      try {
        for (let index = 1; next; index++) {
          const piece = await next;
          next = read(range.first + index * size, index & 1);
          // Whoever awaits it next is told.
          next?.catch(() => undefined);
          yield piece;
        }
      } finally {
        // The file stays open until nobody reads it.
        await next?.catch(() => undefined);
      }
    } finally {
      await file.close();
    }
  }

  async remove(id: string): Promise<void> {
    if (this.#held.has(id)) this.#removed.add(id);
    else await unlink(this.#path(id)).catch(() => undefined);
  }

  /** Keeps files until the result is called: what is removed meanwhile goes then. */
  hold(ids: readonly string[]): () => void {
    for (const id of ids) this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      for (const id of ids) this.#release(id);
    };
  }

  #release(id: string): void {
    const holders = this.#held.get(id)! - 1;
    if (holders > 0) this.#held.set(id, holders);
    else this.#held.delete(id);
    if (holders === 0 && this.#removed.delete(id)) void this.remove(id);
  }

  /** Removes files that no object refers to: their process ended between the rename and the commit. */
  sweep(isReferenced: (id: string) => boolean): void {
    for (const id of readdirSync(this.#files)) if (!isReferenced(id)) rmSync(this.#path(id), { force: true });
  }

  #path(id: string): string {
    return join(this.#files, id);
  }
}

export class StagedBlob {
  readonly id: string;
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #publish: () => Promise<void>;
  readonly #durable: boolean;
  /** Filled, while what was filled before is written. */
  #batch = takeBatch();
  #filled = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(id: string, path: string, file: FileHandle, publish: () => Promise<void>, durable: boolean) {
    this.id = id;
    this.#path = path;
    this.#file = file;
    this.#publish = publish;
    this.#durable = durable;
  }

  /** Copies more of the body. What it gives back is to be awaited before the next. */
  async write(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts)
      for (let at = 0; at < part.length;) {
        const copied = part.copy(this.#batch, this.#filled, at);
        this.#filled += copied;
        at += copied;
        if (this.#filled === this.#batch.length) await this.#flush();
      }
  }

  /** Begins to write what was filled once what was begun before is written: one batch is on its way while the next comes. */
  async #flush(): Promise<void> {
    await this.#writing;
    const [batch, filled] = [this.#batch, this.#filled];
    this.#batch = takeBatch();
    this.#filled = 0;
    this.#writing = this.#writeAll(batch.subarray(0, filled)).finally(() => giveBack(batch));
    // Whoever awaits it next is told.
    this.#writing.catch(() => undefined);
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;)
      at += (await onDisk(this.#file.write(bytes, at, bytes.length - at))).bytesWritten;
  }

  async commit(): Promise<void> {
    await this.#flush();
    this.#release();
    await this.#writing;
    if (this.#durable) await onDisk(this.#file.sync());
    await onDisk(this.#file.close());
    await onDisk(this.#publish());
  }

  #release(): void {
    if (this.#batch.length > 0) giveBack(this.#batch);
    this.#batch = NOTHING;
  }

  async discard(): Promise<void> {
    this.#release();
    await this.#writing.catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    await unlink(this.#path).catch(() => undefined);
  }
}

/** Reads as much as fits, or as there is. */
async function fill(file: FileHandle, memory: Buffer, at: number): Promise<Buffer> {
  let done = 0;
  while (done < memory.length) {
    const { bytesRead } = await file.read(memory, done, memory.length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return memory.subarray(0, done);
}

/** In bytes. */
const BATCH = 262_144;
const NOTHING = Buffer.alloc(0);

/** Used again: memory that outlives what was allocated around it makes V8 look through all there is. */
const batches: Buffer[] = [];
/** What stays after many uploads at once, in batches. */
const MOST_KEPT = 16;

function takeBatch(): Buffer {
  return batches.pop() ?? Buffer.allocUnsafeSlow(BATCH);
}

function giveBack(batch: Buffer): void {
  if (batches.length < MOST_KEPT) batches.push(batch);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
