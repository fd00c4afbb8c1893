import {
  findCaller,
  statementsOf,
  type BucketSnapshot,
  type PolicyDocument,
  type Statement,
  type World,
} from '@crossbucket/policy';
import { asCaller } from '../question/path.ts';
import { LEVEL_CALLS, uniqueConditions, type AccessRow } from './access-row.ts';
import { attemptsIn, inTurn, type Attempts, type Tried } from './attempts.ts';
import { LeftOut, MOST_LINKS, MOST_PATHS, MOST_PATTERNS } from './left-out.ts';
import { reachedBy, type Reached } from './levels.ts';
import { namesIn, wholeAccount } from './named.ts';
import { keysOf } from './scopes.ts';

/**
 * To which buckets of the world a principal gets: by itself, and through roles that it may assume.
 * @param leftOut Gets what was not followed.
 */
export function reachOf(world: World, principal: string, leftOut = new LeftOut()): AccessRow[] {
  const attempts = attemptsIn(world);
  const reached = new Map<string, { account: string; bucket: string; reached: Reached }[]>();
  const from = (caller: string) => {
    const known = reached.get(caller) ?? bucketsFrom(world, caller, { attempts, leftOut });
    reached.set(caller, known);
    return known;
  };
  return pathsOf(world, principal, { attempts, leftOut }).flatMap(({ caller, via, tried }) =>
    from(caller).map(({ account, bucket, reached: one }): AccessRow => {
      const { outcome, requires } = inTurn(tried, one);
      return {
        bucket,
        principal,
        account: accountOf(principal),
        kind: 'principal',
        outside: accountOf(principal) !== account,
        route: via.length > 0 ? 'role' : accountOf(caller) === account ? 'identity-policy' : 'bucket-policy',
        via,
        can: one.can,
        on: one.on,
        ...(one.actions && { actions: one.actions }),
        conditions: uniqueConditions(requires),
        requires,
        outcome,
      };
    }),
  );
}

const accountOf = (arn: string): string => arn.split(':')[4] ?? '';

interface Path {
  caller: string;
  via: string[];
  tried: Tried;
}

interface Trying {
  attempts: Attempts;
  leftOut: LeftOut;
}

/** The caller, and every session that it may come to; short ways first. */
function pathsOf(world: World, principal: string, { attempts, leftOut }: Trying): Path[] {
  const roles = Object.values(world.accounts)
    .flatMap(({ principals }) => Object.values(principals))
    .filter(({ kind }) => kind === 'role')
    .map(({ arn, trust }) => ({
      arn,
      names: trust
        ? statementsOf(trust.document)
            .flatMap(namesIn)
            .map(({ name }) => name)
        : undefined,
    }));
  const next = new Map<string, { arn: string; tried: Tried }[]>();
  const assumableBy = (caller: string) => {
    const known =
      next.get(caller) ??
      roles.flatMap(({ arn, names }) => {
        if (arn === caller || (names !== undefined && !mayName(names, caller))) return [];
        const tried = attempts.assume(caller, arn);
        return tried.outcome === 'deny' ? [] : [{ arn, tried }];
      });
    next.set(caller, known);
    return known;
  };
  const paths: Path[] = [{ caller: principal, via: [], tried: { outcome: 'allow', requires: [] } }];
  for (let at = 0; at < paths.length && paths.length <= MOST_PATHS; at++) {
    const { caller, via, tried } = paths[at]!;
    const steps = assumableBy(caller).filter(({ arn }) => !via.includes(arn) && arn !== principal);
    if (steps.length > 0 && via.length >= MOST_LINKS) leftOut.links(accountOf(caller));
    else
      for (const step of steps)
        paths.push({ caller: step.arn, via: [...via, step.arn], tried: inTurn(tried, step.tried) });
  }
  if (paths.length > MOST_PATHS) leftOut.paths(accountOf(principal));
  return paths.slice(0, MOST_PATHS);
}

/** Whether a trust policy could be about somebody: most are about others, and need no evaluation. */
function mayName(names: readonly string[], caller: string): boolean {
  const session = asCaller(caller);
  const account = accountOf(caller);
  return names.some(
    (name) =>
      name === '*' ||
      name === caller ||
      name === session ||
      wholeAccount(name) === account ||
      name.includes(':assumed-role/'),
  );
}

function bucketsFrom(world: World, caller: string, trying: Trying) {
  const own = findCaller(world, { principal: asCaller(caller) })?.principal.policies ?? [];
  const identity = own.flatMap(({ document }) => allowsOf(document));
  return Object.values(world.accounts).flatMap(({ id: account, buckets }) =>
    Object.values(buckets).flatMap((bucket) =>
      levelsOn({ account, bucket, caller }, identity, trying).map((reached) => ({
        account,
        bucket: bucket.name,
        reached,
      })),
    ),
  );
}

const EVERY_LEVEL = {
  Effect: 'Allow' as const,
  Action: LEVEL_CALLS.map(({ action }) => action),
  Resource: '*',
};

const allowsOf = (document: PolicyDocument): Statement[] =>
  statementsOf(document).filter(({ Effect }) => Effect === 'Allow');

/** Tried on the keys that the caller's policies and the bucket's speak of. */
function levelsOn(
  { account, bucket: { name, policy }, caller }: { account: string; bucket: BucketSnapshot; caller: string },
  identity: readonly Statement[],
  { attempts, leftOut }: Trying,
): Reached[] {
  const statements = [...identity, ...(policy ? allowsOf(policy.document) : [])];
  const named = [...new Set(statements.flatMap((statement) => keysOf(statement, name, '')))];
  if (named.length === 0) return [];
  const patterns = ['', ...named.filter((pattern) => pattern !== '')];
  if (patterns.length > MOST_PATTERNS) leftOut.patterns(account, name);
  return reachedBy([EVERY_LEVEL], patterns.slice(0, MOST_PATTERNS), {
    through: name,
    prefix: '',
    attempt: (operation, input) => attempts.s3(caller, operation, input),
  }).filter(({ outcome }) => outcome !== 'deny');
}
