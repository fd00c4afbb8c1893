import { describe, expect, test } from 'vitest';
import { type AccessRequest, type Decision, type PolicySet, type Statement, authorize } from '../index.ts';

const app = '111111111111';
const data = '222222222222';
const alice = `arn:aws:iam::${app}:user/alice`;
const object = 'arn:aws:s3:::acme-reports/reports/a.csv';

const document = (...Statement: Statement[]) => ({ Version: '2012-10-17', Statement });
const read: Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-reports/*' };

const decide = (policies: PolicySet, request: Partial<AccessRequest> = {}): Decision =>
  authorize({ principal: alice, action: 's3:GetObject', resource: object, ...request }, policies);

/** The hint on the first element at fault of the closest statement. */
const hint = (statement: Partial<Statement>, request: Partial<AccessRequest> = {}) =>
  decide({ identity: [document({ ...read, ...statement })] }, request).layers[0]?.nearestMisses[0]?.failed[0]
    ?.hint;

test.each<[string, Partial<Statement>, Partial<AccessRequest>, string | undefined]>([
  [
    'a bucket for its objects',
    { Resource: 'arn:aws:s3:::acme-reports' },
    {},
    '`arn:aws:s3:::acme-reports` is the bucket; its objects are `arn:aws:s3:::acme-reports/*`',
  ],
  [
    'objects for their bucket',
    { Action: 's3:ListBucket' },
    { action: 's3:ListBucket', resource: 'arn:aws:s3:::acme-reports' },
    '`arn:aws:s3:::acme-reports/*` is for objects; the bucket itself is `arn:aws:s3:::acme-reports`',
  ],
  [
    'another partition',
    { Resource: 'arn:aws-cn:s3:::acme-reports/*' },
    {},
    'partition is `aws-cn`, the request’s is `aws`',
  ],
  [
    'another region',
    { Action: 'kms:*', Resource: `arn:aws:kms:eu-west-1:${app}:key/*` },
    { action: 'kms:CreateGrant', resource: `arn:aws:kms:us-east-1:${app}:key/k` },
    'region is `eu-west-1`, the request’s is `us-east-1`',
  ],
  [
    'another account',
    { Action: 'iam:GetUser', Resource: `arn:aws:iam::${data}:user/alice` },
    { action: 'iam:GetUser', resource: alice },
    `account is \`${data}\`, the request’s is \`${app}\``,
  ],
  [
    'a typo in the bucket',
    { Resource: 'arn:aws:s3:::acme-report/*' },
    {},
    `\`arn:aws:s3:::acme-report/*\` and \`${object}\` are a letter or two apart`,
  ],
  [
    'a typo in the prefix',
    { Resource: 'arn:aws:s3:::acme-reports/repotrs/*' },
    {},
    `\`arn:aws:s3:::acme-reports/repotrs/*\` and \`${object}\` are a letter or two apart`,
  ],
  [
    'a typo in the action',
    { Action: 's3:GetObjects' },
    {},
    '`s3:GetObjects` looks like a slip for `s3:GetObject`',
  ],
  ['two real actions that are close', { Action: 's3:PutObject' }, {}, undefined],
  [
    'case in the resource',
    { Resource: 'arn:aws:s3:::acme-reports/Reports/a.csv' },
    {},
    `\`arn:aws:s3:::acme-reports/Reports/a.csv\` and \`${object}\` are a letter or two apart`,
  ],
  [
    'a typo in a condition',
    { Condition: { StringEquals: { 'app:team': 'blue' } } },
    { context: { 'app:team': 'bleu' } },
    '`blue` and `bleu` are a letter or two apart',
  ],
  [
    'case in a condition',
    { Condition: { StringEquals: { 'app:team': 'BLUE' } } },
    { context: { 'app:team': 'blue' } },
    '`BLUE` and `blue` differ in case only',
  ],
  ['nothing alike', { Resource: 'arn:aws:s3:::photographs/*' }, {}, undefined],
])('hint: %s', (_, statement, request, expected) => {
  expect(hint(statement, request)).toBe(expected?.replaceAll('’', "'"));
});

