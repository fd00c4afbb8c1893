import { AccessError } from '../errors.ts';
import { refuseUnknownOptions } from '../known-options.ts';
import { queryText } from '../lean/signature.ts';
import type { Bucket } from '../s3/bucket.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import type { ReadSettings, WriteSettings } from '../s3/object-calls.ts';
import type { TransferEvent } from './events.ts';
import { TransferIncompleteError } from './incomplete-error.ts';
import { openRun, TRANSFER_OPTIONS, type TransferOptions } from './run.ts';
import type { Comparison } from './tree/compare.ts';
import type { Filter } from './tree/filters.ts';
import { asFolder, type Side } from './tree/side.ts';
import { transferTree, type TreeSummary } from './tree/transfer-tree.ts';

/** Exactly one of `from` and `to`; the other side is the bucket itself. */
export interface SyncOptions extends TransferOptions {
  /** A folder, or another bucket, whose contents the bucket gets. */
  from?: string | { bucket: Bucket; prefix?: string };
  /** A folder, or another bucket, that gets the bucket's contents. */
  to?: string | { bucket: Bucket; prefix?: string };
  /** Keys of the bucket that begin with this folder. Default: all. */
  prefix?: string;
  /**
   * What counts as the same: `time`, of the same size and, on the way to S3, not changed since its object was written, or,
   * from S3, with the object's own time; `size`; `checksum`, which reads files and asks S3 for each object; or `always`
   * transfers all. Default: `time`.
   */
  compare?: Comparison;
  /** Deletes what only the target has. Default: false. */
  delete?: boolean;
  /** With `delete`: goes on although the source holds nothing. Default: false. */
  allowEmpty?: boolean;
  /** Only tells what it would do. */
  dryRun?: boolean;
  /** The last that fits a name decides; without any that fits, it is taken unless the first is an `include`. */
  filters?: Filter[];
  /** False leaves the tags behind when copying between buckets. */
  tags?: boolean;
  contentType?: string;
  metadata?: Record<string, string>;
  /** Tags for what is uploaded. */
  setTags?: Record<string, string>;
  readInput?: ReadSettings;
  input?: WriteSettings;
}

const OPTIONS = [
  ...TRANSFER_OPTIONS,
  'from',
  'to',
  'prefix',
  'compare',
  'delete',
  'allowEmpty',
  'dryRun',
  'filters',
  'tags',
  'contentType',
  'metadata',
  'setTags',
  'readInput',
  'input',
] as const satisfies (keyof SyncOptions)[];

const COMPARISONS = new Set<unknown>(['time', 'size', 'checksum', 'always'] satisfies Comparison[]);

const FIRST_ERRORS = 100;

/** `Bucket.sync`. */
export async function sync(
  connection: BucketConnection,
  connectionOf: (bucket: Bucket) => BucketConnection,
  options: SyncOptions,
): Promise<TreeSummary> {
  refuseUnknownOptions(options, OPTIONS);
  const { from, to, prefix = '', compare = 'time', setTags, contentType, metadata } = options;
  if ((from === undefined) === (to === undefined))
    throw new AccessError(
      'invalid-option',
      'a sync has a source and a target',
      'pass one of `from` and `to`',
    );
  if (!COMPARISONS.has(compare)) {
    const help = 'pass time, size, checksum or always';
    throw new AccessError('invalid-option', `\`compare\` cannot be \`${compare}\``, help);
  }
  const own: Side = { kind: 'bucket', connection, prefix: asFolder(prefix) };
  const other = sideOf((from ?? to)!, connectionOf);
  const errors: Error[] = [];
  const onEvent = (event: TransferEvent) => {
    if (event.type === 'failed' && errors.length < FIRST_ERRORS) errors.push(event.error);
    return options.onEvent?.(event);
  };
  const rules = {
    comparison: compare,
    delete: options.delete ?? false,
    allowEmpty: options.allowEmpty ?? false,
    dryRun: options.dryRun ?? false,
    filters: options.filters ?? [],
    // A listing tells the object's own time alone, so that is what a later sync can compare.
    time: compare === 'always' ? ('kept' as const) : ('object' as const),
    tags: options.tags ?? true,
    properties: { contentType, metadata, tagging: setTags && queryText(setTags) },
    readSettings: options.readInput,
    settings: options.input,
  };
  const run = openRun({ ...options, onEvent });
  const summary = await (from === undefined
    ? transferTree(own, other, rules, run)
    : transferTree(other, own, rules, run));
  if (summary.failed > 0) throw new TransferIncompleteError(summary, errors);
  return summary;
}

function sideOf(
  side: string | { bucket: Bucket; prefix?: string },
  connectionOf: (bucket: Bucket) => BucketConnection,
): Side {
  if (typeof side === 'string') return { kind: 'folder', path: side };
  return { kind: 'bucket', connection: connectionOf(side.bucket), prefix: asFolder(side.prefix ?? '') };
}
