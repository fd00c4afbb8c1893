import {
  authorizeCall,
  statementsOf,
  type AccountSnapshot,
  type ApiCall,
  type CauseCode,
  type NamedPolicy,
  type Outcome,
  type World,
} from '@crossbucket/policy';
import { asCaller } from '../question/path.ts';
import { uniqueConditions, type RowCondition } from './access-row.ts';
import { wholeAccount, type Named } from './named.ts';

/** What the engine makes of a call, or of several that follow each other. */
export interface Tried {
  outcome: Outcome;
  because?: CauseCode;
  requires: RowCondition[];
}

/** Decides calls that nobody has made yet: what only a call has is unknown. */
export interface Attempts {
  /** By a principal's ARN, or one of its sessions. */
  s3(principal: string, operation: string, input: ApiCall['input']): Tried;
  /** By whomever a statement names. */
  s3AsNamed(named: Named, operation: string, input: ApiCall['input']): Tried;
  assume(principal: string, role: string): Tried;
  assumeAsNamed(named: Named, role: string, operation: string): Tried;
}

/** Keys of how a call is sent. */
const SENT = [
  'aws:SourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:VpcSourceIp',
  'aws:UserAgent',
  'aws:Referer',
  'aws:MultiFactorAuthPresent',
  'aws:MultiFactorAuthAge',
  'aws:TokenIssueTime',
  'aws:CurrentTime',
  'aws:EpochTime',
  's3:ExistingObjectTag/*',
  's3:RequestObjectTag/*',
];

/** Keys of who calls: known of a principal, unknown of somebody of an account or of anybody. */
const OF_PRINCIPAL = /^(aws:(principal|userid|username|federatedprovider|sourceidentity))/i;
/** Keys that follow from what is called, or are so in any case. */
const DERIVED =
  /^(aws:(resource|securetransport|viaawsservice|calledvia|requestedregion)|s3:(resourceaccount|dataaccesspoint|accesspoint)|kms:(viaservice|encryptioncontext|calleraccount|resourcealiases))/i;

const CONTEXT = { 'aws:SecureTransport': true, 'aws:ViaAWSService': false };

const SOMEBODY = 'somebody-of-the-account';
/** No account has this id: whoever is of another account than all that are known. */
const ELSEWHERE = '000000000000';

export function attemptsIn(world: World): Attempts {
  const spoken = keysSpokenOf(world);
  const unknown = [...SENT, ...spoken.filter((key) => !OF_PRINCIPAL.test(key) && !DERIVED.test(key))];
  const ofAnybody = [
    ...unknown,
    ...spoken.filter((key) => OF_PRINCIPAL.test(key)),
    'aws:PrincipalArn',
    'aws:PrincipalTag/*',
    'aws:PrincipalOrgID',
    'aws:PrincipalOrgPaths',
    'aws:userid',
    'aws:username',
  ];
  const peopled = new Map<string, World>();
  const cache = new Map<string, Tried>();

  const decide = (where: World, call: Omit<ApiCall, 'context' | 'unknown'>, keys: string[]): Tried => {
    const { outcome, causes, authorizations } = authorizeCall(where, {
      ...call,
      context: CONTEXT,
      unknown: keys,
    });
    const requires = outcome === 'depends' ? authorizations.flatMap(({ decision }) => decision.requires) : [];
    const [cause] = causes;
    return {
      outcome,
      ...(outcome === 'deny' && cause && { because: cause.code }),
      requires: uniqueConditions(requires),
    };
  };
  const remembered = (key: string, work: () => Tried): Tried => {
    const known = cache.get(key) ?? work();
    cache.set(key, known);
    return known;
  };
  /** The world with somebody in an account whom its policies let do everything. */
  const peopledWorld = (account: string): World => {
    const known = peopled.get(account) ?? withSomebody(world, account);
    peopled.set(account, known);
    return known;
  };
  const asSomebody = (account: string, call: Pick<ApiCall, 'service' | 'operation' | 'input'>) =>
    decide(
      peopledWorld(account),
      { ...call, principal: `arn:aws:iam::${account}:user/${SOMEBODY}` },
      account === ELSEWHERE ? [...ofAnybody, 'aws:PrincipalAccount', 'aws:PrincipalType'] : ofAnybody,
    );
  const callAsNamed = (
    { type, name }: Named,
    call: Pick<ApiCall, 'service' | 'operation' | 'input'>,
  ): Tried => {
    if (type === 'CanonicalUser') {
      const account = Object.values(world.accounts).find(({ canonicalId }) => canonicalId === name)?.id;
      return account === undefined ? { outcome: 'depends', requires: [] } : asSomebody(account, call);
    }
    const account = wholeAccount(name);
    if (account !== undefined) return asSomebody(account, call);
    if (name !== '*') return decide(world, { ...call, principal: asCaller(name) }, unknown);
    const byAnybody =
      call.service === 'sts' ? undefined : decide(world, { ...call, principal: '*' }, unknown);
    // Who signs is no better off than who does not, but for conditions on who it is.
    return byAnybody !== undefined && byAnybody.outcome !== 'deny'
      ? byAnybody
      : worseUnless(byAnybody, asSomebody(ELSEWHERE, call));
  };
  return {
    s3: (principal, operation, input) => {
      const key = `s3 ${principal} ${operation} ${JSON.stringify(input)}`;
      return remembered(key, () =>
        decide(world, { service: 's3', operation, input, principal: asCaller(principal) }, unknown),
      );
    },
    s3AsNamed: (named, operation, input) => callAsNamed(named, { service: 's3', operation, input }),
    assume: (principal, role) =>
      remembered(`assume ${principal} ${role}`, () =>
        decide(
          world,
          {
            service: 'sts',
            operation: 'AssumeRole',
            input: { RoleArn: role },
            principal: asCaller(principal),
          },
          unknown,
        ),
      ),
    assumeAsNamed: (named, role, operation) =>
      remembered(`as named ${named.type} ${named.name} ${role} ${operation}`, () =>
        callAsNamed(named, { service: 'sts', operation, input: { RoleArn: role } }),
      ),
  };
}

