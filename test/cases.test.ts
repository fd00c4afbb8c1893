import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type {
  AccessRequest,
  ApiCall,
  CauseCode,
  Layer,
  LayerVerdict,
  NamedPolicy,
  Outcome,
  PolicyDocument,
  PolicySet,
  Requirement,
  Statement,
  World,
} from '@crossbucket/policy';
import { authorize, authorizeCall } from '@crossbucket/policy';
import { describe, expect, test } from 'vitest';

/** A policy as a case writes it: the name of one that the file shares, a statement, a document, or several of these as one. */
type Entry = string | Statement | PolicyDocument | Entry[];
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** As `PolicySet`, with entries in place of policies. Identity and session policies stay apart where they are a list. */
interface Layers extends Pick<PolicySet, 'acl' | 'publicAccessBlock' | 'unread'> {
  identity?: Entry;
  boundary?: Entry;
  session?: Entry;
  resource?: Entry;
  accessPoint?: Entry;
  vpcEndpoint?: Entry;
  serviceControl?: Entry[];
  resourceControl?: Entry[];
}

interface Expected {
  outcome: Outcome;
  /** All causes, in any order. */
  causes?: CauseCode[];
  layers?: Partial<Record<Layer, LayerVerdict['verdict']>>;
  /** All that must hold for `depends`, in any order. */
  requires?: Pick<Requirement, 'operator' | 'key' | 'values' | 'negated'>[];
  /** For a call: every action that it is checked for. */
  actions?: string[];
}

interface Case {
  /** The rule. */
  name: string;
  /** The page that states it, where it is not the file's. */
  source?: string;
  /** Changes to the file's request; null takes a part away. */
  request?: { [Part in keyof AccessRequest]?: AccessRequest[Part] | null };
  /** Goes into the request. */
  context?: AccessRequest['context'];
  /** Put on the file's `statement`, which is then the caller's identity policy. */
  condition?: Statement['Condition'];
  policies?: Layers;
  call?: Partial<ApiCall>;
  /** Changes to the file's `world`, as a JSON merge patch. */
  world?: Json;
  expect: Expected;
}

interface CaseFile {
  about: string;
  source: string;
  /** Documents that cases call by name. */
  documents?: Record<string, Entry>;
  /** What every case's request has, unless it says otherwise. */
  request?: Partial<AccessRequest>;
  /** Layers that every case has, unless it says otherwise. */
  policies?: Layers;
  statement?: Statement;
  /** What every case's call has, unless it says otherwise. */
  call?: Partial<ApiCall>;
  world?: Json;
  cases: Case[];
}

/** A part that is misspelt would make a case say something else than it seems to. */
const PARTS = 'name source request context condition policies call world expect'.split(' ');
const LAYERS =
  'identity boundary session resource accessPoint vpcEndpoint serviceControl resourceControl acl publicAccessBlock unread'.split(
    ' ',
  );

const folder = resolve(import.meta.dirname, 'cases');

for (const name of readdirSync(folder).filter((entry) => entry.endsWith('.json'))) {
  const file = JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as CaseFile;
  describe(`${name}: ${file.about}`, () => {
    test('every case has a name of its own, a source and no part that is not read', () => {
      expect(new Set(file.cases.map((one) => one.name)).size).toBe(file.cases.length);
      for (const one of file.cases) {
        expect((one.source ?? file.source).length).toBeGreaterThan(0);
        expect(PARTS).toEqual(expect.arrayContaining(Object.keys(one)));
        expect(LAYERS).toEqual(expect.arrayContaining(Object.keys(one.policies ?? {})));
      }
    });
    test.each(file.cases.map((one) => [one.name, one] as const))('%s', (_, one) => {
      const seen = one.call
        ? decideCall(file, one, { ...file.call, ...one.call } as ApiCall)
        : decideRequest(file, one);
      const wanted: Partial<Expected> = {};
      for (const key of Object.keys(one.expect) as (keyof Expected)[])
        Object.assign(wanted, { [key]: seen[key] });
      expect(wanted).toEqual(sorted(one.expect));
    });
  });
}

function decideRequest(file: CaseFile, one: Case): Expected {
  const parts = Object.entries({ ...file.request, ...one.request });
  const request = Object.fromEntries(parts.filter(([, value]) => value !== null));
  const context = { ...file.request?.context, ...one.request?.context, ...one.context };
  const decision = authorize({ ...request, context } as unknown as AccessRequest, policySet(file, one));
  const layers: Expected['layers'] = {};
  for (const layer of Object.keys(one.expect.layers ?? {}) as Layer[]) {
    const found = decision.layers.find((verdict) => verdict.layer === layer);
    if (found) layers[layer] = found.verdict;
  }
  return sorted({
    outcome: decision.outcome,
    causes: decision.causes.map(({ code }) => code),
    layers,
    requires: decision.requires.map(({ operator, key, values, negated }) => ({
      operator,
      key,
      values,
      ...(negated ? { negated } : {}),
    })),
  });
}

