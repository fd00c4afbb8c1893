import type { Bucket, Filter, TransferListener } from '@crossbucket/access';
import { confirm } from '../confirm.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, type Terminal } from '../terminal.ts';
import type { AccessOptions } from './access-options.ts';
import { conduct } from './conduct.ts';
import { parseS3, showLocation, type S3Location } from './location.ts';
import { openLocation } from './open-location.ts';

export interface RemoveFlags extends AccessOptions {
  recursive?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  versionId?: string;
  json?: boolean;
  quiet?: boolean;
  verbose?: boolean;
}

/** `crossbucket rm`. */
export async function runRemove(
  place: string,
  flags: RemoveFlags,
  filters: Filter[],
  terminal: Terminal,
): Promise<ExitCode> {
  const location = parseS3(place);
  const shown = showLocation(location);
  if (!flags.recursive && location.key === '')
    throw new UsageError(`\`${shown}\` names no object`, 'add --recursive for everything below it');
  if (!flags.recursive && filters.length > 0)
    throw new UsageError('`--include` and `--exclude` choose among many', 'add --recursive');
  if (flags.recursive && flags.versionId !== undefined)
    throw new UsageError('`--version-id` is of one object', 'leave out --recursive');
  if (!flags.dryRun && !(await mayDelete(flags, shown, terminal))) {
    terminal.err.write('nothing was deleted\n');
    return EXIT.no;
  }
  const bucket = await openLocation(location, 'delete', flags);
  return conduct(terminal, { ...flags, removal: true }, async ({ onEvent, signal }) => {
    if (flags.recursive) await removeBelow(bucket, location, filters, flags, { onEvent, signal });
    else if (flags.dryRun) onEvent({ type: 'planned', action: 'delete', to: shown });
    else {
      await bucket.delete(location.key, {
        ...(flags.versionId !== undefined && { versionId: flags.versionId }),
        signal,
      });
      onEvent({ type: 'deleted', to: shown });
    }
  });
}

/** One object is what its name says; below a prefix there may be more than one thinks. */
async function mayDelete(
  { recursive, yes }: RemoveFlags,
  shown: string,
  terminal: Terminal,
): Promise<boolean> {
  if (process.stdin.isTTY === true)
    return confirm(`Delete ${recursive ? 'everything below ' : ''}${printable(shown)}?`, { yes }, terminal);
  if (!recursive || yes) return true;
  throw new UsageError(
    `\`${shown}\` may hold much, and there is nobody to ask`,
    'look with --dry-run, then add --yes',
  );
}

async function removeBelow(
  bucket: Bucket,
  { bucket: name, key }: S3Location,
  filters: Filter[],
  { dryRun }: RemoveFlags,
  hooks: { onEvent: TransferListener; signal: AbortSignal },
): Promise<void> {
  const { openFilters } = await import('@crossbucket/access');
  const prefix = key === '' || key.endsWith('/') ? key : `${key}/`;
  const takes = openFilters(filters);
  async function* chosen() {
    for await (const entry of bucket.list({ prefix, signal: hooks.signal }))
      if (takes(entry.key.slice(prefix.length))) yield entry.key;
  }
  if (!dryRun) {
    await bucket.deleteMany(chosen(), hooks);
    return;
  }
  for await (const found of chosen())
    await hooks.onEvent({ type: 'planned', action: 'delete', to: `s3://${name}/${found}` });
}