test.each<[string, string, string]>([
  ['a deleted principal', 'AROAEXAMPLEID', 'is the id of a user or role that was deleted'],
  ['a wildcard', `arn:aws:iam::${app}:user/*`, 'a principal takes no wildcards'],
  ['another account', `arn:aws:iam::${data}:user/alice`, `is in account ${data}, the caller in ${app}`],
  ['a typo', `arn:aws:iam::${app}:user/alise`, 'are a letter or two apart'],
])('hint on a principal: %s', (_, principal, expected) => {
  const policies = {
    identity: [document(read)],
    resource: document({ ...read, Principal: { AWS: principal } }),
  };
  const { layers } = decide(policies, { resourceAccount: data });
  const miss = layers.find(({ layer }) => layer === 'resource-policy')?.nearestMisses[0];
  expect(miss?.failed[0]?.element).toBe('Principal');
  expect(miss?.failed[0]?.hint).toContain(expected);
});

test('the closest statement comes first, with what is wrong with it', () => {
  const { layers } = decide(
    {
      identity: [
        document(
          { ...read, Sid: 'Far', Action: 'ec2:*', Resource: 'arn:aws:ec2:*:*:instance/*' },
          { ...read, Sid: 'Near', Condition: { StringEquals: { 'app:team': ['blue', 'green'] } } },
          { ...read, Sid: 'Between', Resource: 'arn:aws:s3:::pictures/*' },
        ),
      ],
    },
    { context: { 'app:team': 'orange' } },
  );
  expect(layers[0]?.nearestMisses.map(({ sid }) => sid)).toEqual(['Near', 'Between', 'Far']);
  expect(layers[0]?.nearestMisses[0]?.failed).toEqual([
    {
      element: 'Condition',
      operator: 'StringEquals',
      key: 'app:team',
      wanted: ['blue', 'green'],
      actual: ['orange'],
    },
  ]);
});

test('a key that the request does not have has no actual value', () => {
  const { layers, reason } = decide({
    identity: [document({ ...read, Condition: { StringEquals: { 'app:team': 'blue' } } })],
  });
  expect(layers[0]?.nearestMisses[0]?.failed[0]).not.toHaveProperty('actual');
  expect(reason).toContain('the request has no `app:team`');
});

