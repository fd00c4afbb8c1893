import {
  statementsOf,
  type AccountSnapshot,
  type NamedPolicy,
  type PolicyDocument,
  type Statement,
  type World,
} from '@crossbucket/policy';
import { CALLER_KEYS } from './caller-keys.ts';
import { lastPart, placeName, type Place } from './place.ts';
import type { PathCall, Situation } from './situation.ts';

/** One change that would mend a cause. */
export type Edit = DocumentEdit | SettingEdit | CallEdit;

export interface DocumentEdit {
  on: 'document';
  place: Place;
  before: PolicyDocument | null;
  /** Null where the document goes. */
  after: PolicyDocument | null;
}

/** What is no policy: settings of buckets, roles, keys. */
export interface SettingEdit {
  on: 'setting';
  account: string;
  setting: Setting;
}

export type Setting =
  | { kind: 'ownership'; bucket: string; region: string; before: string | null; after: 'BucketOwnerEnforced' }
  | { kind: 'max-session'; role: string; before: number; after: number }
  | { kind: 'key-state'; key: string; before: string; after: 'Enabled' };

/** How the call itself is to be made. */
export interface CallEdit {
  on: 'call';
  step: number;
  /** Members of the SDK's input; undefined takes one away. */
  input?: Record<string, unknown>;
  /** Condition keys of how it is sent. */
  context?: Record<string, string | string[] | boolean>;
  /** The client's region. */
  region?: string;
}

/** The situation with the edit made. Nothing that is shared with the old one is changed in place. */
export function applyEdit(situation: Situation, edit: Edit): Situation {
  switch (edit.on) {
    case 'call':
      return withCall(situation, edit);
    case 'setting':
      return { ...situation, world: withSetting(situation.world, edit) };
    case 'document':
      return withDocument(situation, edit);
  }
}

function withCall(situation: Situation, { step, input = {}, context = {}, region }: CallEdit): Situation {
  const calls = situation.calls.map((call, index) =>
    index === step ? changedCall(call, input, context) : call,
  );
  const facts = { ...situation.facts };
  if (region !== undefined && facts.region !== undefined) facts.region = region;
  if (region !== undefined && facts.stsDisabled !== undefined) delete facts.stsDisabled;
  const isNewBucket = input['Bucket'] !== undefined || input['Key'] !== undefined;
  if (isNewBucket) {
    delete facts.bucketMissing;
    delete facts.objectMissing;
  }
  return { ...situation, calls, facts };
}

function changedCall(
  call: PathCall,
  input: Record<string, unknown>,
  context: NonNullable<CallEdit['context']>,
): PathCall {
  const told = new Set(Object.keys(context).map((key) => key.toLowerCase()));
  const isTold = (key: string) => {
    const member = CALLER_KEYS.get(key.toLowerCase())?.member;
    return told.has(key.toLowerCase()) || (member !== undefined && input[member] !== undefined);
  };
  const unknown = call.unknown?.filter((key) => !isTold(key));
  return {
    ...call,
    input: Object.fromEntries(
      Object.entries({ ...call.input, ...input }).filter(([, value]) => value !== undefined),
    ),
    context: { ...call.context, ...context },
    ...(unknown && { unknown }),
  };
}

function withDocument(situation: Situation, { place, after }: DocumentEdit): Situation {
  const { world } = situation;
  if (place.kind === 'session-policy') {
    const Policy = after === null ? undefined : JSON.stringify(after);
    return withCall(situation, { on: 'call', step: place.step, input: { Policy } });
  }
  if (place.kind === 'scp' || place.kind === 'rcp')
    return { ...situation, world: withControl(world, place, after) };
  if (place.kind === 'vpc-endpoint-policy') {
    const endpoint = world.endpoints?.[place.endpoint];
    if (endpoint === undefined) return situation;
    const { policy: _, ...rest } = endpoint;
    const changed = after === null ? rest : { ...rest, policy: { name: placeName(place), document: after } };
    return {
      ...situation,
      world: { ...world, endpoints: { ...world.endpoints, [place.endpoint]: changed } },
    };
  }
  const account = world.accounts[place.account];
  if (account === undefined) return situation;
  const changed = withAccountDocument(account, place, after);
  return { ...situation, world: { ...world, accounts: { ...world.accounts, [place.account]: changed } } };
}

function withControl(
  world: World,
  { kind, name, arn }: Extract<Place, { kind: 'scp' | 'rcp' }>,
  after: PolicyDocument | null,
): World {
  const { organization } = world;
  if (organization === undefined) return world;
  const levelsOf = (levels: NamedPolicy[][]) =>
    levels.map((level) =>
      level.flatMap((policy) =>
        policy.name === name && policy.arn === arn ? replaced(policy, after) : [policy],
      ),
    );
  const accounts = Object.fromEntries(
    Object.entries(organization.accounts).map(([id, member]) => [
      id,
      kind === 'scp'
        ? { ...member, serviceControl: levelsOf(member.serviceControl) }
        : { ...member, resourceControl: levelsOf(member.resourceControl) },
    ]),
  );
  return { ...world, organization: { ...organization, accounts } };
}

