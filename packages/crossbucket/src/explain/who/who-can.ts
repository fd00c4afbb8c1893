import {
  authorizeCall,
  matchesGlob,
  statementsOf,
  type AccountSnapshot,
  type ApiCall,
  type BucketSnapshot,
  type NamedPolicy,
  type Outcome,
  type PrincipalElement,
  type Statement,
  type World,
} from '@crossbucket/policy';
import { isUniqueId } from '../fixes/stale.ts';
import { listOf } from '../fixes/statement-parts.ts';
import { asCaller } from '../question/path.ts';
import { conditionTexts, LEVEL_CALLS, statementLabel, type AccessRow, type Level } from './access-row.ts';
import { keysOf, levelsOf, sampleKey } from './scopes.ts';

export interface WhoOptions {
  /** Keys that begin so. */
  prefix?: string;
  /** Principals of the bucket's own account, too. */
  inside?: boolean;
}

/** Keys of how a call is sent: what nobody knows of calls to come. */
const UNKNOWN = [
  'aws:SourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:VpcSourceIp',
  'aws:UserAgent',
  'aws:Referer',
  'aws:MultiFactorAuthPresent',
  'aws:MultiFactorAuthAge',
  'aws:CurrentTime',
  's3:prefix',
  's3:delimiter',
  's3:max-keys',
  's3:x-amz-acl',
  's3:x-amz-server-side-encryption',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
  's3:ExistingObjectTag/*',
  's3:RequestObjectTag/*',
  'sts:ExternalId',
  'sts:RoleSessionName',
  'sts:SourceIdentity',
];

const CONTEXT = { 'aws:SecureTransport': true, 'aws:ViaAWSService': false };

/** Who can do what to a bucket: by its policy, its access points, its ACL, and the roles of its account. */
export function whoCan(
  world: World,
  account: AccountSnapshot,
  bucket: BucketSnapshot,
  options: WhoOptions = {},
): AccessRow[] {
  const rows = [
    ...byPolicies(world, account, bucket, options),
    ...byAcl(account, bucket),
    ...byRoles(world, account, bucket, options),
  ];
  return options.inside === true ? rows : rows.filter(({ outside }) => outside);
}

function byPolicies(
  world: World,
  account: AccountSnapshot,
  bucket: BucketSnapshot,
  { prefix = '' }: WhoOptions,
): AccessRow[] {
  const points = Object.values(account.accessPoints ?? {}).filter((point) => point.bucket === bucket.name);
  const documents: { policy: NamedPolicy; base: string; through: string; point?: string }[] = [
    ...(bucket.policy
      ? [{ policy: bucket.policy, base: `arn:aws:s3:::${bucket.name}`, through: bucket.name }]
      : []),
    ...points.flatMap(({ arn, policy }) => (policy ? [{ policy, base: arn, through: arn, point: arn }] : [])),
  ];
  return documents.flatMap(({ policy, base, through, point }) =>
    statementsOf(policy.document).flatMap((statement, index) => {
      const on = statement.Effect === 'Allow' ? keysOf(statement, bucket.name, prefix, base) : [];
      const can = levelsOf(statement);
      if (on.length === 0 || can.length === 0) return [];
      return namesIn(statement).map((name): AccessRow => {
        const found = tryOut(world, { name, through, can, on, prefix });
        return {
          bucket: bucket.name,
          ...describe(name, account.id),
          route: point === undefined ? 'bucket-policy' : 'access-point',
          via: point === undefined ? [] : [point],
          can,
          on: [...new Set(on.map((pattern) => pattern || '(the bucket)'))],
          document: policy.name,
          statement: statementLabel(statement, index),
          conditions: conditionTexts(statement),
          ...found,
        };
      });
    }),
  );
}

/** Whom a statement is for. */
export function namesIn({ Principal, NotPrincipal }: Statement): string[] {
  if (NotPrincipal !== undefined || Principal === '*') return ['*'];
  return Object.entries((Principal ?? {}) as Exclude<PrincipalElement, '*'>).flatMap(([, names]) =>
    listOf(names),
  );
}

function describe(
  name: string,
  owner: string,
): Pick<AccessRow, 'principal' | 'account' | 'kind' | 'outside'> {
  const account = /^\d{12}$/.test(name) ? name : /^arn:[^:]+:(?:iam|sts)::(\d{12}):/.exec(name)?.[1];
  const kind =
    name === '*'
      ? 'public'
      : isUniqueId(name)
        ? 'stale'
        : account === undefined
          ? 'service'
          : /^\d{12}$|:root$/.test(name)
            ? 'account'
            : 'principal';
  return {
    principal: name,
    ...(account !== undefined && { account }),
    kind,
    outside: account !== owner,
  };
}

interface Trial {
  name: string;
  through: string;
  can: readonly Level[];
  on: readonly string[];
  prefix: string;
}

const BEST: Record<Outcome, number> = { deny: 0, depends: 1, allow: 2 };

/** What the best of the calls comes to that a statement speaks of. */
function tryOut(
  world: World,
  { name, through, can, on, prefix }: Trial,
): Pick<AccessRow, 'outcome' | 'because'> {
  if (isUniqueId(name)) return { outcome: 'deny', because: 'stale-principal' };
  const principal = asCaller(/^\d{12}$/.test(name) ? `arn:aws:iam::${name}:root` : name);
  let best: Pick<AccessRow, 'outcome' | 'because'> | undefined;
  for (const { level, operation, onBucket } of LEVEL_CALLS) {
    if (!can.includes(level)) continue;
    for (const pattern of on) {
      if (onBucket !== (pattern === '') && pattern !== '*') continue;
      const input = { Bucket: through, ...(!onBucket && { Key: sampleKey(pattern, prefix) }) };
      const call: ApiCall = {
        service: 's3',
        operation,
        input,
        principal,
        context: CONTEXT,
        unknown: UNKNOWN,
      };
      const { outcome, causes } = authorizeCall(world, call);
      const found = { outcome, ...(causes[0] && { because: causes[0].code }) };
      if (best === undefined || BEST[outcome] > BEST[best.outcome]) best = found;
      if (outcome === 'allow') return found;
    }
  }
  return best ?? { outcome: 'depends' };
}

