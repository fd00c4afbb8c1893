import { AccessError } from '../../errors.ts';
import { placeOf } from '../../lean/place.ts';
import type { BucketConnection } from '../../s3/bucket-connection.ts';
import type { Found } from './entry.ts';
import { listPrefix } from './list-prefix.ts';
import { walkFolder } from './walk-folder.ts';
import type { Direction } from './compare.ts';

export type Side = FolderSide | BucketSide;

export interface FolderSide {
  kind: 'folder';
  path: string;
}

export interface BucketSide {
  kind: 'bucket';
  connection: BucketConnection;
  /** Empty, or with a slash at its end. */
  prefix: string;
}

/** A prefix as a folder: without its slash, `logs` would take `logs-old/` too. */
export const asFolder = (prefix: string): string =>
  prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;

export function directionOf(from: Side, to: Side): Direction {
  if (from.kind === 'bucket') return to.kind === 'bucket' ? 'copy' : 'download';
  if (to.kind === 'bucket') return 'upload';
  throw new AccessError(
    'invalid-option',
    'neither side is a bucket',
    'write one of them as s3://BUCKET/PREFIX',
  );
}

export function readSide(side: Side, signal: AbortSignal): AsyncIterable<Found> {
  return side.kind === 'folder' ? walkFolder(side.path) : listPrefix(side.connection, side.prefix, signal);
}

/** What is not there yet holds nothing. */
export async function* readTarget(side: Side, signal: AbortSignal): AsyncGenerator<Found> {
  try {
    yield* readSide(side, signal);
  } catch (error) {
    const missing = side.kind === 'folder' && error instanceof AccessError && error.code === 'file-missing';
    if (!missing) throw error;
  }
}

/** How a name of this side is shown. */
export function showName(side: Side, name: string): string {
  if (side.kind === 'bucket') return `s3://${side.connection.target.Bucket}/${side.prefix}${name}`;
  return `${side.path.replace(/\/+$/, '')}/${name}`;
}

/** A listing would meet what is being written. Rejects with `overlap`. */
export async function refuseOverlap(from: Side, to: Side): Promise<void> {
  if (from.kind !== 'bucket' || to.kind !== 'bucket') return;
  const within = from.prefix.startsWith(to.prefix) || to.prefix.startsWith(from.prefix);
  if (!within || from.connection.target.Bucket !== to.connection.target.Bucket) return;
  if ((await placeOf(from.connection)) !== (await placeOf(to.connection))) return;
  throw new AccessError(
    'overlap',
    `\`${showName(from, '')}\` and \`${showName(to, '')}\` are one within the other`,
    'choose prefixes of which neither begins with the other',
  );
}