const replaced = (policy: NamedPolicy, after: PolicyDocument | null): NamedPolicy[] =>
  after === null ? [] : [{ ...policy, document: after }];

function withAccountDocument(
  account: AccountSnapshot,
  place: Place,
  after: PolicyDocument | null,
): AccountSnapshot {
  const named = (policy: NamedPolicy | undefined): { policy: NamedPolicy } | object =>
    after === null ? {} : { policy: { ...(policy ?? { name: placeName(place) }), document: after } };
  switch (place.kind) {
    case 'bucket-policy': {
      const { policy, ...rest } = account.buckets[place.bucket]!;
      return { ...account, buckets: { ...account.buckets, [place.bucket]: { ...rest, ...named(policy) } } };
    }
    case 'key-policy': {
      const key = account.keys[place.key]!;
      const policy = { ...key.policy, document: after ?? { Statement: [] } };
      return { ...account, keys: { ...account.keys, [place.key]: { ...key, policy } } };
    }
    case 'access-point-policy': {
      const { policy, ...rest } = account.accessPoints![place.arn]!;
      return {
        ...account,
        accessPoints: { ...account.accessPoints, [place.arn]: { ...rest, ...named(policy) } },
      };
    }
    case 'trust-policy':
      return withPrincipals(account, (principal) => {
        if (principal.kind !== 'role' || lastPart(principal.arn) !== place.role) return principal;
        const trust = {
          ...(principal.trust ?? { name: placeName(place) }),
          document: after ?? { Statement: [] },
        };
        return { ...principal, trust };
      });
    case 'managed-policy':
      return withPrincipals(account, (principal) => {
        const isIt = (policy: NamedPolicy) => (policy.arn ?? policy.name) === place.arn;
        const { boundary, ...rest } = principal;
        const limit = boundary && isIt(boundary) ? replaced(boundary, after)[0] : boundary;
        return {
          ...rest,
          policies: principal.policies.flatMap((policy) =>
            isIt(policy) ? replaced(policy, after) : [policy],
          ),
          ...(limit && { boundary: limit }),
        };
      });
    case 'attached-policy':
      return withPrincipals(account, (principal) => {
        const { holder, arn } = place;
        if (principal.kind !== holder.kind || lastPart(principal.arn) !== holder.name) return principal;
        const kept = principal.policies.filter((policy) => policy.arn !== arn);
        const more = after === null ? [] : [{ name: lastPart(arn), arn, document: after }];
        return { ...principal, policies: [...kept, ...more] };
      });
    case 'inline-policy':
      return withPrincipals(account, (principal) => {
        const { holder, policy: name } = place;
        const isOwn = principal.kind === holder.kind && lastPart(principal.arn) === holder.name;
        const isIt = (policy: NamedPolicy) => policy.arn === undefined && policy.name === name;
        // Of a group's policies, only those who are in the group have it.
        if (!isOwn && !(holder.kind === 'group' && principal.policies.some(isIt))) return principal;
        const kept = principal.policies.filter((policy) => !isIt(policy));
        return { ...principal, policies: after === null ? kept : [...kept, { name, document: after }] };
      });
    default:
      return account;
  }
}

function withPrincipals(
  account: AccountSnapshot,
  change: (principal: AccountSnapshot['principals'][string]) => AccountSnapshot['principals'][string],
): AccountSnapshot {
  const principals = Object.fromEntries(
    Object.entries(account.principals).map(([arn, principal]) => [arn, change(principal)]),
  );
  return { ...account, principals };
}

function withSetting(world: World, { account: id, setting }: SettingEdit): World {
  const account = world.accounts[id];
  if (account === undefined) return world;
  const changed = (parts: Partial<AccountSnapshot>): World => ({
    ...world,
    accounts: { ...world.accounts, [id]: { ...account, ...parts } },
  });
  switch (setting.kind) {
    case 'ownership': {
      const { acl: _, ...bucket } = account.buckets[setting.bucket]!;
      return changed({
        buckets: { ...account.buckets, [setting.bucket]: { ...bucket, ownership: setting.after } },
      });
    }
    case 'max-session': {
      const role = account.principals[setting.role]!;
      return changed({
        principals: { ...account.principals, [setting.role]: { ...role, maxSessionDuration: setting.after } },
      });
    }
    case 'key-state': {
      const key = account.keys[setting.key]!;
      return changed({ keys: { ...account.keys, [setting.key]: { ...key, state: setting.after } } });
    }
  }
}

/** A document with one statement more. */
export const withStatement = (document: PolicyDocument | null, statement: Statement): PolicyDocument =>
  document === null
    ? { Version: '2012-10-17', Statement: [statement] }
    : // Without a version, a document is one of 2008, and would mean something else with one.
      { ...document, Statement: [...statementsOf(document), statement] };
