import {
  actionsMatching,
  authorizeCall,
  statementsOf,
  type ApiCall,
  type PolicyDocument,
  type Statement,
  type World,
} from '@crossbucket/policy';
import { describe, expect, test } from 'vitest';
import type { AccessSpec, Spec } from '../spec/index.ts';
import { documentsFor, type GrantDocuments } from './documents-for.ts';
import { factsOf, type GrantFacts } from './facts.ts';
import { promised } from './verify/probes.ts';

const [APP, DATA, BUCKET] = ['111111111111', '222222222222', 'acme-reports'];
const KEY = `arn:aws:kms:us-east-1:${DATA}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const SERVICE = `arn:aws:iam::${APP}:role/report-service`;
const KEEPER: Statement = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${DATA}:user/keeper` },
  Action: 'kms:*',
  Resource: '*',
};

const named = (name: string, document: PolicyDocument) => ({ name, document });
const policy = (...Statement: Statement[]): PolicyDocument => ({ Version: '2012-10-17', Statement });

interface Case {
  facts: GrantFacts;
  documents: GrantDocuments;
}

function caseOf(route: 'role' | 'bucket-policy', access: AccessSpec, encrypted: boolean): Case {
  const grant = {
    name: 'g',
    bucket: `data/${BUCKET}`,
    to: 'app',
    principals: ['role/report-service'],
    access,
    route,
  };
  const spec: Spec = { accounts: { app: { id: APP }, data: { id: DATA } }, grants: [grant] };
  const snapshot = { arn: KEY, policy: named('key', policy(KEEPER)) };
  const facts = {
    ...factsOf(spec, grant),
    externalId: 'id',
    keys: encrypted ? [{ arn: KEY, account: DATA, snapshot }] : [],
  };
  return { facts, documents: documentsFor(facts) };
}

/** Both accounts with the grant's documents in them. */
function worldOf({ facts }: Case, documents: GrantDocuments): World {
  const { role } = facts;
  const trust = named('trust', policy(...documents.trust));
  return {
    accounts: {
      [APP]: {
        id: APP,
        principals: {
          [SERVICE]: {
            kind: 'role',
            arn: SERVICE,
            uniqueId: 'AROASERVICE',
            policies: documents.source.map(({ document }) => named('grant', document)),
          },
        },
        buckets: {},
        keys: {},
      },
      [DATA]: {
        id: DATA,
        principals: documents.rolePolicy
          ? {
              [role.arn]: {
                kind: 'role',
                arn: role.arn,
                uniqueId: 'AROAROLE',
                policies: [named('grant', documents.rolePolicy)],
                trust,
              },
            }
          : {},
        buckets: {
          [BUCKET]: {
            name: BUCKET,
            region: 'us-east-1',
            ownership: 'BucketOwnerEnforced',
            ...(documents.bucket.length > 0 && { policy: named('bucket', policy(...documents.bucket)) }),
            ...(facts.keys.length > 0 && { encryption: { algorithm: 'aws:kms', key: KEY } }),
          },
        },
        keys:
          facts.keys.length === 0
            ? {}
            : {
                [KEY]: {
                  arn: KEY,
                  policy: named(
                    'key',
                    policy(KEEPER, ...documents.keys.flatMap(({ statements }) => statements)),
                  ),
                },
              },
      },
    },
    organization: {
      id: 'o-1',
      managementAccount: '999999999999',
      accounts: { [APP]: LEVELS, [DATA]: LEVELS },
    },
  };
}

const LEVELS = { path: 'o-1/r-1/', serviceControl: [], resourceControl: [] };

const SERVICE_SESSION = `arn:aws:sts::${APP}:assumed-role/report-service/s`;

function callsOf({ facts }: Case): ApiCall[] {
  const context = { 'aws:SecureTransport': true };
  const isByRole = facts.route === 'role';
  const principal = isByRole ? `arn:aws:sts::${DATA}:assumed-role/g/s` : SERVICE_SESSION;
  const assume = {
    service: 'sts',
    operation: 'AssumeRole',
    principal: SERVICE_SESSION,
    input: { RoleArn: facts.role.arn, RoleSessionName: 's', ExternalId: 'id' },
    context,
  };
  const s3 = promised(facts.spec.access, 'x').flatMap(({ operation, input }) =>
    [false, true].map((bucketKey): ApiCall => ({
      service: 's3',
      operation,
      principal,
      input: { Bucket: BUCKET, ...input },
      context,
      object: { owner: DATA, ...(facts.keys.length > 0 && { kmsKey: KEY, bucketKey }) },
      ...(facts.keys.length > 0 && { bucketEncryption: { algorithm: 'aws:kms', key: KEY, bucketKey } }),
    })),
  );
  return [...(isByRole ? [assume] : []), ...s3];
}

/** Each action, and each resource, of each statement, left out in turn. */
function* smaller(documents: GrantDocuments): Generator<[string, GrantDocuments]> {
  for (const [what, statement, replace] of everyStatement(documents))
    for (const element of ['Action', 'Resource'] as const) {
      const values = [statement[element] ?? []].flat();
      if (values.length === 0 || (values.length === 1 && values[0] === '*')) continue;
      for (const value of values) {
        const left = values.filter((other) => other !== value);
        yield [
          `${what} without ${value}`,
          replace(left.length === 0 ? undefined : { ...statement, [element]: left }),
        ];
      }
    }
}

