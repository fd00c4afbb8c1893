import { createHash, randomBytes } from 'node:crypto';
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './make-folder.ts';

/** Names of what is on its way: never uploaded, and no other program's. */
const OURS = /^\.[\w-]{16,}\.crossbucket-(part|journal)(\.[\da-f]{12})?$/;

export const isPartialName = (name: string): boolean => OURS.test(name);

/** Short, whatever the length of the name that it stands for, and in the same folder so that a rename is all it takes. */
const beside = (path: string, id: string, kind: 'part' | 'journal') =>
  join(dirname(path), `.${id}.crossbucket-${kind}`);

const idOf = (path: string) => createHash('sha256').update(basename(path)).digest('base64url').slice(0, 22);

/** Where a download to `path` keeps its bytes until they are whole; the next process finds them there. */
export const lastingPartial = (path: string): string => beside(path, idOf(path), 'part');
export const journalOf = (path: string): string => beside(path, idOf(path), 'journal');
const own = randomBytes(12).toString('base64url');
let passing = 0;
/** The same for a download that is not worth going on with. */
export const passingPartial = (path: string): string => beside(path, `${own}-${++passing}`, 'part');

export type TargetKind = 'file' | 'stream';

/** Where bytes for `path` really go: through links that the user has named, and straight into what is no regular file. */
export async function resolveTarget(path: string): Promise<{ path: string; kind: TargetKind }> {
  const found = await lstat(path).catch(noEntry);
  if (!found) {
    await makeFolder(dirname(path));
    return { path, kind: 'file' };
  }
  if (found.isSymbolicLink()) {
    const real = await realpath(path).catch(() => undefined);
    return real === undefined ? { path, kind: 'file' } : resolveTarget(real);
  }
  if (found.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
  return { path, kind: found.isFile() ? 'file' : 'stream' };
}

/** Opens what another process may have left, or a new file; never through a link. */
export function openPartial(path: string, fresh: boolean): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_TRUNC, O_NOFOLLOW = 0 } = constants;
  return open(path, O_RDWR | O_CREAT | O_NOFOLLOW | (fresh ? O_TRUNC : 0), 0o666);
}

/** Gives a whole file its name, in place of whatever file had it. */
export async function publish(partial: string, path: string): Promise<void> {
  await rename(partial, path);
}

export const discard = (partial: string): Promise<void> => rm(partial, { force: true });

/** What must stay the same while a file is read. */
export interface FileState {
  size: bigint;
  mtimeNs: bigint;
  ino: bigint;
}

export const fileState = ({ size, mtimeNs, ino }: BigIntStats): FileState => ({ size, mtimeNs, ino });

export const isSameState = (a: FileState, b: FileState): boolean =>
  a.size === b.size && a.mtimeNs === b.mtimeNs && a.ino === b.ino;

function noEntry(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
