import { expect, test } from 'vitest';
import { fromCrossAccountRole } from './from-cross-account-role.ts';
import type { CrossAccountRoleOptions } from './role-options.ts';
import { planSession } from './session-plan.ts';

const roleArn = 'arn:aws:iam::222222222222:role/reader';
const policyText = (options: Partial<CrossAccountRoleOptions>) =>
  planSession({ roleArn, ...options }).links.at(-1)!.input.Policy!;

const refused: [string, Record<string, unknown>, string, string][] = [
  ['no role', { roleArn: undefined }, 'invalid-option', '`undefined` is not the ARN of a role'],
  ['a user', { roleArn: 'arn:aws:iam::222222222222:user/x' }, 'invalid-option', 'is not the ARN of a role'],
  ['a short account', { roleArn: 'arn:aws:iam::2222:role/x' }, 'invalid-option', 'is not the ARN of a role'],
  ['a misspelt option', { externalID: 'x' }, 'invalid-option', 'there is no option `externalID`'],
  [
    'a misspelt option of a link',
    { chain: [{ roleArn, role: 'x' }] },
    'invalid-option',
    'there is no option `role`',
  ],
  ['an external id with a space', { externalId: 'a b' }, 'invalid-option', '`externalId` cannot be `a b`'],
  ['a session name of one letter', { sessionName: 'a' }, 'invalid-option', '`sessionName` cannot be `a`'],
  ['ten minutes', { duration: '10m' }, 'invalid-option', 'a session cannot last `10m`'],
  ['a day', { duration: 86_400 }, 'invalid-option', 'a session cannot last `86400`'],
  ['words for a duration', { duration: 'an hour' }, 'invalid-option', 'a session cannot last `an hour`'],
  ['two hours for a chain', { chain: [roleArn], duration: '2h' }, 'session-duration', 'lasts 1 hour at most'],
  [
    'a transitive tag that is not there',
    { transitiveTagKeys: ['team'] },
    'invalid-option',
    'transitiveTagKeys',
  ],
  ['a tag without a key', { tags: { '': 'x' } }, 'invalid-option', '`tags` cannot be'],
  [
    '51 tags',
    { tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`t${i}`, ''])) },
    'invalid-option',
    '51',
  ],
  [
    '11 managed policies',
    { policyArns: Array.from({ length: 11 }, () => 'arn') },
    'invalid-option',
    '11 policies',
  ],
  [
    'policy and scope',
    { policy: '{}', scope: { bucket: 'abc', access: 'read' } },
    'invalid-option',
    'with `policy`',
  ],
  [
    'a large policy',
    { policy: ' '.repeat(2049) },
    'session-policy-too-large',
    'has 2049 characters, and STS takes 2048',
  ],
  ['an unknown access', { scope: { bucket: 'abc', access: 'own' } }, 'invalid-option', 'no access `own`'],
  ['no access', { scope: { bucket: 'abc', access: [] } }, 'invalid-option', 'no access'],
  [
    'a bucket by ARN',
    { scope: { bucket: 'arn:aws:s3:::b', access: 'read' } },
    'invalid-option',
    'not the name of a bucket',
  ],
  [
    'an MFA device without code',
    { mfa: { serial: 'arn:aws:iam::111111111111:mfa/a' } },
    'invalid-option',
    '`mfa`',
  ],
  [
    'a token and an external id',
    { webIdentity: { tokenFile: 't' }, externalId: 'ab' },
    'invalid-option',
    '`externalId` has no meaning',
  ],
  [
    'a token and a profile',
    { webIdentity: { tokenFile: 't', roleArn }, profile: 'p' },
    'invalid-option',
    '`profile` has no meaning',
  ],
];

test.each(refused)('%s is refused at once', (_, options, code, message) => {
  const make = () => fromCrossAccountRole({ roleArn, ...options } as CrossAccountRoleOptions);
  expect(make).toThrow(
    expect.objectContaining({ code, message: expect.stringContaining(message), help: expect.any(String) }),
  );
});

test('an hour is known to be enough for a chain', () => {
  const { links } = planSession({ roleArn, chain: ['arn:aws:iam::333333333333:role/hub'], duration: '1h' });
  expect(links.map(({ input }) => input.RoleArn)).toEqual(['arn:aws:iam::333333333333:role/hub', roleArn]);
  expect(links[1]!.input.DurationSeconds).toBe(3600);
});

test('the default session name tells program and host', () => {
  expect(planSession({ roleArn }).links[0]!.input.RoleSessionName).toMatch(/^[\w+=,.-]{1,31}@[\w+=,.-]+$/);
});

test('a scope becomes the least session policy', () => {
  const scope = { bucket: 'acme-reports', prefix: 'tenants/7/', access: ['read', 'list'] as const };
  expect(JSON.parse(policyText({ scope: { ...scope, access: [...scope.access] } }))).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:GetObjectVersion', 's3:GetObjectVersionTagging'],
        Resource: 'arn:aws:s3:::acme-reports/tenants/7/*',
      },
      {
        Effect: 'Allow',
        Action: ['s3:ListBucket', 's3:ListBucketVersions'],
        Resource: 'arn:aws:s3:::acme-reports',
        Condition: { StringLike: { 's3:prefix': 'tenants/7/*' } },
      },
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt'],
        Resource: '*',
        Condition: {
          StringLike: {
            'kms:EncryptionContext:aws:s3:arn': [
              'arn:aws:s3:::acme-reports',
              'arn:aws:s3:::acme-reports/tenants/7/*',
            ],
          },
        },
      },
    ],
  });
});

test('a tenant called * reaches its own keys only', () => {
  const text = policyText({ scope: { bucket: 'acme-reports', prefix: 'tenants/*/${x}?/', access: 'write' } });
  const { Statement } = JSON.parse(text) as { Statement: { Resource: string }[] };
  expect(Statement[0]!.Resource).toBe('arn:aws:s3:::acme-reports/tenants/${*}/${$}{x}${?}/*');
});

test('a session policy is written in ASCII, and its size counted so', () => {
  const prefix = 'Zürich/日本/';
  const text = policyText({ scope: { bucket: 'acme-reports', prefix, access: 'read' } });
  expect(text).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.stringify(JSON.parse(text))).toContain(prefix);
  const long = { bucket: 'acme-reports', prefix: '日'.repeat(400), access: 'read' as const };
  expect(() => policyText({ scope: long })).toThrow('session policy');
});

test('other partitions keep theirs', () => {
  const china = 'arn:aws-cn:iam::222222222222:role/reader';
  const text = planSession({ roleArn: china, scope: { bucket: 'abc', access: 'delete' } }).links[0]!.input
    .Policy!;
  expect(text).toContain('arn:aws-cn:s3:::abc/*');
});
