import { authorizeCall, findCaller, statementsOf, type ApiCall, type World } from '@crossbucket/policy';
import { asCaller } from '../question/path.ts';
import { LEVEL_CALLS, type AccessRow, type Level } from './access-row.ts';
import { keysOf, sampleKey } from './scopes.ts';
import { CONTEXT, UNKNOWN } from './who-can.ts';

/** To which buckets of the world a principal gets: by itself, and through roles that it may assume. */
export function reachOf(world: World, principal: string): AccessRow[] {
  return pathsOf(world, asCaller(principal), []).flatMap(({ caller, via, certain }) =>
    Object.values(world.accounts).flatMap(({ id, buckets }) =>
      Object.values(buckets).flatMap((bucket): AccessRow[] => {
        const { can, on, outcome } = levelsOn(world, caller, bucket.name);
        if (can.length === 0 || outcome === 'deny') return [];
        return [
          {
            bucket: bucket.name,
            principal,
            account: principal.split(':')[4] ?? '',
            kind: 'principal',
            outside: principal.split(':')[4] !== id,
            route:
              via.length > 0 ? 'role' : caller.split(':')[4] === id ? 'identity-policy' : 'bucket-policy',
            via,
            can,
            on,
            conditions: [],
            outcome: certain ? outcome : 'depends',
          },
        ];
      }),
    ),
  );
}

interface Path {
  caller: string;
  via: string[];
  certain: boolean;
}

const MOST_LINKS = 4;

/** The caller, and every session that it may come to. */
function pathsOf(world: World, caller: string, via: string[], certain = true): Path[] {
  const here: Path = { caller, via, certain };
  if (via.length >= MOST_LINKS) return [here];
  const roles = Object.values(world.accounts).flatMap(({ principals }) =>
    Object.values(principals).filter(({ kind }) => kind === 'role'),
  );
  const next = roles.flatMap(({ arn }) => {
    if (via.includes(arn) || asCaller(arn) === caller) return [];
    const call: ApiCall = {
      service: 'sts',
      operation: 'AssumeRole',
      input: { RoleArn: arn },
      principal: caller,
      context: CONTEXT,
      unknown: UNKNOWN,
    };
    const { outcome } = authorizeCall(world, call);
    return outcome === 'deny'
      ? []
      : pathsOf(world, asCaller(arn), [...via, arn], certain && outcome === 'allow');
  });
  return [here, ...next];
}

/** Tried on keys that the policies speak of. */
function levelsOn(
  world: World,
  principal: string,
  bucket: string,
): { can: Level[]; on: string[]; outcome: AccessRow['outcome'] } {
  const policies = [
    ...(findCaller(world, { principal })?.principal.policies ?? []),
    ...Object.values(world.accounts).flatMap(({ buckets }) => buckets[bucket]?.policy ?? []),
  ];
  const statements = policies
    .flatMap(({ document }) => statementsOf(document))
    .filter(({ Effect }) => Effect === 'Allow');
  const patterns = [
    ...new Set(['*', ...statements.flatMap((statement) => keysOf(statement, bucket, ''))]),
  ].slice(0, 20);
  const can = new Set<Level>();
  const on = new Set<string>();
  let best: AccessRow['outcome'] = 'deny';
  for (const { level, operation, onBucket } of LEVEL_CALLS)
    for (const pattern of onBucket ? [''] : patterns.filter((one) => one !== '')) {
      const input = { Bucket: bucket, ...(!onBucket && { Key: sampleKey(pattern, '') }) };
      const { outcome } = authorizeCall(world, {
        service: 's3',
        operation,
        input,
        principal,
        context: CONTEXT,
        unknown: UNKNOWN,
      });
      if (outcome === 'deny') continue;
      can.add(level);
      on.add(pattern || '(the bucket)');
      if (best !== 'allow') best = outcome;
    }
  return { can: [...can], on: [...on], outcome: best };
}
