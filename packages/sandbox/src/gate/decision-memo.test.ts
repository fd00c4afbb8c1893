import { authorizeCall } from '@crossbucket/policy';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { OrganizationChanges } from '../services/organizations/changes.ts';
import type { Survey } from '../services/service.ts';
import { Store } from '../store/store.ts';
import { callOf, type RequestFacts } from './authorize.ts';
import type { Caller } from './caller.ts';
import { DecisionMemo, inFull } from './decision-memo.ts';
import { Worlds } from './world.ts';

const APP = '111111111111';
const DATA = '222222222222';
const START = Date.parse('2026-08-01T12:00:00Z');
const READER = `arn:aws:iam::${APP}:user/reader`;
const REPORTS = 'arn:aws:s3:::reports';
const ROLE = `arn:aws:iam::${DATA}:role/reading`;

let store: Store;
let control: string;

beforeAll(async () => {
  store = await Store.open();
  for (const id of [APP, DATA])
    store.accounts.set(id, { id, name: id, canonicalId: id.repeat(6).slice(0, 64) });
  const organization = new OrganizationChanges(store, START);
  const { root } = organization.create('333333333333');
  for (const id of [APP, DATA]) organization.addMember(id, root, 'INVITED');
  organization.enable('SERVICE_CONTROL_POLICY');
  const text = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
  control = organization.createPolicy({
    name: 'limits',
    description: '',
    type: 'SERVICE_CONTROL_POLICY',
    text,
  }).id;
  organization.attach(store.organizationPolicies.get(control)!, root);
});

afterAll(() => store.close());

const policy = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });

const condition = fc.constantFrom(
  {},
  {},
  { StringEquals: { 'aws:UserAgent': 'one' } },
  { IpAddress: { 'aws:SourceIp': '127.0.0.1/32' } },
  { DateGreaterThan: { 'AWS:currentTime': '2026-08-01T12:00:30Z' } },
  { NumericGreaterThan: { 'aws:EpochTime': START / 1000 + 30 } },
  { NumericGreaterThan: { 's3:SignatureAge': 30_000 } },
  { StringEquals: { 'aws:PrincipalTag/team': 'a' } },
  { StringEquals: { 's3:ExistingObjectTag/kind': 'open' } },
  { StringEquals: { 's3:x-amz-acl': 'private' } },
  { StringLike: { 's3:prefix': 'reports/*' } },
  { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } },
  { StringEquals: { 'sts:ExternalId': 'x' } },
);
const statement = fc.record({
  Effect: fc.constantFrom('Allow', 'Allow', 'Deny'),
  Action: fc.constantFrom('*', 's3:*', 's3:GetObject', 's3:PutObject', 's3:ListBucket', 'sts:AssumeRole'),
  Resource: fc.constantFrom(
    '*',
    'arn:aws:s3:::reports/*',
    'arn:aws:s3:::reports/a*',
    'arn:aws:s3:::reports',
    'arn:aws:s3:::reports/${aws:username}*',
    ROLE,
  ),
  Condition: condition,
});
const document = fc
  .array(statement, { maxLength: 2 })
  .map((statements) => policy({ Effect: 'Allow', Action: '*', Resource: '*' }, ...statements));
/** A bucket's or a role's own. */
const naming = fc
  .tuple(fc.constantFrom('*', { AWS: READER }, { AWS: DATA }), condition, fc.constantFrom('Allow', 'Deny'))
  .map(([Principal, Condition, Effect]) => ({ Effect, Principal, Condition }));

const bucketPolicy = fc.array(naming, { maxLength: 2 }).map((all) =>
  policy(
    ...all.map((one) => ({
      ...one,
      Action: 's3:*',
      Resource: ['arn:aws:s3:::reports', 'arn:aws:s3:::reports/*'],
    })),
  ),
);
const trust = fc
  .array(naming, { minLength: 1, maxLength: 2 })
  .map((all) => policy(...all.map((one) => ({ ...one, Action: 'sts:AssumeRole' }))));
const block = fc.record({ RestrictPublicBuckets: fc.boolean(), BlockPublicAcls: fc.boolean() });

