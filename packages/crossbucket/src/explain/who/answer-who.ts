import type { World } from '@crossbucket/policy';
import { readWorld, type AccountReader } from '../../accounts/index.ts';
import { openSources, readersOf, unknownAccount, type SourceFailure } from '../collect/sources.ts';
import { whoAsks } from '../collect/who-asks.ts';
import { unknownsOf } from '../core/unknowns.ts';
import { ExplainError } from '../explain-error.ts';
import type { Unknown } from '../explanation.ts';
import type { ExplainOptions } from '../question/question.ts';
import { parseTarget } from '../question/target.ts';
import type { AccessRow } from './access-row.ts';
import { LeftOut } from './left-out.ts';
import { reachOf } from './reach.ts';
import { whoCan } from './who-can.ts';

/** Who gets where. */
export interface WhoAnswer {
  rows: AccessRow[];
  unknowns: Unknown[];
  /** True where something could not be read, or was not followed: there may be more. */
  partial: boolean;
}

/** Who can do what to a bucket, or to a part of it. @throws ExplainError, AccountError */
export async function whoOf(
  target: string,
  options: ExplainOptions & { inside?: boolean },
): Promise<WhoAnswer> {
  const asked = parseTarget(target);
  if (asked.kind !== 's3' || asked.bucket.startsWith('arn:'))
    throw new ExplainError(
      'bad-question',
      `\`${target}\` is no bucket`,
      'name one: crossbucket who s3://BUCKET/PREFIX',
    );
  const { readers, failures } = await openReaders(options);
  const owners = await Promise.all(
    readers.map(async (reader) => {
      if ((await reader.bucketNames())?.includes(asked.bucket) === false) return undefined;
      const bucket = await reader.bucket(asked.bucket);
      if (bucket === undefined || !reader.isUnclaimed(asked.bucket)) return bucket;
      // Without any right, a profile sees as little of its own account's buckets as of others'.
      reader.disown(asked.bucket);
      return undefined;
    }),
  );
  const at = owners.findIndex((bucket) => bucket !== undefined);
  const [owner, bucket] = [readers[at], owners[at]];
  if (owner === undefined || bucket === undefined)
    throw new ExplainError(
      'unknown-name',
      `none of the accounts that can be read has a bucket \`${asked.bucket}\``,
      'name a profile of its owner with --profile, or mend the name',
    );
  await Promise.all([
    // Those of other accounts need their own account's leave as well.
    ...readers.map((reader) => reader.everyone()),
    owner.publicAccessBlock(),
    readPoints(owner, bucket.region, bucket.name),
  ]);
  await readKeys(readers);
  const world = await readWorld(readers, options.endpoints);
  const account = world.accounts[owner.connection.id]!;
  const leftOut = new LeftOut();
  const prefix = asked.key ?? '';
  const rows = whoCan(world, account, bucket, { prefix, inside: options.inside === true, leftOut });
  return withUnknowns(rows, world, [...failures.map(unknownAccount), ...leftOut.all]);
}

/** To which buckets one principal gets. @throws ExplainError, AccountError */
export async function reachOfPrincipal(as: string, options: ExplainOptions): Promise<WhoAnswer> {
  const [{ principal }, { readers, failures }] = await Promise.all([
    whoAsks(as, options.spec),
    openReaders(options),
  ]);
  if (principal === undefined || principal === '*')
    throw new ExplainError(
      'bad-question',
      `\`${as}\` is nobody in particular`,
      'name a user or role by its ARN or profile',
    );
  await Promise.all(readers.map((reader) => reader.everything()));
  await readKeys(readers);
  const world = await readWorld(readers, options.endpoints);
  const leftOut = new LeftOut();
  const rows = reachOf(world, principal, leftOut);
  return withUnknowns(rows, world, [...failures.map(unknownAccount), ...leftOut.all]);
}

async function openReaders(
  options: ExplainOptions,
): Promise<{ readers: AccountReader[]; failures: readonly SourceFailure[] }> {
  const { connections, failures } = await openSources(options);
  const readers = [...readersOf(connections, undefined).values()].map((list) => list[0]!);
  if (readers.length > 0) return { readers, failures };
  throw (
    failures[0]?.error ??
    new ExplainError('unknown-name', 'there is no account that can be read', 'name a profile with --profile')
  );
}

/** The keys that buckets are encrypted with: whoever writes needs them. */
async function readKeys(readers: readonly AccountReader[]): Promise<void> {
  const buckets = readers.flatMap((reader) => Object.values(reader.snapshot().buckets));
  const keys = new Set(buckets.flatMap(({ encryption }) => encryption?.key ?? []));
  await Promise.all(
    [...keys].map((key) => readers.find(({ connection }) => connection.id === key.split(':')[4])?.key(key)),
  );
}

async function readPoints(reader: AccountReader, region: string, bucket: string): Promise<void> {
  const arns = await reader.accessPoints(region, bucket);
  await Promise.all(arns.map((arn) => reader.accessPoint(arn)));
}

function withUnknowns(rows: AccessRow[], world: World, more: readonly Unknown[]): WhoAnswer {
  const unread = unknownsOf({ world, caller: { principal: '*' }, calls: [], facts: { now: '' } }, 'allow');
  const unknowns = [...unread, ...more];
  return { rows, unknowns, partial: unknowns.length > 0 };
}
