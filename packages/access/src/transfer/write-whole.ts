import { closeSync, futimesSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { fileError } from './file-error.ts';
import { passingPartial } from './partial-file.ts';

/**
 * Writes a file that is in memory as a whole and gives it its name, without a trip through the thread pool for each step:
 * for small files these trips cost more than the writing.
 */
export function writeWhole(path: string, bytes: Uint8Array, modified: number | undefined): void {
  const partial = passingPartial(path);
  try {
    const file = openSync(partial, 'wx', 0o666);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      if (modified !== undefined) futimesSync(file, modified, modified);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw fileError(error, path);
  }
}