type Change = () => void;
const user = { account: APP, name: 'reader', path: '/', id: 'AIDAEXAMPLE', created: 0, attached: [] };
const role = {
  account: DATA,
  name: 'reading',
  path: '/',
  created: 0,
  attached: [],
  maxSessionDuration: 3600,
};
const bucket = { name: 'reports', account: DATA, region: 'us-east-1', created: 0, id: '0123456789abcdef' };

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(document, fc.constantFrom('a', 'b')).map(([text, team]) => () => {
    store.users.set(`${APP}/reader`, {
      ...user,
      inline: { its: text },
      tags: [{ Key: 'team', Value: team }],
    });
  }),
  fc.tuple(document, trust, fc.constantFrom('AROAONE', 'AROATWO')).map(([text, trusts, id]) => () => {
    store.roles.set(`${DATA}/reading`, { ...role, id, inline: { its: text }, trust: trusts, tags: [] });
  }),
  fc.constant(() => store.roles.delete(`${DATA}/reading`)),
  fc
    .tuple(bucketPolicy, block, fc.constantFrom('BucketOwnerEnforced' as const, 'ObjectWriter' as const))
    .map(([text, publicAccessBlock, ownership]) => () => {
      store.buckets.set('reports', { ...bucket, policy: text, publicAccessBlock, ownership });
    }),
  block.map((publicAccessBlock) => () => {
    store.accounts.set(DATA, { ...store.accounts.get(DATA)!, publicAccessBlock });
  }),
  document.map((text) => () => {
    const found = store.organizationPolicies.get(control)!;
    store.organizationPolicies.set(control, { ...found, text });
  }),
);

const root: Caller = { kind: 'root', arn: `arn:aws:iam::${DATA}:root`, account: DATA, userId: DATA };
const reader: Caller = { kind: 'user', arn: READER, account: APP, userId: 'AIDAEXAMPLE', userName: 'reader' };
const anonymous: Caller = { kind: 'anonymous', arn: '*', account: '', userId: 'anonymous' };

/** What a call has of each kind. */
const its = {
  caller: fc.constantFrom(root, reader, reader, anonymous),
  userAgent: fc.constantFrom('one', 'two'),
  remoteAddress: fc.constantFrom('127.0.0.1', '127.0.0.2'),
  region: fc.constantFrom('us-east-1', 'eu-west-1'),
  object: fc.constantFrom(undefined, { owner: DATA }, { owner: APP, tags: { kind: 'open' } }),
  Key: fc.constantFrom('a', 'b', 'reader/c'),
  ACL: fc.constantFrom(undefined, 'private', 'public-read'),
  Prefix: fc.constantFrom(undefined, 'reports/', 'reports/a'),
  ExternalId: fc.constantFrom(undefined, 'x'),
  DurationSeconds: fc.constantFrom(undefined, 7200),
};
const operation = fc.constantFrom('GetObject', 'GetObject', 'PutObject', 'ListObjectsV2', 'AssumeRole');

type Parts = { [Name in keyof typeof its]: (typeof its)[Name] extends fc.Arbitrary<infer T> ? T : never };

const PLAIN: Parts = {
  caller: root,
  userAgent: 'one',
  remoteAddress: '127.0.0.1',
  region: 'us-east-1',
  object: undefined,
  Key: 'a',
  ACL: undefined,
  Prefix: undefined,
  ExternalId: undefined,
  DurationSeconds: undefined,
};

interface Made {
  operation: string;
  input: Record<string, unknown>;
  facts: (now: number) => RequestFacts;
}

/** A call, and others that differ from it in one thing each. */
const calls: fc.Arbitrary<Made[]> = fc
  .tuple(operation, fc.record(its), fc.array(fc.oneof(...variations()), { minLength: 6, maxLength: 8 }))
  .map(([of, parts, others]) => [{}, ...others].map((other) => makeCall(of, { ...parts, ...other })));

function variations(): fc.Arbitrary<Partial<Parts>>[] {
  return Object.entries(its).map(([name, part]) =>
    (part as fc.Arbitrary<unknown>).map((value) => ({ [name]: value })),
  );
}

function inputOf(of: string, { Key, ACL, Prefix, ExternalId, DurationSeconds }: Parts): object {
  switch (of) {
    case 'GetObject':
      return { Bucket: 'reports', Key };
    case 'PutObject':
      return { Bucket: 'reports', Key, ...(ACL !== undefined && { ACL }) };
    case 'ListObjectsV2':
      return { Bucket: 'reports', ...(Prefix !== undefined && { Prefix }) };
    default:
      return {
        RoleArn: ROLE,
        RoleSessionName: 's',
        ...(ExternalId !== undefined && { ExternalId }),
        ...(DurationSeconds !== undefined && { DurationSeconds }),
      };
  }
}

