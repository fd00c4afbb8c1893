import {
  authorizationsFor,
  findBucket,
  type Outcome,
  type UnknownFact,
  type World,
} from '@crossbucket/policy';
import type { Unknown } from '../explanation.ts';
import { callsOf, plainly, type Situation } from './situation.ts';
import { evaluate, overall } from './evaluate.ts';
import { accountOf } from './place.ts';

/** What nobody could read of the accounts concerned, and what it could turn the answer into. */
export function unknownsOf(situation: Situation, outcome: Outcome): Unknown[] {
  const { world } = situation;
  const unread = Object.values(world.accounts).flatMap(({ id, unknown = [] }) =>
    unknown.filter(isOfDecisions).map((fact) => ({ account: id, fact })),
  );
  const couldBe = outcome === 'depends' ? effectsOf(situation) : () => undefined;
  const known = unread.map(({ account, fact }): Unknown => {
    const could = couldBe(account, fact);
    return { account, ...fact, ...(could && { could }) };
  });
  return [...known, ...accountsOutside(situation, outcome)];
}

/** What only helps to find things is nothing that decides. */
const isOfDecisions = ({ what }: UnknownFact): boolean =>
  !/^(aliases|buckets$|access-points|organization-path)/.test(what);

type Effect = (account: string, fact: UnknownFact) => Unknown['could'];

/** With nothing else unknown: does this fact decide? */
function effectsOf(situation: Situation): Effect {
  const plain = plainly(situation);
  const outcomeWith = (keep: (account: string, fact: UnknownFact) => boolean): Outcome =>
    overall(evaluate({ ...plain, world: withFacts(plain.world, keep) }));
  const otherwise = outcomeWith(() => false);
  const caller = accountOf(plain.caller.principal);
  return (account, fact) => {
    // Whose bucket or role it is, nobody knows either: what is left to know is the caller's own side.
    if (otherwise === 'depends')
      return account === caller && /^(principal|scp)\b/.test(fact.what) ? 'either' : undefined;
    if (outcomeWith((id, one) => id === account && one === fact) !== 'depends') return undefined;
    return otherwise === 'deny' ? 'allow' : 'deny';
  };
}

function withFacts(world: World, keep: (account: string, fact: UnknownFact) => boolean): World {
  const accounts = Object.fromEntries(
    Object.entries(world.accounts).map(([id, { unknown = [], ...account }]) => {
      const kept = unknown.filter((fact) => keep(id, fact));
      return [id, kept.length > 0 ? { ...account, unknown: kept } : account];
    }),
  );
  return { ...world, accounts };
}

/** Accounts on the path that nobody has a profile for. */
function accountsOutside(situation: Situation, outcome: Outcome): Unknown[] {
  const { world } = situation;
  const ids = new Set<string>();
  for (const call of callsOf(situation)) {
    const { principal, input } = call;
    const keys = authorizationsFor(call).flatMap(({ resource }) =>
      resource.includes(':kms:') ? resource : [],
    );
    for (const arn of [principal, typeof input['RoleArn'] === 'string' ? input['RoleArn'] : '', ...keys]) {
      const id = accountOf(arn);
      if (id !== undefined && /^\d{12}$/.test(id) && !Object.hasOwn(world.accounts, id)) ids.add(id);
    }
  }
  const could = outcome === 'depends' ? { could: 'either' as const } : {};
  const accounts = [...ids].map((account) => ({
    account,
    what: 'account',
    why: 'no profile to read it with',
    ...could,
  }));
  const owners = bucketsOfNobody(situation).map((name) => ({
    account: '',
    what: `bucket-owner ${name}`,
    why: 'none of the accounts that can be read is known to have it',
    ...could,
  }));
  return [...accounts, ...owners];
}

/** Buckets on the path that are in no account that can be read, and that there may be all the same. */
function bucketsOfNobody(situation: Situation): string[] {
  const { world, facts } = situation;
  if (facts.bucketMissing === true) return [];
  const names = callsOf(situation).flatMap(({ service, operation, input }) =>
    service === 's3' && operation !== 'CreateBucket' && typeof input['Bucket'] === 'string'
      ? [input['Bucket']]
      : [],
  );
  return [...new Set(names)].filter((name) => findBucket(world, name) === undefined);
}
