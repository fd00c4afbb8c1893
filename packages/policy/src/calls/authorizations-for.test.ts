import { expect, test } from 'vitest';
import { type ApiCall, authorizationsFor } from '../index.ts';

const alice = 'arn:aws:iam::111111111111:user/alice';
const keyArn = 'arn:aws:kms:eu-west-1:222222222222:key/11111111-2222-3333-4444-555555555555';

function needs(operation: `${string}:${string}`, input: ApiCall['input'] = {}, more: Partial<ApiCall> = {}) {
  const [service = '', name = ''] = operation.split(':');
  return authorizationsFor({ service, operation: name, input, principal: alice, ...more });
}

const lines = (...args: Parameters<typeof needs>) =>
  needs(...args).map(({ action, resource }) => `${action} on ${resource}`);

test.each<[`${string}:${string}`, ApiCall['input'], string[]]>([
  ['s3:ListBuckets', {}, ['s3:ListAllMyBuckets on arn:aws:s3:::*']],
  ['s3:CreateBucket', { Bucket: 'b' }, ['s3:CreateBucket on arn:aws:s3:::b']],
  ['s3:HeadBucket', { Bucket: 'b' }, ['s3:ListBucket on arn:aws:s3:::b']],
  ['s3:ListObjectsV2', { Bucket: 'b' }, ['s3:ListBucket on arn:aws:s3:::b']],
  ['s3:GetBucketLocation', { Bucket: 'b' }, ['s3:GetBucketLocation on arn:aws:s3:::b']],
  ['s3:PutBucketPolicy', { Bucket: 'b' }, ['s3:PutBucketPolicy on arn:aws:s3:::b']],
  ['s3:GetObject', { Bucket: 'b', Key: 'a/c' }, ['s3:GetObject on arn:aws:s3:::b/a/c']],
  ['s3:HeadObject', { Bucket: 'b', Key: 'k' }, ['s3:GetObject on arn:aws:s3:::b/k']],
  ['s3:GetObject', { Bucket: 'b', Key: 'k', VersionId: 'v' }, ['s3:GetObjectVersion on arn:aws:s3:::b/k']],
  ['s3:DeleteObject', { Bucket: 'b', Key: 'k' }, ['s3:DeleteObject on arn:aws:s3:::b/k']],
  [
    's3:DeleteObject',
    { Bucket: 'b', Key: 'k', VersionId: 'v', BypassGovernanceRetention: true },
    ['s3:DeleteObjectVersion on arn:aws:s3:::b/k', 's3:BypassGovernanceRetention on arn:aws:s3:::b/k'],
  ],
  [
    's3:PutObject',
    { Bucket: 'b', Key: 'k', ACL: 'private', Tagging: 'a=b', ObjectLockLegalHoldStatus: 'ON' },
    ['PutObject', 'PutObjectAcl', 'PutObjectTagging', 'PutObjectLegalHold'].map(
      (a) => `s3:${a} on arn:aws:s3:::b/k`,
    ),
  ],
  [
    's3:CopyObject',
    { Bucket: 'b', Key: 'k', CopySource: '/from/a%20key?versionId=v' },
    ['s3:GetObjectVersion on arn:aws:s3:::from/a key', 's3:PutObject on arn:aws:s3:::b/k'],
  ],
  [
    's3:DeleteObjects',
    { Bucket: 'b', Delete: { Objects: [{ Key: 'x' }, { Key: 'y', VersionId: 'v' }] } },
    ['s3:DeleteObject on arn:aws:s3:::b/x', 's3:DeleteObjectVersion on arn:aws:s3:::b/y'],
  ],
  ['s3:ListParts', { Bucket: 'b', Key: 'k' }, ['s3:ListMultipartUploadParts on arn:aws:s3:::b/k']],
  [
    's3:GetObject',
    { Bucket: 'arn:aws:s3:eu-west-1:222222222222:accesspoint:ap', Key: 'k' },
    ['s3:GetObject on arn:aws:s3:eu-west-1:222222222222:accesspoint/ap/object/k'],
  ],
  ['sts:GetCallerIdentity', {}, []],
  ['sts:GetSessionToken', {}, []],
  [
    'sts:AssumeRole',
    {
      RoleArn: 'arn:aws:iam::222222222222:role/r',
      SourceIdentity: 'alice',
      Tags: [{ Key: 'a', Value: 'b' }],
    },
    ['AssumeRole', 'TagSession', 'SetSourceIdentity'].map(
      (a) => `sts:${a} on arn:aws:iam::222222222222:role/r`,
    ),
  ],
  ['iam:GetUser', {}, [`iam:GetUser on ${alice}`]],
  [
    'iam:CreateUser',
    { UserName: 'bob', Path: '/eng/' },
    ['iam:CreateUser on arn:aws:iam::111111111111:user/eng/bob'],
  ],
  ['iam:PutRolePolicy', { RoleName: 'r' }, ['iam:PutRolePolicy on arn:aws:iam::111111111111:role/r']],
  ['iam:ListUsers', {}, ['iam:ListUsers on arn:aws:iam::111111111111:user/']],
  ['cloudtrail:LookupEvents', {}, ['cloudtrail:LookupEvents on *']],
  ['dynamodb:GetItem', { Key: 'x' }, ['dynamodb:GetItem on *']],
])('%s %j', (operation, input, expected) => {
  expect(lines(operation, input)).toEqual(expected);
});