function byAcl(account: AccountSnapshot, { name: bucket, acl = [], ownership }: BucketSnapshot): AccessRow[] {
  if (ownership === 'BucketOwnerEnforced') return [];
  return acl.flatMap(({ grantee, permission }): AccessRow[] => {
    if ('canonicalUser' in grantee && grantee.canonicalUser === account.canonicalId) return [];
    const principal =
      'group' in grantee ? '*' : 'account' in grantee ? grantee.account : grantee.canonicalUser;
    return [
      {
        bucket,
        principal,
        kind: 'group' in grantee ? 'public' : 'account',
        outside: true,
        route: 'acl',
        via: [],
        can:
          permission === 'READ'
            ? ['list']
            : permission === 'WRITE'
              ? ['write', 'delete']
              : permission === 'FULL_CONTROL'
                ? ['list', 'write', 'delete']
                : ['other'],
        on: ['*'],
        document: `ACL of ${bucket}`,
        statement: permission,
        conditions: 'group' in grantee ? [`group ${grantee.group}`] : [],
        outcome: 'depends',
      },
    ];
  });
}

const MOST_LINKS = 5;

/** Roles of the owner's account that can do something, and who gets into them, through other roles as well. */
function byRoles(
  world: World,
  account: AccountSnapshot,
  bucket: BucketSnapshot,
  options: WhoOptions,
): AccessRow[] {
  const roles = Object.values(account.principals).filter(({ kind }) => kind === 'role');
  return roles.flatMap((role) => {
    const given = role.policies.flatMap((policy) =>
      statementsOf(policy.document)
        .map((statement, index) => ({ policy, statement, index }))
        .filter(
          ({ statement }) =>
            statement.Effect === 'Allow' &&
            keysOf(statement, bucket.name, options.prefix ?? '').length > 0 &&
            levelsOf(statement).length > 0,
        ),
    );
    if (given.length === 0) return [];
    const can = [...new Set(given.flatMap(({ statement }) => levelsOf(statement)))];
    const on = [
      ...new Set(given.flatMap(({ statement }) => keysOf(statement, bucket.name, options.prefix ?? ''))),
    ];
    const found = tryOut(world, {
      name: role.arn,
      through: bucket.name,
      can,
      on,
      prefix: options.prefix ?? '',
    });
    if (found.outcome === 'deny') return [];
    const [first] = given;
    return entrances(account, role.arn, [], new Set()).map(({ name, chain, conditions }): AccessRow => ({
      bucket: bucket.name,
      ...describe(name, account.id),
      route: 'role',
      via: [...chain, role.arn],
      can,
      on: on.map((pattern) => pattern || '(the bucket)'),
      document: first!.policy.name,
      statement: statementLabel(first!.statement, first!.index),
      conditions,
      outcome: isUniqueId(name)
        ? 'deny'
        : conditions.length > 0 || found.outcome === 'depends'
          ? 'depends'
          : 'allow',
      ...(isUniqueId(name) && { because: 'stale-principal' }),
    }));
  });
}

interface Entrance {
  name: string;
  /** Roles on the way, the first first. */
  chain: string[];
  conditions: string[];
}

/** Who may assume a role: those whom its trust policy names, and through roles of the account those who may assume them. */
function entrances(account: AccountSnapshot, role: string, chain: string[], seen: Set<string>): Entrance[] {
  if (seen.has(role) || chain.length > MOST_LINKS) return [];
  const visited = new Set([...seen, role]);
  const { trust } = account.principals[role] ?? {};
  return (trust ? statementsOf(trust.document) : []).flatMap((statement) => {
    if (
      statement.Effect !== 'Allow' ||
      !listOf(statement.Action).some(
        (pattern) => matchesGlob(pattern.toLowerCase(), 'sts:assumerole') || /assumerolewith/i.test(pattern),
      )
    )
      return [];
    const conditions = conditionTexts(statement);
    return namesIn(statement).flatMap((name): Entrance[] => {
      const before = rolesNamed(account, name, role);
      const through = before.flatMap((one) =>
        entrances(account, one, [one, ...chain], visited).map((entrance) => ({
          ...entrance,
          chain: entrance.chain,
          conditions: [...new Set([...entrance.conditions, ...conditions])],
        })),
      );
      return [{ name, chain, conditions }, ...through];
    });
  });
}

/** Roles of the account that a name stands for: itself, or where it is the account, those whose policies let them. */
function rolesNamed({ id, principals }: AccountSnapshot, name: string, target: string): string[] {
  if (principals[name]?.kind === 'role') return [name];
  if (name !== id && !name.endsWith(`::${id}:root`)) return [];
  return Object.values(principals)
    .filter(
      ({ kind, arn, policies }) =>
        kind === 'role' &&
        arn !== target &&
        policies.some(({ document }) => lets(document.Statement, target)),
    )
    .map(({ arn }) => arn);
}

const lets = (statements: Statement | Statement[], role: string): boolean =>
  [statements]
    .flat()
    .some(
      ({ Effect, Action, Resource }) =>
        Effect === 'Allow' &&
        listOf(Action).some((pattern) => matchesGlob(pattern.toLowerCase(), 'sts:assumerole')) &&
        listOf(Resource).some((pattern) => matchesGlob(pattern, role)),
    );

export { CONTEXT, UNKNOWN };