function decideCall(file: CaseFile, one: Case, call: ApiCall): Expected {
  const world = toWorld(file, merge(file.world ?? {}, one.world ?? {}));
  const session = call.session?.policies
    ? { ...call.session, policies: named(file, 'session', call.session.policies as unknown as Entry) }
    : call.session;
  const decision = authorizeCall(world, { ...call, ...(session ? { session } : {}) });
  return sorted({
    outcome: decision.outcome,
    causes: decision.causes.map(({ code }) => code),
    actions: decision.authorizations.map(({ request }) => request.action),
  });
}

/** Lists compare whatever their order. */
function sorted(expected: Expected): Expected {
  const result = { ...expected };
  if (result.causes) result.causes = [...new Set(result.causes)].toSorted();
  if (result.actions) result.actions = result.actions.toSorted();
  if (result.requires)
    result.requires = result.requires.toSorted((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
  return result;
}

function policySet(file: CaseFile, one: Case): PolicySet {
  const { identity, session, boundary, resource, accessPoint, vpcEndpoint, ...rest } = {
    ...file.policies,
    ...one.policies,
  };
  const conditioned = one.condition ? { ...file.statement!, Condition: one.condition } : undefined;
  const { serviceControl, resourceControl, ...others } = rest;
  const set: PolicySet = { ...others };
  const callers = conditioned ?? identity;
  if (callers !== undefined) set.identity = named(file, 'identity', callers);
  if (session !== undefined) set.session = named(file, 'session', session);
  for (const [layer, entry] of Object.entries({ boundary, resource, accessPoint, vpcEndpoint }))
    if (entry !== undefined) Object.assign(set, { [layer]: toDocument(file, entry) });
  for (const [layer, levels] of Object.entries({ serviceControl, resourceControl }))
    if (levels) Object.assign(set, { [layer]: levels.map((level) => named(file, layer, level)) });
  return set;
}

const named = (file: CaseFile, name: string, entry: Entry): NamedPolicy[] =>
  (Array.isArray(entry) ? entry : [entry]).map((one, index) => ({
    name: typeof one === 'string' ? one : `${name} ${index}`,
    document: toDocument(file, one),
  }));

/** Statements without a document are in the current version of the language. */
function toDocument(file: CaseFile, entry: Entry): PolicyDocument {
  if (typeof entry === 'string') {
    const shared = file.documents?.[entry];
    if (!shared) throw new Error(`no document \`${entry}\` in the file`);
    return toDocument(file, shared);
  }
  if (!Array.isArray(entry) && 'Statement' in entry) return entry;
  const statements = Array.isArray(entry) ? entry.flatMap((one) => toDocument(file, one).Statement) : [entry];
  return { Version: '2012-10-17', Statement: statements };
}

function merge(onto: Json, patch: Json): Json {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const result: { [key: string]: Json } =
    typeof onto === 'object' && onto !== null && !Array.isArray(onto) ? { ...onto } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key] ?? null, value);
  }
  return result;
}

type Loose = Record<string, Record<string, unknown>>;

/** Fills in what follows from the keys of a world's tables, and makes its entries documents. */
function toWorld(file: CaseFile, json: Json): World {
  const world = json as unknown as {
    accounts: Record<string, Record<string, Loose>>;
    organization?: { accounts: Loose };
    endpoints?: Loose;
  };
  const policy = (name: string, entry: unknown) => ({ name, document: toDocument(file, entry as Entry) });
  const policies = (record: Record<string, unknown>, ...names: string[]) =>
    Object.fromEntries(
      names.filter((name) => record[name]).map((name) => [name, policy(name, record[name])] as const),
    );
  const table = (
    records: Loose = {},
    fill: (key: string, record: Record<string, unknown>) => Record<string, unknown>,
  ) =>
    Object.fromEntries(
      Object.entries(records).map(([key, record]) => [key, { ...record, ...fill(key, record) }]),
    );
  return {
    ...world,
    accounts: Object.fromEntries(
      Object.entries(world.accounts).map(([id, account]) => [
        id,
        {
          ...account,
          id,
          principals: table(account.principals, (arn, record) => ({
            arn,
            kind: arn.includes(':user/') ? 'user' : 'role',
            uniqueId: record.uniqueId ?? `${arn.includes(':user/') ? 'AIDA' : 'AROA'}EXAMPLE${arn.length}`,
            policies: named(file, 'identity', (record.policies ?? []) as Entry),
            ...policies(record, 'boundary', 'trust'),
          })),
          buckets: table(account.buckets, (name, record) => ({
            name,
            region: record.region ?? 'eu-west-1',
            ...policies(record, 'policy'),
          })),
          keys: table(account.keys, (arn, record) => ({ arn, ...policies(record, 'policy') })),
          accessPoints: table(account.accessPoints, (arn, record) => ({
            arn,
            ...policies(record, 'policy'),
          })),
        },
      ]),
    ),
    endpoints: table(world.endpoints, (id, record) => ({ id, ...policies(record, 'policy') })),
    ...(world.organization
      ? {
          organization: {
            ...world.organization,
            accounts: table(world.organization.accounts, (_, record) => ({
              serviceControl: ((record.serviceControl ?? []) as Entry[]).map((one) =>
                named(file, 'scp', one),
              ),
              resourceControl: ((record.resourceControl ?? []) as Entry[]).map((one) =>
                named(file, 'rcp', one),
              ),
            })),
          },
        }
      : {}),
  } as unknown as World;
}
