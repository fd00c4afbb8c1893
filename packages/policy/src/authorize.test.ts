import { describe, expect, test } from 'vitest';
import { type AccessRequest, type PolicySet, type Statement, authorize, compile } from './index.ts';

const app = '111111111111';
const data = '222222222222';
const user = `arn:aws:iam::${app}:user/alice`;
const roleArn = `arn:aws:iam::${app}:role/service/reporter`;
const session = `arn:aws:sts::${app}:assumed-role/reporter/run-1`;
const object = 'arn:aws:s3:::acme-reports/reports/a.csv';

const document = (...statements: Statement[]) => ({ Version: '2012-10-17', Statement: statements });
const read: Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-reports/*' };
const readTo = (aws: string | string[]): Statement => ({ ...read, Principal: { AWS: aws } });
const denyAll: Statement = { Effect: 'Deny', Action: '*', Resource: '*' };

function outcome(request: Partial<AccessRequest>, policies: PolicySet): string {
  const decision = authorize(
    { principal: user, action: 's3:GetObject', resource: object, resourceAccount: app, ...request },
    policies,
  );
  return decision.outcome === 'allow' ? 'allow' : decision.causes.map(({ code }) => code).join(' ');
}

const cross = { resourceAccount: data };

describe('one account', () => {
  test.each<[string, PolicySet, string]>([
    ['nothing', {}, 'identity-policy-missing-allow'],
    ['the identity policy alone', { identity: [document(read)] }, 'allow'],
    ['the resource policy alone', { resource: document(readTo(user)) }, 'allow'],
    [
      'a resource policy for the account delegates',
      { resource: document(readTo(app)) },
      'identity-policy-missing-allow',
    ],
    [
      'an explicit deny wins',
      { identity: [document(read, denyAll)], resource: document(readTo(user)) },
      'identity-policy-explicit-deny',
    ],
    ['a boundary limits', { identity: [document(read)], boundary: document() }, 'boundary-missing-allow'],
    [
      'a user named directly passes the boundary',
      { resource: document(readTo(user)), boundary: document() },
      'allow',
    ],
  ])('%s', (_, policies, expected) => {
    expect(outcome({}, policies)).toBe(expected);
  });

  test.each<[string, PolicySet, string]>([
    [
      'role named, boundary',
      { resource: document(readTo(roleArn)), boundary: document() },
      'boundary-missing-allow',
    ],
    [
      'role named, session policy',
      { resource: document(readTo(roleArn)), session: [document()] },
      'session-policy-missing-allow',
    ],
    ['role named', { resource: document(readTo(roleArn)) }, 'allow'],
    [
      'session named, both limits',
      { resource: document(readTo(session)), session: [document()], boundary: document() },
      'allow',
    ],
    [
      'everyone with aws:PrincipalArn, both limits',
      {
        resource: document({
          ...readTo('*'),
          Condition: { ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::${app}:role/reporter` } },
        }),
        session: [document()],
        boundary: document(),
      },
      'allow',
    ],
  ])('session: %s', (_, policies, expected) => {
    expect(outcome({ principal: session }, policies)).toBe(expected);
  });
});

describe('two accounts', () => {
  test.each<[string, PolicySet, string]>([
    ['neither side', {}, 'resource-policy-missing-allow identity-policy-missing-allow'],
    ['only the identity policy', { identity: [document(read)] }, 'resource-policy-missing-allow'],
    ['only the resource policy', { resource: document(readTo(user)) }, 'identity-policy-missing-allow'],
    ['both', { identity: [document(read)], resource: document(readTo(user)) }, 'allow'],
    ['the account named', { identity: [document(read)], resource: document(readTo(app)) }, 'allow'],
    [
      'a boundary counts though the user is named',
      { identity: [document(read)], resource: document(readTo(user)), boundary: document() },
      'boundary-missing-allow',
    ],
    [
      'every level of SCPs must allow',
      {
        identity: [document(read)],
        resource: document(readTo(user)),
        serviceControl: [[document(read)], []],
      },
      'scp-missing-allow',
    ],
    [
      'an RCP denies',
      {
        identity: [document(read)],
        resource: document(readTo(user)),
        resourceControl: [[document({ ...denyAll, Principal: '*' })]],
      },
      'rcp-explicit-deny',
    ],
    [
      'a public policy shuts the other account out',
      {
        identity: [document(read)],
        resource: document(readTo(user), readTo('*')),
        publicAccessBlock: { RestrictPublicBuckets: true },
      },
      'public-access-block',
    ],
  ])('%s', (_, policies, expected) => {
    expect(outcome(cross, policies)).toBe(expected);
  });
});

describe('sts:AssumeRole', () => {
  const assume = {
    action: 'sts:AssumeRole',
    resource: `arn:aws:iam::${data}:role/reader`,
    resourceAccount: data,
  };
  const trust = (Condition: Statement['Condition'] = {}) =>
    document({ Effect: 'Allow', Principal: { AWS: user }, Action: 'sts:AssumeRole', Condition });
  const identity = [document({ Effect: 'Allow', Action: 'sts:*', Resource: '*' })];
  const needsId = { StringEquals: { 'sts:ExternalId': 'x-1' } };

  test.each<[string, Partial<AccessRequest>, PolicySet, string]>([
    ['both sides', {}, { identity, resource: trust() }, 'allow'],
    ['no trust', {}, { identity }, 'trust-policy-missing-allow'],
    ['no external id', {}, { identity, resource: trust(needsId) }, 'external-id-mismatch'],
    [
      'the external id',
      { context: { 'sts:ExternalId': 'x-1' } },
      { identity, resource: trust(needsId) },
      'allow',
    ],
    [
      'no MFA',
      {},
      { identity, resource: trust({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }) },
      'mfa-required',
    ],
    [
      'the root',
      { principal: `arn:aws:iam::${app}:root` },
      { identity, resource: trust() },
      'trust-policy-missing-allow',
    ],
  ])('%s', (_, request, policies, expected) => {
    expect(outcome({ ...assume, ...request }, policies)).toBe(expected);
  });

  test('in one account, the identity policy alone is not enough', () => {
    const own = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${app}:role/reader` };
    expect(outcome(own, { identity })).toBe('trust-policy-missing-allow');
    expect(outcome(own, { resource: trust() })).toBe('allow');
  });
});

test('a key policy that does not delegate leaves identity policies without effect', () => {
  const key = `arn:aws:kms:eu-west-1:${app}:key/k`;
  const request = { action: 'kms:Decrypt', resource: key };
  const identity = [document({ Effect: 'Allow', Action: 'kms:*', Resource: '*' })];
  const keyPolicy = (aws: string) =>
    document({ Effect: 'Allow', Principal: { AWS: aws }, Action: 'kms:*', Resource: '*' });
  expect(outcome(request, { identity, resource: keyPolicy(data) })).toBe('kms-key-policy');
  expect(outcome(request, { identity, resource: keyPolicy(app) })).toBe('allow');
  expect(outcome(request, { resource: keyPolicy(app) })).toBe('kms-identity-policy');
  expect(outcome(request, { resource: keyPolicy(user) })).toBe('allow');
});

test('a key that nobody knows makes the outcome depend on it, and says how', () => {
  const policies: PolicySet = {
    identity: [document(read)],
    resource: document(readTo(user), {
      ...readTo('*'),
      Effect: 'Deny',
      Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
    }),
  };
  const decision = authorize(
    {
      principal: user,
      action: 's3:GetObject',
      resource: object,
      resourceAccount: data,
      unknown: ['aws:SourceVpce'],
    },
    policies,
  );
  expect(decision.outcome).toBe('depends');
  expect(decision.requires).toEqual([
    {
      operator: 'StringNotEquals',
      key: 'aws:SourceVpce',
      values: ['vpce-1'],
      negated: true,
      statement: { policy: 'resource policy', index: 1, effect: 'Deny' },
    },
  ]);
});

test('what was compiled does not follow its documents', () => {
  const statement = { ...read };
  const compiled = compile({ identity: [document(statement)] });
  statement.Effect = 'Deny';
  expect(compiled.authorize({ principal: user, action: 's3:GetObject', resource: object }).outcome).toBe(
    'allow',
  );
});

test('a bucket ARN where objects are meant is told', () => {
  const decision = authorize(
    { principal: user, action: 's3:GetObject', resource: object },
    { identity: [document({ ...read, Resource: 'arn:aws:s3:::acme-reports' })] },
  );
  expect(decision.layers[0]?.nearestMisses[0]?.failed[0]).toMatchObject({
    element: 'Resource',
    hint: '`arn:aws:s3:::acme-reports` is the bucket; its objects are `arn:aws:s3:::acme-reports/*`',
  });
  expect(decision.reason).toContain('is the bucket');
});

test.each([
  null,
  undefined,
  5,
  'text',
  [],
  {},
  { Statement: null },
  { Statement: [null, 5, 'x', []] },
  { Statement: { Effect: 'Allow' } },
  { Statement: { Effect: 'Allow', Action: 5, Resource: {} } },
  { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: 'x' } },
  { Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: { Nonsense: { a: 'b' } } } },
  {
    Statement: { Effect: 'Allow', Action: '*', Resource: '*', Condition: { StringEquals: { a: { b: 1 } } } },
  },
  { Statement: { Effect: 'Allow', Action: '*', NotAction: 's3:*', Resource: '*' } },
  { Statement: { Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' } },
])('a malformed document allows nothing: %j', (malformed) => {
  const policies = JSON.parse(JSON.stringify({ identity: [malformed], boundary: malformed })) as PolicySet;
  expect(outcome({}, policies)).not.toBe('allow');
});