const worseUnless = (denied: Tried | undefined, other: Tried): Tried =>
  other.outcome === 'deny' && denied !== undefined ? denied : other;

const BEST: Record<Outcome, number> = { deny: 0, depends: 1, allow: 2 };

export const isBetter = (one: Tried, other: Tried): boolean => BEST[one.outcome] > BEST[other.outcome];

/** One call after the other: all of them have to be allowed. */
export function inTurn(...steps: readonly Tried[]): Tried {
  const worst = steps.reduce((one, other) => (isBetter(one, other) ? other : one));
  return { ...worst, requires: uniqueConditions(steps.flatMap(({ requires }) => requires)) };
}

/** Condition keys of every policy, and of every role's trust. */
function keysSpokenOf(world: World): string[] {
  const keys = new Map<string, string>();
  const read = ({ document }: NamedPolicy) => {
    for (const { Condition = {} } of statementsOf(document))
      for (const block of Object.values(Condition))
        for (const key of Object.keys(block)) keys.set(key.toLowerCase(), key);
  };
  const controls = Object.values(world.organization?.accounts ?? {}).flatMap(
    ({ serviceControl, resourceControl }) => [...serviceControl.flat(), ...resourceControl.flat()],
  );
  for (const policy of [...controls, ...Object.values(world.accounts).flatMap(policiesIn)]) read(policy);
  return [...keys.values()];
}

const policiesIn = ({ principals, buckets, keys, accessPoints = {} }: AccountSnapshot): NamedPolicy[] => [
  ...Object.values(principals).flatMap(({ policies, boundary, trust }) => [
    ...policies,
    ...(boundary ? [boundary] : []),
    ...(trust ? [trust] : []),
  ]),
  ...[...Object.values(buckets), ...Object.values(keys), ...Object.values(accessPoints)].flatMap(
    ({ policy }) => policy ?? [],
  ),
];

const EVERYTHING: NamedPolicy = {
  name: 'everything',
  document: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] },
};

function withSomebody(world: World, id: string): World {
  const known = world.accounts[id];
  const arn = `arn:aws:iam::${id}:user/${SOMEBODY}`;
  const isOutside = known === undefined && world.organization?.accounts[id] === undefined;
  const account: AccountSnapshot = {
    ...(known ?? { id, buckets: {}, keys: {} }),
    principals: {
      ...known?.principals,
      [arn]: { kind: 'user', arn, uniqueId: 'AIDASOMEBODY00000000', policies: [EVERYTHING] },
    },
    // Nobody knows the SCPs of an account that cannot be read.
    ...(isOutside && id !== ELSEWHERE && { unknown: [{ what: 'scp', why: 'no profile to read it with' }] }),
  };
  return { ...world, accounts: { ...world.accounts, [id]: account } };
}