describe('causes', () => {
  test('say which account, which document and which statement', () => {
    const policies = {
      identity: [{ name: 'reader', document: document(read), arn: `arn:aws:iam::${app}:policy/reader` }],
      resource: {
        name: 'bucket policy',
        document: document({ ...read, Sid: 'Partner', Principal: { AWS: `arn:aws:iam::${app}:user/bob` } }),
      },
    };
    expect(decide(policies, { resourceAccount: data }).causes).toMatchObject([
      {
        code: 'resource-policy-missing-allow',
        account: data,
        layer: 'resource-policy',
        document: { kind: 'resource-policy', name: 'bucket policy' },
        statement: { policy: 'bucket policy', index: 0, sid: 'Partner', effect: 'Allow' },
      },
    ]);
    const { causes, reason } = decide({
      identity: [{ ...policies.identity[0]!, document: document({ ...read, Effect: 'Deny' }) }],
    });
    expect(causes[0]).toMatchObject({
      code: 'identity-policy-explicit-deny',
      account: app,
      document: { kind: 'identity-policy', name: 'reader', arn: `arn:aws:iam::${app}:policy/reader` },
    });
    expect(reason).toContain('statement 1 of the identity policy `reader` denies');
  });

  test('name a principal that was deleted', () => {
    const stale = document({ ...read, Principal: { AWS: 'AIDAEXAMPLEID' } });
    const { causes } = decide({ identity: [document(read)], resource: stale }, { resourceAccount: data });
    expect(causes.map(({ code }) => code)).toEqual(['stale-principal']);
  });

  test('name both conditions of a trust policy that a caller fails', () => {
    const resource = `arn:aws:iam::${data}:role/reader`;
    const trust = document({
      Effect: 'Allow',
      Principal: { AWS: alice },
      Action: 'sts:AssumeRole',
      Condition: { StringEquals: { 'sts:ExternalId': 'x' }, Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
    });
    const identity = [document({ Effect: 'Allow', Action: 'sts:*', Resource: '*' })];
    const { causes } = decide({ identity, resource: trust }, { action: 'sts:AssumeRole', resource });
    expect(causes.map(({ code }) => code)).toEqual(['external-id-mismatch', 'mfa-required']);
  });
});

describe('what an outcome depends on', () => {
  const unknown = ['aws:SourceVpce', 'aws:PrincipalTag/*'];

  test('is told statement by statement', () => {
    const { outcome, requires, reason } = decide(
      {
        identity: [
          document(
            { ...read, Sid: 'FromEndpoint', Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b' } } },
            {
              ...read,
              Sid: 'Team',
              Condition: { StringEquals: { 'aws:PrincipalTag/team': 'blue', 'app:x': '1' } },
            },
            {
              ...read,
              Sid: 'NotThis',
              Condition: { StringEquals: { 'aws:PrincipalTag/team': 'red', 'app:x': '2' } },
            },
          ),
        ],
      },
      { unknown, context: { 'app:x': '1' } },
    );
    expect(outcome).toBe('depends');
    expect(requires).toEqual([
      {
        operator: 'StringEquals',
        key: 'aws:SourceVpce',
        values: ['vpce-1a2b'],
        statement: { policy: 'identity policy', index: 0, sid: 'FromEndpoint', effect: 'Allow' },
      },
      {
        operator: 'StringEquals',
        key: 'aws:PrincipalTag/team',
        values: ['blue'],
        statement: { policy: 'identity policy', index: 1, sid: 'Team', effect: 'Allow' },
      },
    ]);
    expect(reason).toContain('depends on `aws:SourceVpce`, `aws:PrincipalTag/team`');
  });

  test('is a variable in a resource too', () => {
    const home = document({ ...read, Resource: 'arn:aws:s3:::acme-reports/${aws:PrincipalTag/team}/*' });
    expect(decide({ identity: [home] }, { unknown }).requires).toMatchObject([
      {
        operator: 'Resource',
        key: 'aws:PrincipalTag/team',
        values: ['arn:aws:s3:::acme-reports/${aws:PrincipalTag/team}/*'],
      },
    ]);
  });

  test.each<[string, PolicySet, string]>([
    ['an Allow without the key', { identity: [document(read)] }, 'allow'],
    ['a Deny without the key', { identity: [document(read, { ...read, Effect: 'Deny' })] }, 'deny'],
    ['no Allow at all', { identity: [document()] }, 'deny'],
    [
      'a Deny on the key where nothing allows',
      {
        identity: [document({ ...read, Effect: 'Deny', Condition: { Null: { 'aws:SourceVpce': 'true' } } })],
      },
      'deny',
    ],
    [
      'a Deny on the key',
      {
        identity: [
          document(read, {
            ...read,
            Effect: 'Deny',
            Condition: { StringNotEquals: { 'aws:SourceVpce': 'vpce-1' } },
          }),
        ],
      },
      'depends',
    ],
    [
      'a boundary on the key',
      {
        identity: [document(read)],
        boundary: document({ ...read, Condition: { StringLike: { 'aws:SourceVpce': 'vpce-*' } } }),
      },
      'depends',
    ],
    [
      'an Allow on the key beside one without',
      {
        identity: [document(read, { ...read, Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } })],
      },
      'allow',
    ],
  ])('is nothing where it does not matter: %s', (_, policies, expected) => {
    expect(decide(policies, { unknown }).outcome).toBe(expected);
  });

  test('an unknown key stays unknown though the context or the principal has a value', () => {
    const named = document({ ...read, Condition: { StringEquals: { 'aws:username': 'alice' } } });
    expect(decide({ identity: [named] }).outcome).toBe('allow');
    expect(decide({ identity: [named] }, { unknown: ['AWS:UserName'] }).outcome).toBe('depends');
    expect(
      decide({ identity: [named] }, { unknown: ['aws:username'], context: { 'aws:username': 'bob' } })
        .outcome,
    ).toBe('depends');
  });

  test('is a layer that nobody could read', () => {
    const { outcome, reason, layers } = decide({ identity: [document(read)], unread: ['scp'] });
    expect(outcome).toBe('depends');
    expect(reason).toContain('an unread service control policy');
    expect(layers[0]).toMatchObject({ layer: 'scp', verdict: 'depends' });
  });
});

test('an allowed request tells the statements that allow it', () => {
  const { reason, layers } = decide({
    identity: [{ name: 'reader', document: document({ ...read, Sid: 'Read' }) }],
  });
  expect(reason).toBe(`s3:GetObject on ${object} is allowed by statement \`Read\` of reader.`);
  expect(layers).toEqual([
    {
      layer: 'identity-policy',
      account: app,
      verdict: 'allow',
      statements: [{ policy: 'reader', index: 0, sid: 'Read', effect: 'Allow' }],
      nearestMisses: [],
    },
  ]);
});