function* everyStatement(
  documents: GrantDocuments,
): Generator<[string, Statement, (statement: Statement | undefined) => GrantDocuments]> {
  const swap = (all: Statement[], index: number, statement: Statement | undefined) =>
    all.flatMap((one, at) => (at === index ? (statement ?? []) : one));
  for (const [index, one] of documents.trust.entries())
    yield [
      'trust policy',
      one,
      (statement) => ({ ...documents, trust: swap(documents.trust, index, statement) }),
    ];
  for (const [index, one] of documents.bucket.entries())
    yield [
      'bucket policy',
      one,
      (statement) => ({ ...documents, bucket: swap(documents.bucket, index, statement) }),
    ];
  for (const [index, one] of documents.rolePolicy === undefined
    ? []
    : statementsOf(documents.rolePolicy).entries())
    yield [
      'role policy',
      one,
      (statement) => ({
        ...documents,
        rolePolicy: policy(...swap(statementsOf(documents.rolePolicy!), index, statement)),
      }),
    ];
  for (const [at, { key, statements }] of documents.keys.entries())
    for (const [index, one] of statements.entries())
      yield [
        'key policy',
        one,
        (statement) => ({
          ...documents,
          keys: documents.keys.with(at, { key, statements: swap(statements, index, statement) }),
        }),
      ];
  for (const [at, { principal, document }] of documents.source.entries())
    for (const [index, one] of statementsOf(document).entries())
      yield [
        'source policy',
        one,
        (statement) => ({
          ...documents,
          source: documents.source.with(at, {
            principal,
            document: policy(...swap(statementsOf(document), index, statement)),
          }),
        }),
      ];
}

/** Each level alone, all together, and each with every modifier. */
const ACCESSES: [string, AccessSpec][] = (['read', 'write', 'delete', 'list'] as const).flatMap((level) => {
  const patterns = ['reports/*', 'logs/*'];
  return [
    [level, { [level]: patterns }],
    [`${level} with everything`, { [level]: patterns, tagging: true, versions: true, multipart: true }],
  ] as [string, AccessSpec][];
});
ACCESSES.push([
  'all',
  {
    read: ['reports/*'],
    write: ['in/*', 'reports/*'],
    delete: ['in/*'],
    list: ['reports/*', 'in/*'],
    multipart: true,
  },
]);

describe.each(['role', 'bucket-policy'] as const)('by %s', (route) => {
  describe.each([false, true])('encrypted: %s', (encrypted) => {
    test.each(ACCESSES)('%s: its documents, to the letter', async (name, access) => {
      const { trust, rolePolicy, bucket, keys, source } = caseOf(route, access, encrypted).documents;
      const documents = {
        ...(trust.length > 0 && { trust }),
        ...(rolePolicy && { rolePolicy }),
        ...(bucket.length > 0 && { bucket }),
        ...(keys.length > 0 && { key: keys.flatMap(({ statements }) => statements) }),
        source: source.map(({ document }) => document),
      };
      const file = `${route}${encrypted ? '-with-key' : ''}-${name.replaceAll(' ', '-')}.json`;
      await expect(`${JSON.stringify(documents, null, 2)}\n`).toMatchFileSnapshot(`golden/${file}`);
    });

    test.each(ACCESSES)('%s: everything is needed, and nothing else is given', (_, access) => {
      const one = caseOf(route, access, encrypted);
      const calls = callsOf(one);
      const whole = worldOf(one, one.documents);
      for (const call of calls)
        expect(answerOf(whole, call)).toEqual([call.operation, call.input, 'allow', '']);

      // Over plain HTTP, nothing of it.
      for (const call of calls.filter(({ service }) => service === 's3')) {
        const plain = { ...call, context: { 'aws:SecureTransport': false } };
        expect([call.operation, authorizeCall(whole, plain).outcome]).toEqual([call.operation, 'deny']);
      }

      for (const [what, documents] of smaller(one.documents)) {
        const world = worldOf(one, documents);
        expect([what, calls.some((call) => authorizeCall(world, call).outcome !== 'allow')]).toEqual([
          what,
          true,
        ]);
      }

      const given = new Set(
        one.facts.spec.access && [...everyStatement(one.documents)].flatMap(([, { Action = [] }]) => Action),
      );
      for (const { name } of actionsMatching('s3:*')) {
        if (given.has(name)) continue;
        expect([name, mayDo(whole, calls.at(-1)!.principal, name)]).toEqual([name, false]);
      }
    });
  });
});

function answerOf(world: World, call: ApiCall) {
  const { outcome, reason } = authorizeCall(world, call);
  return [call.operation, call.input, outcome, outcome === 'allow' ? '' : reason];
}

/** Whether an action is allowed anywhere in the bucket: an operation of a service that has no table is its action. */
function mayDo(world: World, principal: string, action: string): boolean {
  const operation = action.slice('s3:'.length);
  const context = { 'aws:SecureTransport': true, 's3:prefix': 'reports/' };
  const inputs = [{ Bucket: BUCKET, Key: 'reports/x' }, { Bucket: BUCKET, Key: 'in/x' }, { Bucket: BUCKET }];
  return inputs.some(
    (input) =>
      authorizeCall(world, { service: 's3', operation, principal, input, context }).outcome === 'allow',
  );
}
