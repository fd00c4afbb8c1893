import { randomBytes } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { lstat, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AccessError } from '../errors.ts';

const LARGEST_FILE = 65_536;

/** False if the folder is not there. Throws `cache-unsafe` if it is a link, belongs to somebody else, or others may enter it. */
export async function refuseUnsafeFolder(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(noEntry);
  if (!stats) return false;
  if (!stats.isDirectory()) throw unsafe(path, 'is not a folder', 'rm');
  refuseShared(path, stats, 'chmod 700');
  return true;
}

/** The text of a file that nobody else can read or write; undefined if there is none. Throws `cache-unsafe`. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  // A link could show us a file of somebody else's choice.
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0)).catch(noEntry);
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    refuseShared(path, stats, 'chmod 600');
    return stats.isFile() && stats.size <= LARGEST_FILE ? await file.readFile('utf8') : undefined;
  } finally {
    await file.close();
  }
}

/** Whoever reads meanwhile sees the old text or the new, whole. */
export async function replacePrivateFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await writeFile(beside, text, { flag: 'wx', mode: 0o600 });
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Removes the files of a folder that have such names and were not written for `age` milliseconds. */
export async function removeOldFiles(directory: string, names: RegExp, age: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!names.test(name)) continue;
    const path = join(directory, name);
    const stats = await stat(path).catch(noEntry);
    if (stats?.isFile() && Date.now() - stats.mtimeMs > age) await rm(path, { force: true });
  }
}

function refuseShared(path: string, { mode, uid }: Stats, remedy: string): void {
  // Windows has access lists in place of modes; the user's own folders are private there.
  if (process.platform === 'win32') return;
  if (uid !== process.getuid?.()) throw unsafe(path, 'belongs to another user', 'rm -r');
  if (mode & 0o077) throw unsafe(path, `is open to others (mode ${(mode & 0o777).toString(8)})`, remedy);
}

function unsafe(path: string, why: string, remedy: string): AccessError {
  return new AccessError('cache-unsafe', `the session cache \`${path}\` ${why}`, `run: ${remedy} '${path}'`);
}

function noEntry(error: unknown): undefined {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}