test('condition keys come from the input, beside what the transport knows', () => {
  const context = { 'aws:SourceIp': '192.0.2.1' };
  const [list] = needs('s3:ListObjectsV2', { Bucket: 'b', Prefix: '', MaxKeys: 7 }, { context });
  expect(list?.context).toEqual({ 'aws:SourceIp': '192.0.2.1', 's3:prefix': '', 's3:max-keys': '7' });

  const [put] = needs('s3:PutObject', { Bucket: 'b', Key: 'k', Tagging: 'team=a%26b&x', ACL: 'private' });
  expect(put?.context).toEqual({
    's3:x-amz-acl': 'private',
    's3:RequestObjectTag/team': 'a&b',
    's3:RequestObjectTag/x': '',
    's3:RequestObjectTagKeys': ['team', 'x'],
  });

  const [assume] = needs('sts:AssumeRole', { RoleArn: 'arn:x', RoleSessionName: 's', ExternalId: 'e' });
  expect(assume?.context).toEqual({ 'sts:ExternalId': 'e', 'sts:RoleSessionName': 's' });
});

test('a path that only the caller of the API knows comes from `resourceArns`', () => {
  const real = 'arn:aws:iam::111111111111:role/eng/r';
  expect(lines('iam:DeleteRole', { RoleName: 'r' }, { resourceArns: [real] })).toEqual([
    `iam:DeleteRole on ${real}`,
  ]);
});

test('encryption asks KMS in the name of the caller', () => {
  expect(lines('s3:GetObject', { Bucket: 'b', Key: 'k' }, { object: { kmsKey: keyArn } })).toEqual([
    's3:GetObject on arn:aws:s3:::b/k',
    `kms:Decrypt on ${keyArn}`,
  ]);
  const bucketEncryption = { algorithm: 'aws:kms', key: keyArn, bucketKey: true } as const;
  const [, key] = needs('s3:PutObject', { Bucket: 'b', Key: 'k' }, { bucketEncryption });
  expect(key).toMatchObject({
    action: 'kms:GenerateDataKey',
    resource: keyArn,
    resourceAccount: '222222222222',
    context: {
      'kms:ViaService': 's3.eu-west-1.amazonaws.com',
      'kms:CallerAccount': '111111111111',
      'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::b',
    },
  });
  expect(
    lines('s3:PutObject', { Bucket: 'b', Key: 'k', ServerSideEncryption: 'AES256' }, { bucketEncryption }),
  ).toEqual(['s3:PutObject on arn:aws:s3:::b/k']);
});

test('hostile names are names', () => {
  expect(lines('s3:__proto__', { Bucket: 'b' })).toEqual(['s3:__proto__ on arn:aws:s3:::b']);
  expect(lines('constructor:toString')).toEqual(['constructor:toString on *']);
  const [put] = needs('s3:PutObject', { Bucket: 'b', Key: '__proto__', Tagging: '__proto__=1' });
  expect(Object.getPrototypeOf(put?.context)).toBe(Object.prototype);
});
