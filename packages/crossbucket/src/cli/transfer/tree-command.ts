import type { Comparison, Filter } from '@crossbucket/access';
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { optionsOfSide, type AccessOptions } from './access-options.ts';
import { conduct } from './conduct.ts';
import type { Location } from './location.ts';
import { openLocation } from './open-location.ts';
import { transferOptions, type TransferFlags } from './transfer-options.ts';

export interface TreeFlags extends TransferFlags, AccessOptions {
  compare?: Comparison;
  delete?: boolean;
  allowEmpty?: boolean;
}

/** Everything below one place to another: `crossbucket sync`, and `cp --recursive`. */
export async function runTree(
  from: Location,
  to: Location,
  flags: TreeFlags,
  filters: Filter[],
  terminal: Terminal,
): Promise<ExitCode> {
  if (from.kind === 'pipe' || to.kind === 'pipe')
    throw new UsageError('`-` is one stream, and no folder', 'name a folder or s3://BUCKET/PREFIX');
  const { compare, delete: remove, allowEmpty, dryRun, contentType, metadata, tag, tags } = flags;
  const { json, quiet, verbose } = flags;
  const options = {
    ...transferOptions(flags),
    filters,
    tags,
    ...(compare && { compare }),
    delete: remove === true,
    allowEmpty: allowEmpty === true,
    dryRun: dryRun === true,
    ...(contentType !== undefined && { contentType }),
    ...(metadata && { metadata }),
    ...(tag && { setTags: tag }),
  };
  return conduct(terminal, { json, quiet, verbose }, async (hooks) => {
    if (from.kind === 's3' && to.kind === 's3') {
      const [source, target] = await Promise.all([
        openLocation(from, 'read', optionsOfSide(flags, 'from')),
        openLocation(to, 'write', optionsOfSide(flags, 'to')),
      ]);
      const bucket = { bucket: target, prefix: to.key };
      return source.sync({ ...options, ...hooks, prefix: from.key, to: bucket });
    }
    if (from.kind === 's3') {
      const bucket = await openLocation(from, 'read', flags);
      return bucket.sync({
        ...options,
        ...hooks,
        prefix: from.key,
        to: (to as Location & { kind: 'file' }).path,
      });
    }
    const target = to as Location & { kind: 's3' };
    const bucket = await openLocation(target, 'write', flags);
    return bucket.sync({ ...options, ...hooks, prefix: target.key, from: from.path });
  });
}
