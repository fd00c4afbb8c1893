import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Bucket, Filter } from '@crossbucket/access';
import { UsageError } from '../errors.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { optionsOfSide, type AccessOptions } from './access-options.ts';
import { conduct } from './conduct.ts';
import { parseLocation, showLocation, type Location, type S3Location } from './location.ts';
import { openLocation } from './open-location.ts';
import { endQuietlyOnBrokenPipe } from './standard-output.ts';
import { transferOptions, type TransferFlags } from './transfer-options.ts';
import { runTree } from './tree-command.ts';

export interface CopyFlags extends TransferFlags, AccessOptions {
  recursive?: boolean;
  expectedSize?: number;
  versionId?: string;
  engine?: 'batch';
  batchRole?: string;
  poll?: number;
  yes?: boolean;
}

/** `crossbucket cp`. */
export async function runCopy(
  sourceText: string,
  targetText: string,
  flags: CopyFlags,
  filters: Filter[],
  terminal: Terminal,
): Promise<ExitCode> {
  const source = parseLocation(sourceText);
  const target = parseLocation(targetText);
  requireS3(source, target);
  if (flags.engine === 'batch') {
    if (!flags.recursive || source.kind !== 's3' || target.kind !== 's3')
      throw new UsageError(
        '`--engine batch` copies many objects from bucket to bucket',
        'add --recursive, and name two places in S3',
      );
    const { runBatch } = await import('./batch-command.ts');
    return runBatch(source, target, flags, filters, terminal);
  }
  if (flags.recursive) return runTree(source, target, { ...flags, compare: 'always' }, filters, terminal);
  if (filters.length > 0)
    throw new UsageError('`--include` and `--exclude` choose among many', 'add --recursive');
  const from = await refineSource(source, target);
  const to = await refineTarget(target, from);
  const options = {
    ...transferOptions(flags),
    ...(flags.versionId !== undefined && { versionId: flags.versionId }),
  };
  const { json, quiet, verbose } = flags;
  const shown = {
    json,
    quiet: quiet || (to.kind === 'pipe' && !json),
    verbose,
    piped: to.kind === 'pipe',
    single: true,
  };
  return conduct(terminal, shown, async (hooks) => {
    if (flags.dryRun) {
      hooks.onEvent({
        type: 'planned',
        action: actionOf(from, to),
        from: showLocation(from),
        to: showLocation(to),
      });
      return;
    }
    if (to.kind === 'pipe') endQuietlyOnBrokenPipe(terminal.out);
    await copyOne(from, to, flags, { ...options, ...hooks }, terminal);
  });
}

export function requireS3(source: Location, target: Location): void {
  if (source.kind === 's3' || target.kind === 's3') return;
  throw new UsageError('neither side is in S3', 'write one of them as s3://BUCKET/KEY');
}

const actionOf = (from: Location, to: Location) =>
  from.kind !== 's3' ? 'upload' : to.kind === 's3' ? 'copy' : 'download';

/** A folder is many objects, unless its own key has a file to go to. */
async function refineSource(source: Location, target: Location): Promise<Location> {
  const help = 'add --recursive for everything below it';
  if (source.kind === 's3' && (source.key === '' || (source.key.endsWith('/') && !(await isOneFile(target)))))
    throw new UsageError(`\`${showLocation(source)}\` names no object`, help);
  if (source.kind !== 'file') return source;
  const stats = await stat(source.path).catch(() => undefined);
  if (stats?.isDirectory()) throw new UsageError(`\`${source.path}\` is a folder`, help);
  return source;
}

async function isOneFile(target: Location): Promise<boolean> {
  if (target.kind === 'pipe') return true;
  if (target.kind === 's3') return !isFolder(target);
  const stats = await stat(target.path).catch(() => undefined);
  return !target.path.endsWith('/') && !stats?.isDirectory();
}

const isFolder = ({ key }: S3Location) => key === '' || key.endsWith('/');

/** Into a folder, under the source's own name. */
async function refineTarget(target: Location, source: Location): Promise<Location> {
  if (target.kind === 's3') {
    if (!isFolder(target)) return target;
    if (source.kind === 'pipe')
      throw new UsageError(
        `\`${showLocation(target)}\` names no object`,
        'give what is read from standard input a key',
      );
    return { ...target, key: target.key + nameOf(source) };
  }
  if (target.kind === 'pipe') return target;
  if (await isOneFile(target)) return target;
  return { kind: 'file', path: join(target.path, nameOf(source)) };
}

/** The last part of a path or key: it must name a file, and not lead elsewhere. */
function nameOf(source: Location): string {
  const name =
    source.kind === 's3'
      ? (source.key.split('/').at(-1) ?? '')
      : source.kind === 'file'
        ? basename(source.path)
        : '';
  if (name !== '' && name !== '.' && name !== '..') return name;
  throw new UsageError(
    `\`${showLocation(source)}\` ends in nothing that could name a file`,
    'name the target in full',
  );
}

type Options = ReturnType<typeof transferOptions> & {
  versionId?: string;
  onEvent: Parameters<Parameters<typeof conduct>[2]>[0]['onEvent'];
  signal: AbortSignal;
};

async function copyOne(
  from: Location,
  to: Location,
  flags: CopyFlags,
  options: Options,
  terminal: Terminal,
): Promise<void> {
  const { input, readInput, versionId, ...common } = options;
  const { contentType, metadata, tag: tags, expectedSize } = flags;
  if (from.kind === 's3' && to.kind === 's3') {
    const [source, target] = await Promise.all([
      openLocation(from, 'read', optionsOfSide(flags, 'from')),
      openLocation(to, 'write', optionsOfSide(flags, 'to')),
    ]);
    const copy = {
      ...common,
      ...(versionId !== undefined && { versionId }),
      tags: flags.tags,
      input,
      readInput,
    };
    await source.copy(from.key, { bucket: target, key: to.key }, copy);
  } else if (from.kind === 's3') {
    const bucket: Bucket = await openLocation(from, 'read', flags);
    const download = { ...common, ...(versionId !== undefined && { versionId }), input: readInput };
    await bucket.download(from.key, to.kind === 'file' ? to.path : terminal.out, download);
  } else if (to.kind === 's3') {
    const bucket = await openLocation(to, 'write', flags);
    const upload = {
      ...common,
      input,
      ...(contentType !== undefined && { contentType }),
      ...(metadata && { metadata }),
      ...(tags && { tags }),
      ...(expectedSize !== undefined && { expectedSize }),
    };
    await bucket.upload(to.key, from.kind === 'file' ? from.path : process.stdin, upload);
  }
}