function makeCall(of: string, parts: Parts): Made {
  const { caller, userAgent, remoteAddress, region, object } = parts;
  return {
    operation: of,
    input: { ...inputOf(of, parts) },
    facts: (now) => ({
      head: {
        method: 'GET',
        rawPath: '/',
        query: [],
        headers: { 'user-agent': userAgent },
        rawHeaders: [],
        remoteAddress,
      },
      signature: {
        form: 'header',
        accessKeyId: '',
        date: '20260801',
        region,
        service: 's3',
        timestamp: '20260801T120000Z',
        signedHeaders: [],
        signature: '',
        payloadHash: '',
      },
      caller,
      survey: surveyOf(of, object),
      now,
      received: now,
      region,
      service: of === 'AssumeRole' ? 'sts' : 's3',
      endpoint: undefined,
      plainIsSecure: true,
    }),
  };
}

function surveyOf(operation: string, object: object | undefined): Survey {
  if (operation === 'AssumeRole') {
    const found = store.roles.get(`${DATA}/reading`);
    return {
      ...(found && { role: found }),
      resources: [{ type: 'AWS::IAM::Role', arn: ROLE, account: DATA }],
      context: {},
    };
  }
  return { bucket: store.buckets.get('reports')!, ...(object && { facts: { object } }) };
}

test('whatever changes between calls, what is remembered is what would be decided', () => {
  let remembered = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 4, maxLength: 4 }), calls, (changes, made) => {
      store.users.set(`${APP}/reader`, { ...user, inline: {}, tags: [] });
      store.buckets.set('reports', { ...bucket, publicAccessBlock: {} });
      const memo = new DecisionMemo(store, new Worlds(store));
      let now = START;
      for (const make of changes) {
        make();
        // Each twice, and later: the second may be remembered.
        for (const { operation: of, input, facts: factsAt } of [...made, ...made]) {
          now += 5000;
          const facts = factsAt(now);
          const decided = memo.decide(facts, of, input);
          const worlds = new Worlds(store);
          const session = worlds.sessions.factsOf(facts.caller);
          const anew = authorizeCall(
            worlds.worldFor(facts.caller, facts.survey),
            callOf(facts, of, input, session),
          );
          if ('inFull' in decided) {
            remembered += 1;
            expect(decided.reason).toBe(anew.reason);
          }
          expect(decided.outcome).toBe(anew.outcome);
          expect(inFull(decided)).toEqual(anew);
        }
      }
    }),
    { numRuns: 60 },
  );
  expect(remembered).toBeGreaterThan(10);
});

test.each<[string, object, string, object]>([
  ['the time', { DateGreaterThan: { 'aws:CurrentTime': '2026-08-01T12:00:30Z' } }, 'GetObject', {}],
  ['the time in seconds', { NumericGreaterThan: { 'aws:EpochTime': START / 1000 + 30 } }, 'GetObject', {}],
  ["the signature's age", { NumericGreaterThan: { 's3:signatureAge': 30_000 } }, 'GetObject', {}],
  [
    'the days of retention that are left',
    { NumericLessThan: { 's3:object-lock-remaining-retention-days': 6 } },
    'PutObjectRetention',
    { Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(START + 6 * 86_400_000 + 30_000) } },
  ],
])('what depends on %s is decided each time', (_, condition, of, extra) => {
  store.buckets.set('reports', {
    ...bucket,
    publicAccessBlock: {},
    policy: policy({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: `${REPORTS}/*`,
      Condition: condition,
    }),
  });
  const memo = new DecisionMemo(store, new Worlds(store));
  const { facts, input } = makeCall('GetObject', PLAIN);
  const outcomes = [0, 0, 60_000].map(
    (later) => memo.decide(facts(START + later), of, { ...input, ...extra }).outcome,
  );
  expect(outcomes).toEqual(['allow', 'allow', 'deny']);
});

test('what is remembered shows as it was decided, though policies have changed since', () => {
  const text = policy({ Effect: 'Allow', Action: '*', Resource: '*' });
  store.organizationPolicies.set(control, { ...store.organizationPolicies.get(control)!, text });
  store.buckets.set('reports', { ...bucket, publicAccessBlock: {} });
  const memo = new DecisionMemo(store, new Worlds(store));
  const { facts, input } = makeCall('GetObject', PLAIN);
  const call = facts(START);
  const first = memo.decide(call, 'GetObject', input);
  const second = memo.decide(call, 'GetObject', input);
  expect('inFull' in second).toBe(true);
  const denying = policy({ Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: `${REPORTS}/*` });
  store.buckets.set('reports', { ...bucket, publicAccessBlock: {}, policy: denying });
  expect(inFull(second)).toEqual(first);
});
