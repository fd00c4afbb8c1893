import {
  statementsOf,
  type AccountSnapshot,
  type BucketSnapshot,
  type NamedPolicy,
  type PrincipalSnapshot,
  type Statement,
  type World,
} from '@crossbucket/policy';
import { isUniqueId } from '../fixes/stale.ts';
import { conditionsOf, inOrder, statementLabel, uniqueConditions, type AccessRow } from './access-row.ts';
import { attemptsIn, inTurn, type Attempts } from './attempts.ts';
import { entrancesOf, type Entrance } from './entrances.ts';
import { LeftOut } from './left-out.ts';
import { reachedBy, type Reached } from './levels.ts';
import { describe, namesIn } from './named.ts';
import { keysOf, levelsOf } from './scopes.ts';

export interface WhoOptions {
  /** Keys that begin so. */
  prefix?: string;
  /** Principals of the bucket's own account, too. */
  inside?: boolean;
  /** Gets what was not followed. */
  leftOut?: LeftOut;
}

/** Who can do what to a bucket: by its policy, its access points, its ACL, and by roles, through others as well. */
export function whoCan(
  world: World,
  account: AccountSnapshot,
  bucket: BucketSnapshot,
  { prefix = '', inside = false, leftOut = new LeftOut() }: WhoOptions = {},
): AccessRow[] {
  const asked: Asked = { world, account, bucket, prefix, attempts: attemptsIn(world), leftOut };
  const direct = byPolicies(asked);
  const own = byIdentity(asked);
  const rows = [...direct, ...byAcl(asked), ...own, ...byRoles(asked, [...direct, ...own])];
  return inOrder(inside ? rows : rows.filter(({ outside }) => outside));
}

interface Asked {
  world: World;
  account: AccountSnapshot;
  bucket: BucketSnapshot;
  prefix: string;
  attempts: Attempts;
  leftOut: LeftOut;
}

function byPolicies({ world, account, bucket, prefix, attempts }: Asked): AccessRow[] {
  const points = Object.values(account.accessPoints ?? {}).filter((point) => point.bucket === bucket.name);
  const documents: { policy: NamedPolicy; base: string; through: string; point?: string }[] = [
    ...(bucket.policy
      ? [{ policy: bucket.policy, base: `arn:aws:s3:::${bucket.name}`, through: bucket.name }]
      : []),
    ...points.flatMap(({ arn, policy }) => (policy ? [{ policy, base: arn, through: arn, point: arn }] : [])),
  ];
  return documents.flatMap(({ policy, base, through, point }) =>
    statementsOf(policy.document).flatMap((statement, index) => {
      const patterns = statement.Effect === 'Allow' ? keysOf(statement, bucket.name, prefix, base) : [];
      if (patterns.length === 0 || levelsOf(statement).length === 0) return [];
      return namesIn(statement).flatMap((named) => {
        const reached = isUniqueId(named.name)
          ? [goneWith(statement, patterns)]
          : reachedBy([statement], patterns, {
              through,
              prefix,
              attempt: (operation, input) => attempts.s3AsNamed(named, operation, input),
            });
        return reached.map((one): AccessRow => ({
          bucket: bucket.name,
          ...describe(named, statement, account.id, world),
          route: point === undefined ? 'bucket-policy' : 'access-point',
          via: point === undefined ? [] : [point],
          ...one,
          document: policy.name,
          statement: statementLabel(statement, index),
          conditions: conditionsOf(statement),
        }));
      });
    }),
  );
}

/** What a statement gave to somebody who is gone. */
const goneWith = (statement: Statement, patterns: readonly string[]): Reached => ({
  can: levelsOf(statement),
  on: patterns.map((pattern) => pattern || '(the bucket)'),
  outcome: 'deny',
  because: 'stale-principal',
  requires: [],
});

