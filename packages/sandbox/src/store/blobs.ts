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

  /** As `read`, by one piece of memory: fresh ones for each piece cost more than to read them. */
  async *pieces(id: string, range: { first: number; last: number }, step: number): AsyncGenerator<Buffer> {
    const release = this.hold([id]);
    try {
      const file = await open(this.#path(id), 'r');
      try {
        const memory = Buffer.allocUnsafe(Math.min(step, range.last - range.first + 1));
        for (let at = range.first; at <= range.last; at += memory.length)
          yield await fill(file, memory.subarray(0, Math.min(memory.length, range.last - at + 1)), at);
      } finally {
        await file.close();
      }
    } finally {
      release();
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
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(id: string, path: string, file: FileHandle, publish: () => Promise<void>, durable: boolean) {
    this.id = id;
    this.#path = path;
    this.#file = file;
    this.#publish = publish;
    this.#durable = durable;
  }

  /** Takes more of the body. What it gives back is to be awaited before the next. */
  async write(parts: readonly Buffer[]): Promise<void> {
    for (const part of parts) {
      this.#waiting.push(part);
      this.#waitingBytes += part.length;
    }
    if (this.#waitingBytes >= BATCH) await this.#flush();
  }

  /** Begins to write what waits once what was begun before is written: one batch is on its way while the next comes. */
  async #flush(): Promise<void> {
    const parts = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    await this.#writing;
    this.#writing = this.#writeAll(parts);
    // Whoever awaits it next is told.
    this.#writing.catch(() => undefined);
  }

  async #writeAll(parts: Buffer[]): Promise<void> {
    let rest = parts;
    while (rest.length > 0) {
      const { bytesWritten } = await onDisk(this.#file.writev(rest));
      rest = behind(rest, bytesWritten);
    }
  }

  async commit(): Promise<void> {
    await this.#flush();
    await this.#writing;
    if (this.#durable) await onDisk(this.#file.sync());
    await onDisk(this.#file.close());
    await onDisk(this.#publish());
  }

  async discard(): Promise<void> {
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
const BATCH = 524_288;

/** What is left of parts of which so many bytes are done. */
function behind(parts: readonly Buffer[], bytes: number): Buffer[] {
  let done = bytes;
  return parts.flatMap((part) => {
    const left = part.subarray(Math.min(done, part.length));
    done = Math.max(0, done - part.length);
    return left.length > 0 ? [left] : [];
  });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
