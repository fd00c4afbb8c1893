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
  ['s3:PutObject', { Bucket: 'b', Key: 'k', IfMatch: '*' }, ['s3:PutObject on arn:aws:s3:::b/k']],
  [
    's3:PutObject',
    { Bucket: 'b', Key: 'k', IfMatch: '"e"' },
    ['s3:PutObject on arn:aws:s3:::b/k', 's3:GetObject on arn:aws:s3:::b/k'],
  ],
  [
    's3:CompleteMultipartUpload',
    { Bucket: 'b', Key: 'k', IfMatch: '"e"' },
    ['s3:PutObject on arn:aws:s3:::b/k', 's3:GetObject on arn:aws:s3:::b/k'],
  ],
  [
    's3:DeleteObject',
    { Bucket: 'b', Key: 'k', IfMatch: '"e"' },
    ['s3:DeleteObject on arn:aws:s3:::b/k', 's3:GetObject on arn:aws:s3:::b/k'],
  ],
  [
    's3:DeleteObjects',
    { Bucket: 'b', Delete: { Objects: [{ Key: 'x', ETag: '"e"' }] } },
    ['s3:DeleteObject on arn:aws:s3:::b/x', 's3:GetObject on arn:aws:s3:::b/x'],
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
  ['s3:CreateBucket', { Bucket: 'b', ACL: 'private' }, ['s3:CreateBucket on arn:aws:s3:::b']],
  [
    's3:CreateBucket',
    { Bucket: 'b', ACL: 'public-read', ObjectLockEnabledForBucket: true, ObjectOwnership: 'ObjectWriter' },
    [
      'CreateBucket',
      'PutBucketAcl',
      'PutBucketObjectLockConfiguration',
      'PutBucketVersioning',
      'PutBucketOwnershipControls',
    ].map((a) => `s3:${a} on arn:aws:s3:::b`),
  ],
  [
    's3:PutObject',
    { Bucket: 'b', Key: 'k', ACL: 'bucket-owner-full-control' },
    ['s3:PutObject on arn:aws:s3:::b/k'],
  ],
  [
    's3:PutBucketReplication',
    { Bucket: 'b', ReplicationConfiguration: { Role: 'arn:aws:iam::111111111111:role/r' } },
    ['s3:PutReplicationConfiguration on arn:aws:s3:::b', 'iam:PassRole on arn:aws:iam::111111111111:role/r'],
  ],
  [
    's3:CopyObject',
    { Bucket: 'b', Key: 'k', CopySource: 'arn:aws:s3:eu-west-1:222222222222:accesspoint/ap/object/a/b' },
    [
      's3:GetObject on arn:aws:s3:eu-west-1:222222222222:accesspoint/ap/object/a/b',
      's3:PutObject on arn:aws:s3:::b/k',
    ],
  ],
  ['s3:CopyObject', { Bucket: 'b', Key: 'k', CopySource: 'nonsense' }, ['s3:PutObject on arn:aws:s3:::b/k']],
  [
    's3:GetObject',
    { Bucket: 'b--use1-az4--x-s3', Key: 'k' },
    ['s3express:CreateSession on arn:aws:s3express:us-east-1:111111111111:bucket/b--use1-az4--x-s3'],
  ],
  [
    's3:DeleteBucket',
    { Bucket: 'b--use1-az4--x-s3' },
    ['s3express:DeleteBucket on arn:aws:s3express:us-east-1:111111111111:bucket/b--use1-az4--x-s3'],
  ],
  [
    's3:GetObject',
    { Bucket: 'arn:aws:s3-object-lambda:eu-west-1:222222222222:accesspoint/ol', Key: 'k' },
    ['s3-object-lambda:GetObject on arn:aws:s3-object-lambda:eu-west-1:222222222222:accesspoint/ol/object/k'],
  ],
  ['s3control:GetPublicAccessBlock', { AccountId: '222222222222' }, ['s3:GetAccountPublicAccessBlock on *']],
  [
    'cloudtrail:PutEventSelectors',
    { TrailName: 't' },
    ['cloudtrail:PutEventSelectors on arn:aws:cloudtrail:us-east-1:111111111111:trail/t'],
  ],
  [
    'cloudtrail:GetTrail',
    { Name: 'arn:aws:cloudtrail:eu-west-1:111111111111:trail/t' },
    ['cloudtrail:GetTrail on arn:aws:cloudtrail:eu-west-1:111111111111:trail/t'],
  ],
  ['cloudtrail:LookupEvents', {}, ['cloudtrail:LookupEvents on *']],
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
  [
    'iam:CreateRole',
    { RoleName: 'r', Tags: [{ Key: 'a', Value: 'b' }] },
    ['iam:CreateRole', 'iam:TagRole'].map((a) => `${a} on arn:aws:iam::111111111111:role/r`),
  ],
  [
    'iam:AddRoleToInstanceProfile',
    { InstanceProfileName: 'p', RoleName: 'r' },
    [
      'iam:AddRoleToInstanceProfile on arn:aws:iam::111111111111:instance-profile/p',
      'iam:PassRole on arn:aws:iam::111111111111:role/r',
    ],
  ],
  ['kms:Decrypt', { KeyId: 'alias/a' }, ['kms:Decrypt on arn:aws:kms:us-east-1:111111111111:alias/a']],
  ['kms:Encrypt', { KeyId: keyArn }, [`kms:Encrypt on ${keyArn}`]],
  [
    'kms:ReEncrypt',
    { SourceKeyId: '1', DestinationKeyId: keyArn },
    ['kms:ReEncryptFrom on arn:aws:kms:us-east-1:111111111111:key/1', `kms:ReEncryptTo on ${keyArn}`],
  ],
  [
    'kms:CreateAlias',
    { AliasName: 'alias/a', TargetKeyId: '1' },
    [
      'kms:CreateAlias on arn:aws:kms:us-east-1:111111111111:alias/a',
      'kms:CreateAlias on arn:aws:kms:us-east-1:111111111111:key/1',
    ],
  ],
  [
    'kms:CreateKey',
    { Tags: [{ TagKey: 'a', TagValue: 'b' }] },
    ['kms:CreateKey on *', 'kms:TagResource on *'],
  ],
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
    's3:ObjectCreationOperation': true,
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

test('a copy reads its source with what is known of the source', () => {
  const call = {
    Bucket: 'to',
    Key: 'k',
    CopySource: 'from/key',
    SSEKMSKeyId: '1',
    ServerSideEncryption: 'aws:kms',
  };
  const copySource = { owner: '222222222222', kmsKey: keyArn, tags: { team: 'a' } };
  const requests = needs('s3:CopyObject', call, { copySource, object: { owner: '333333333333' } });
  expect(requests.map(({ action, resource }) => `${action} on ${resource}`)).toEqual([
    's3:GetObject on arn:aws:s3:::from/key',
    's3:GetObjectTagging on arn:aws:s3:::from/key',
    `kms:Decrypt on ${keyArn}`,
    's3:PutObject on arn:aws:s3:::to/k',
    's3:PutObjectTagging on arn:aws:s3:::to/k',
    'kms:GenerateDataKey on arn:aws:kms:us-east-1:111111111111:key/1',
  ]);
  expect(requests[0]).toMatchObject({
    objectOwner: '222222222222',
    context: { 's3:ExistingObjectTag/team': 'a' },
  });
  expect(requests[2]?.context).toMatchObject({ 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::from/key' });
  expect(requests[3]).toMatchObject({
    objectOwner: '333333333333',
    context: { 's3:x-amz-copy-source': 'from/key', 's3:x-amz-server-side-encryption-aws-kms-key-id': '1' },
  });
  expect(requests[3]?.context).not.toHaveProperty('s3:ExistingObjectTag/team');
});

test('KMS knows a key by the alias that it is called by', () => {
  const [encrypt] = needs(
    'kms:Encrypt',
    { KeyId: 'alias/app', EncryptionContext: { team: 'a' } },
    { resourceArns: [keyArn] },
  );
  expect(encrypt).toMatchObject({
    resource: keyArn,
    context: {
      'kms:RequestAlias': 'alias/app',
      'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
      'kms:EncryptionContext:team': 'a',
      'kms:EncryptionContextKeys': ['team'],
    },
  });
});

test('retention is counted from the time of the request', () => {
  const input = {
    Bucket: 'b',
    Key: 'k',
    ObjectLockMode: 'GOVERNANCE',
    ObjectLockRetainUntilDate: new Date('2026-02-01T00:00:00Z'),
  };
  const requests = needs('s3:PutObject', input, { context: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } });
  expect(requests.map(({ action }) => action)).toEqual(['s3:PutObject', 's3:PutObjectRetention']);
  expect(requests[1]?.context).toMatchObject({
    's3:object-lock-mode': 'GOVERNANCE',
    's3:object-lock-retain-until-date': '2026-02-01T00:00:00.000Z',
    's3:object-lock-remaining-retention-days': 31,
  });
});

test('hostile names are names', () => {
  expect(lines('s3:__proto__', { Bucket: 'b' })).toEqual(['s3:__proto__ on arn:aws:s3:::b']);
  expect(lines('constructor:toString')).toEqual(['constructor:toString on *']);
  const [put] = needs('s3:PutObject', { Bucket: 'b', Key: '__proto__', Tagging: '__proto__=1' });
  expect(Object.getPrototypeOf(put?.context)).toBe(Object.prototype);
});