function byAcl({ world, account, bucket: { name: bucket, acl = [], ownership } }: Asked): AccessRow[] {
  if (ownership === 'BucketOwnerEnforced') return [];
  return acl.flatMap(({ grantee, permission }): AccessRow[] => {
    if ('canonicalUser' in grantee && grantee.canonicalUser === account.canonicalId) return [];
    const whom =
      'group' in grantee
        ? { principal: '*', kind: 'public' as const, outside: true }
        : 'account' in grantee
          ? describe({ type: 'AWS', name: grantee.account }, undefined, account.id, world)
          : describe({ type: 'CanonicalUser', name: grantee.canonicalUser }, undefined, account.id, world);
    return [
      {
        bucket,
        ...whom,
        route: 'acl',
        via: [],
        can: ACL_LEVELS[permission] ?? ['other'],
        on: ['*'],
        document: `ACL of ${bucket}`,
        statement: 'group' in grantee ? `${permission} for ${grantee.group}` : permission,
        conditions: [],
        requires: [],
        outcome: 'depends',
      },
    ];
  });
}

const ACL_LEVELS: Partial<Record<string, AccessRow['can']>> = {
  READ: ['list'],
  WRITE: ['write', 'delete'],
  FULL_CONTROL: ['list', 'write', 'delete'],
};

/** Users and roles of the owner's account whose own policies let them. */
function byIdentity({ account, bucket, prefix, attempts }: Asked): AccessRow[] {
  return Object.values(account.principals).flatMap((principal) => {
    const given = givenTo(principal, bucket.name, prefix);
    const [first] = given;
    if (first === undefined) return [];
    const patterns = [...new Set(given.flatMap(({ statement }) => keysOf(statement, bucket.name, prefix)))];
    const statements = given.map(({ statement }) => statement);
    const attempt = (operation: string, input: Record<string, unknown>) =>
      attempts.s3(principal.arn, operation, input);
    return reachedBy(statements, patterns, { through: bucket.name, prefix, attempt })
      .filter(({ outcome }) => outcome !== 'deny')
      .map((reached): AccessRow => ({
        bucket: bucket.name,
        principal: principal.arn,
        account: account.id,
        kind: 'principal',
        outside: false,
        route: 'identity-policy',
        via: [],
        ...reached,
        document: first.policy.name,
        statement: statementLabel(first.statement, first.index),
        conditions: uniqueConditions(statements.filter((one) => isAbout(one, reached)).flatMap(conditionsOf)),
      }));
  });
}

const isAbout = (statement: Statement, { can }: Reached): boolean =>
  levelsOf(statement).some((level) => can.includes(level));

interface Given {
  policy: NamedPolicy;
  statement: Statement;
  index: number;
}

const givenTo = ({ policies }: PrincipalSnapshot, bucket: string, prefix: string): Given[] =>
  policies.flatMap((policy) =>
    statementsOf(policy.document).flatMap((statement, index) =>
      statement.Effect === 'Allow' &&
      levelsOf(statement).length > 0 &&
      keysOf(statement, bucket, prefix).length > 0
        ? [{ policy, statement, index }]
        : [],
    ),
  );

/** Who gets into the roles that can do something, whether by their own policies or by name. */
function byRoles({ world, account, attempts, leftOut }: Asked, doors: readonly AccessRow[]): AccessRow[] {
  const entrances = entrancesOf(world, attempts, leftOut);
  const known = new Map<string, Entrance[]>();
  const into = (role: string): Entrance[] => {
    const found = known.get(role) ?? entrances(role);
    known.set(role, found);
    return found;
  };
  const isRole = ({ kind, principal }: AccessRow) => kind === 'principal' && principal.includes(':role/');
  return doors
    .filter((door) => isRole(door) && door.outcome !== 'deny')
    .flatMap((door) =>
      into(door.principal).map(({ named, statement, chain, conditions, tried }): AccessRow => {
        const { outcome, because, requires } = inTurn(tried, door);
        const { because: _, ...rest } = door;
        const whom = describe(named, statement, account.id, world);
        return {
          ...rest,
          ...whom,
          // A service that takes on a role of the account works for the account.
          outside: whom.kind === 'service' ? door.outside : whom.outside,
          route: 'role',
          via: [...chain, door.principal, ...door.via],
          conditions: uniqueConditions([...conditions, ...door.conditions]),
          requires,
          outcome,
          ...(because !== undefined && { because }),
        };
      }),
    );
}
