import { refuseUnknownOptions } from '../known-options.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import type { ReadSettings, WriteSettings } from '../s3/object-calls.ts';
import { copyObject, type Copied } from './copy.ts';
import { CopyWays } from './copy-ways.ts';
import { openRun, TRANSFER_OPTIONS, type TransferOptions } from './run.ts';

export interface CopyOptions extends TransferOptions {
  versionId?: string;
  /** False leaves the tags of the source behind, for those who may not read or write tags. Default: true. */
  tags?: boolean;
  /** Anything else of GetObject, for the source. */
  readInput?: ReadSettings;
  /** Anything else of PutObject, for the copy: `StorageClass`, `ServerSideEncryption`, ... */
  input?: WriteSettings;
}

const OPTIONS = [
  ...TRANSFER_OPTIONS,
  'versionId',
  'tags',
  'readInput',
  'input',
] as const satisfies (keyof CopyOptions)[];

/** `Bucket.copy`. */
export async function copy(
  from: BucketConnection,
  key: string,
  to: BucketConnection,
  toKey: string,
  options: CopyOptions,
): Promise<Copied> {
  refuseUnknownOptions(options, OPTIONS);
  const run = openRun(options);
  const { versionId, tags = true, readInput: readSettings, input: settings } = options;
  const ways = await CopyWays.between(from, to);
  return copyObject({ from, key, versionId, to, toKey, tags, readSettings, settings }, ways, run);
}
