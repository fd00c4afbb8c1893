import {
  matchesGlob,
  statementsOf,
  type PrincipalSnapshot,
  type Statement,
  type World,
} from '@crossbucket/policy';
import { isUniqueId } from '../fixes/stale.ts';
import { listOf } from '../fixes/statement-parts.ts';
import { conditionsOf, uniqueConditions, type RowCondition } from './access-row.ts';
import { inTurn, type Attempts, type Tried } from './attempts.ts';
import { MOST_LINKS, type LeftOut } from './left-out.ts';
import { namesIn, wholeAccount, type Named } from './named.ts';

/** Somebody who gets into a role, and how. */
export interface Entrance {
  named: Named;
  /** The trust statement that names them. */
  statement: Statement;
  /** Roles on the way, the first first; without the role itself. */
  chain: string[];
  conditions: RowCondition[];
  tried: Tried;
}

/**
 * Who may assume roles of a world: those whom their trust policies name, and through roles those who may assume these.
 * @param leftOut Gets what was not followed.
 */
export function entrancesOf(
  world: World,
  attempts: Attempts,
  leftOut: LeftOut,
): (role: string) => Entrance[] {
  const roles = new Map(
    Object.values(world.accounts)
      .flatMap(({ principals }) => Object.values(principals))
      .filter(({ kind }) => kind === 'role')
      .map((role) => [role.arn, role]),
  );
  const movers = moversOf(world);

  /** Roles and users that a name stands for: itself, or those of an account whose own policies let them. */
  const principalsNamed = (name: string, target: string): PrincipalSnapshot[] => {
    const role = roles.get(name);
    if (role !== undefined) return [role];
    const account = wholeAccount(name);
    return account === undefined
      ? []
      : (movers.get(account) ?? []).flatMap(({ principal, statements }) =>
          principal.arn !== target && lets(statements, target) ? [principal] : [],
        );
  };

  const enter = (role: string, later: readonly string[]): Entrance[] => {
    const trust = roles.get(role)?.trust;
    if (trust === undefined) return [];
    if (later.length > MOST_LINKS) {
      leftOut.links(role.split(':')[4] ?? '');
      return [];
    }
    return statementsOf(trust.document).flatMap((statement) => {
      const operation = assumedBy(statement);
      if (statement.Effect !== 'Allow' || operation === undefined) return [];
      const conditions = conditionsOf(statement);
      return namesIn(statement).flatMap((named): Entrance[] => {
        const tried: Tried = isUniqueId(named.name)
          ? { outcome: 'deny', because: 'stale-principal', requires: [] }
          : attempts.assumeAsNamed(named, role, operation);
        const own: Entrance = { named, statement, chain: [], conditions, tried };
        const before = principalsNamed(named.name, role).filter(({ arn }) => !later.includes(arn));
        return [own, ...before.flatMap((principal) => through(principal, own, role, later))];
      });
    });
  };

  /** Into the role by way of somebody whom its trust policy lets in. */
  const through = (
    { kind, arn }: PrincipalSnapshot,
    { named, statement, conditions }: Entrance,
    role: string,
    later: readonly string[],
  ): Entrance[] => {
    const tried = attempts.assume(arn, role);
    if (tried.outcome === 'deny') return [];
    const itself: Entrance[] =
      arn === named.name
        ? []
        : [{ named: { type: 'AWS', name: arn }, statement, chain: [], conditions, tried }];
    if (kind === 'user') return itself;
    const earlier = enter(arn, [...later, role]).filter((entrance) => entrance.tried.outcome !== 'deny');
    return [
      ...itself,
      ...earlier.map((entrance) => ({
        ...entrance,
        chain: [...entrance.chain, arn],
        conditions: uniqueConditions([...entrance.conditions, ...conditions]),
        tried: inTurn(entrance.tried, tried),
      })),
    ];
  };

  return (role) => enter(role, []);
}

/** The operation by which a trust statement lets people in. */
function assumedBy({ Action, NotAction }: Statement): string | undefined {
  if (NotAction !== undefined) return 'AssumeRole';
  const isAbout = (action: string) =>
    listOf(Action).some((pattern) => matchesGlob(pattern.toLowerCase(), action.toLowerCase()));
  return ['AssumeRole', 'AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'].find((operation) =>
    isAbout(`sts:${operation}`),
  );
}

interface Mover {
  principal: PrincipalSnapshot;
  /** Those that let it assume roles. */
  statements: Statement[];
}

/** Who of each account may assume roles at all: few of many. */
function moversOf(world: World): Map<string, Mover[]> {
  return new Map(
    Object.values(world.accounts).map(({ id, principals }) => [
      id,
      Object.values(principals).flatMap((principal): Mover[] => {
        const statements = principal.policies
          .flatMap(({ document }) => statementsOf(document))
          .filter((statement) => statement.Effect === 'Allow' && assumedBy(statement) === 'AssumeRole');
        return statements.length === 0 ? [] : [{ principal, statements }];
      }),
    ]),
  );
}

const lets = (statements: readonly Statement[], role: string): boolean =>
  statements.some(
    ({ Resource, NotResource }) =>
      NotResource !== undefined || listOf(Resource).some((pattern) => matchesGlob(pattern, role)),
  );
