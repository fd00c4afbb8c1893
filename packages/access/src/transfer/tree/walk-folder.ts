import { isUtf8 } from 'node:buffer';
import { stat, statSync, type BigIntStats } from 'node:fs';
import { AccessError } from '../../errors.ts';
import { fileError } from '../file-error.ts';
import { FilePace } from '../file-pace.ts';
import { isPartialName } from '../partial-file.ts';
import type { Entry, Found } from './entry.ts';
import { readSortedNames, type FolderNames } from './sorted-names.ts';

/** Files whose facts are asked for at a time. */
const BATCH = 128;

interface Folder {
  path: Buffer;
  /** Below the root, with a slash at the end; empty for the root. */
  name: string;
  /** The folders that it is in, and itself, as the file system names them. */
  identities: readonly string[];
  pace: FilePace;
}

/** Every file below a folder, in the order of S3's listings. Links are followed, but not back to where they are. */
export async function* walkFolder(root: string): AsyncGenerator<Found> {
  const path = Buffer.from(root);
  const stats = await statOf(path).catch((error: unknown) => {
    throw fileError(error, root);
  });
  if (!stats.isDirectory())
    throw new AccessError(
      'file-failed',
      `\`${root}\` is not a folder`,
      'name a folder, or leave out --recursive',
    );
  yield* walk({ path, name: '', identities: [identity(stats)], pace: new FilePace() });
}

const identity = ({ dev, ino }: BigIntStats) => `${dev}:${ino}`;

const statOf = (path: Buffer | string): Promise<BigIntStats> =>
  new Promise((resolve, reject) => {
    stat(path, { bigint: true }, (error, stats) => (error ? reject(error) : resolve(stats)));
  });

const below = (folder: Buffer, name: Buffer) => Buffer.concat([folder, Buffer.from('/'), name]);

async function* walk(folder: Folder): AsyncGenerator<Found> {
  let names: FolderNames;
  try {
    const isFolder = (name: Buffer) =>
      statOf(below(folder.path, name)).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
    names = await readSortedNames(folder.path, folder.pace, isFolder);
  } catch (error) {
    const shown = folder.path.toString();
    if (folder.name === '') throw fileError(error, shown);
    yield { name: folder.name, error: fileError(error, shown) as AccessError };
    return;
  }
  for (let start = 0; start < names.length; start += BATCH) {
    const indexes = Array.from({ length: Math.min(BATCH, names.length - start) }, (_, at) => start + at);
    const batch = await Promise.all(indexes.map((index) => look(folder, names, index)));
    for (const found of batch) {
      if (found === undefined) continue;
      if ('path' in found) yield* walk(found);
      else yield found;
    }
  }
}

/** A file, a folder to walk on, or nothing for what is not there for us. */
async function look(folder: Folder, names: FolderNames, index: number): Promise<Found | Folder | undefined> {
  const { name: bytes, kind } = names.at(index);
  if (!isUtf8(bytes)) return unnameable(folder, bytes);
  const local = bytes.toString();
  const name = folder.name + local;
  const isFolder = local.endsWith('/');
  if (!isFolder && isPartialName(local)) return undefined;
  if (kind === 'other') return { name, skipped: 'is neither a file nor a folder' };
  const path = below(folder.path, isFolder ? bytes.subarray(0, -1) : bytes);
  try {
    const stats = folder.pace.atOnce(() => statSync(path, { bigint: true })) ?? (await statOf(path));
    if (stats.isFile()) return fileEntry(name, stats);
    if (!stats.isDirectory()) return { name, skipped: 'is neither a file nor a folder' };
    const own = identity(stats);
    if (folder.identities.includes(own)) return { name, skipped: 'is a link back to a folder that it is in' };
    return { path, name, identities: [...folder.identities, own], pace: folder.pace };
  } catch (error) {
    return { name, error: fileError(error, path.toString()) as AccessError };
  }
}

const fileEntry = (name: string, { size, mtimeNs, mtimeMs }: BigIntStats): Entry => ({
  name,
  size: Number(size),
  modified: Number(mtimeMs),
  mtimeNs,
});

function unnameable(folder: Folder, bytes: Buffer): Found {
  const shown = `${folder.name}${bytes.toString('latin1')}`;
  const help = 'rename it: keys are UTF-8';
  return {
    name: folder.name + bytes.toString(),
    error: new AccessError('bad-key', `the name \`${shown}\` is not UTF-8`, help),
  };
}
