import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { AccessError } from '../errors.ts';
import type { SlicedBody } from '../s3/object-calls.ts';
import { fileError } from './file-error.ts';
import { fileState, isSameState, type FileState } from './partial-file.ts';

/** A file that is read while others may write to it. */
export interface LocalFile {
  path: string;
  handle: FileHandle;
  state: FileState;
  size: number;
  /** What is no regular file has no size and no second reading. */
  regular: boolean;
}

/** Rejects with an `AccessError`. */
export async function openLocalFile(path: string): Promise<LocalFile> {
  try {
    const handle = await open(path, constants.O_RDONLY);
    const stats = await handle.stat({ bigint: true });
    if (stats.isDirectory()) {
      await handle.close();
      throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    }
    return { path, handle, state: fileState(stats), size: Number(stats.size), regular: stats.isFile() };
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Files up to here are read in one go. */
export const SMALL_FILE = 64 * 1024;

/** A file that was read as a whole. */
export interface SmallFile {
  path: string;
  state: FileState;
  bytes: Buffer;
}

/** Reads a small file without the thread pool; undefined for what is not one. Throws an `AccessError`. */
export function readSmallFile(path: string): SmallFile | undefined {
  try {
    // A pipe that has come in its place would keep us waiting for a writer.
    const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const stats = fstatSync(file, { bigint: true });
      if (!stats.isFile() || stats.size > SMALL_FILE) return undefined;
      const bytes = Buffer.allocUnsafe(Number(stats.size));
      const state = fileState(stats);
      const whole = readSync(file, bytes, 0, bytes.length, 0) === bytes.length;
      if (!whole || !isSameState(fileState(fstatSync(file, { bigint: true })), state))
        throw fileChanged(path);
      return { path, state, bytes };
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

/** Rejects with `file-changed` if the file is not as it was when it was opened. */
export async function requireUnchanged({ path, handle, state }: LocalFile): Promise<void> {
  const now = fileState(await handle.stat({ bigint: true }));
  if (!isSameState(now, state)) throw fileChanged(path);
}

export const fileChanged = (path: string): AccessError =>
  new AccessError(
    'file-changed',
    `\`${path}\` was changed while it was read`,
    'run it again once nobody writes to it',
  );

/** Fills the buffer from `position` on. Rejects with `file-changed` if the file ends before. */
export async function readFully(
  { path, handle }: LocalFile,
  buffer: Uint8Array,
  position: number,
): Promise<void> {
  try {
    for (let at = 0; at < buffer.length;) {
      const { bytesRead } = await handle.read(buffer, at, buffer.length - at, position + at);
      if (bytesRead === 0) throw fileChanged(path);
      at += bytesRead;
    }
  } catch (error) {
    throw fileError(error, path);
  }
}

const CHUNK = 512 * 1024;

/** Part of a file, read for each use. */
export function sliceOf(file: LocalFile, start: number, length: number): SlicedBody {
  return {
    length,
    async *chunks() {
      for (let at = 0; at < length; at += CHUNK) {
        const chunk = Buffer.allocUnsafe(Math.min(CHUNK, length - at));
        await readFully(file, chunk, start + at);
        yield chunk;
      }
    },
  };
}
