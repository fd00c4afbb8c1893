import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateAliasCommand,
  CreateGrantCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
  type KMSClient,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  type ServerSideEncryptionByDefault,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  SOURCE,
  type Clients,
  type Statement,
} from './clients.ts';
import { idOf, kmsOf, makeKey } from './kms-clients.ts';

const policyOf = (...actions: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});
const reader = `arn:aws:iam::${SOURCE}:user/reader`;
let aws: Sandbox;
/** In the bucket's account: its root, a user who has S3 alone, and its KMS. */
let owner: Clients;
let s3Only: Clients;
let kms: KMSClient;
/** In the other account: users with S3 and KMS, and with S3 alone. */
let partner: Clients;
let partnerS3Only: Clients;

beforeAll(async () => {
  aws = await startSandbox({
    accounts: [
      {
        id: DESTINATION,
        users: [{ name: 's3-only', policies: { s3: policyOf('s3:*') } }],
      },
      {
        id: SOURCE,
        users: [
          { name: 'reader', policies: { all: policyOf('s3:*', 'kms:*', 'sts:*') } },
          { name: 's3-only', policies: { s3: policyOf('s3:*') } },
        ],
      },
    ],
  });
  const { users, root } = aws.account(DESTINATION);
  owner = clientsOf(aws, root);
  s3Only = clientsOf(aws, users['s3-only']!);
  kms = kmsOf(aws, root);
  partner = clientsOf(aws, aws.account(SOURCE).users['reader']!);
  partnerS3Only = clientsOf(aws, aws.account(SOURCE).users['s3-only']!);
});
afterAll(() => aws.close());

/** A bucket that both accounts may use, with a default encryption. */
async function bucketWith(
  Bucket: string,
  by?: ServerSideEncryptionByDefault,
  BucketKeyEnabled = false,
): Promise<void> {
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  const Policy = documentOf({ Principal: { AWS: SOURCE }, Action: 's3:*', Resource: arnsOf(Bucket) });
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  if (!by) return;
  const Rules = [{ ApplyServerSideEncryptionByDefault: by, BucketKeyEnabled }];
  const ServerSideEncryptionConfiguration = { Rules };
  await owner.s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration }));
}

const put = (by: Clients, Bucket: string, more: object = {}, Key = 'k') =>
  by.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'content', ...more }));
const get = async (by: Clients, Bucket: string, Key = 'k') => {
  const { Body, ...rest } = await by.s3.send(new GetObjectCommand({ Bucket, Key }));
  return { text: await Body!.transformToString(), ...rest };
};
const withKey = (SSEKMSKeyId?: string) => ({
  ServerSideEncryption: 'aws:kms' as const,
  ...(SSEKMSKeyId !== undefined && { SSEKMSKeyId }),
});
const keyPolicy = (KeyId: string, ...statements: Statement[]) =>
  kms.send(new PutKeyPolicyCommand({ KeyId, Policy: documentOf(delegates, ...statements) }));
const delegates = { Principal: { AWS: DESTINATION }, Action: 'kms:*', Resource: '*' };
/** The KMS part of how a call was decided: action, key, and the keys that the key policy sees. */
const kmsPart = (requestId: string | undefined) =>
  aws
    .decision(requestId!)!
    .authorizations.filter(({ request }) => request.action.startsWith('kms:'))
    .map(({ request: { action, resource, context } }) => ({
      action,
      resource,
      via: context?.['kms:ViaService'],
      arn: context?.['kms:EncryptionContext:aws:s3:arn'],
    }));

describe('a key of one’s own', () => {
  test('encrypts and decrypts through S3, in the name of the caller', async () => {
    const key = await makeKey(kms);
    await bucketWith('own-key');
    const written = await put(owner, 'own-key', withKey(key));
    expect(written).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
    expect(written).not.toHaveProperty('BucketKeyEnabled');
    const read = await get(owner, 'own-key');
    expect(read).toMatchObject({ text: 'content', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
    const seen = { resource: key, via: 's3.us-east-1.amazonaws.com', arn: 'arn:aws:s3:::own-key/k' };
    expect(kmsPart(written.$metadata.requestId)).toEqual([{ action: 'kms:GenerateDataKey', ...seen }]);
    expect(kmsPart(read.$metadata.requestId)).toEqual([{ action: 'kms:Decrypt', ...seen }]);
    const head = await owner.s3.send(new HeadObjectCommand({ Bucket: 'own-key', Key: 'k' }));
    expect(head).toMatchObject({ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: key });
    expect(kmsPart(head.$metadata.requestId)).toEqual([]);
  });

  test('wants permission for the key besides that for the object', async () => {
    const key = await makeKey(kms);
    await bucketWith('two-permissions');
    const denied = await failureOf(put(s3Only, 'two-permissions', withKey(key)));
    expect(denied).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(denied.message).toBe(
      `User: arn:aws:iam::${DESTINATION}:user/s3-only is not authorized to perform: kms:GenerateDataKey on resource: "${key}" because no identity-based policy allows the kms:GenerateDataKey action`,
    );
    await put(owner, 'two-permissions', withKey(key));
    expect((await failureOf(get(s3Only, 'two-permissions'))).message).toContain(
      'perform: kms:Decrypt on resource',
    );
    // What the key's metadata says is no secret to those who may read the object.
    const head = s3Only.s3.send(new HeadObjectCommand({ Bucket: 'two-permissions', Key: 'k' }));
    await expect(head).resolves.toMatchObject({ SSEKMSKeyId: key });
    // A key policy that names the user is enough in the key's account, and so is a grant.
    const user = `arn:aws:iam::${DESTINATION}:user/s3-only`;
    await keyPolicy(key, { Principal: { AWS: user }, Action: 'kms:Decrypt', Resource: '*' });
    expect((await get(s3Only, 'two-permissions')).text).toBe('content');
    await kms.send(
      new CreateGrantCommand({ KeyId: key, GranteePrincipal: user, Operations: ['GenerateDataKey'] }),
    );
    await expect(put(s3Only, 'two-permissions', withKey(key))).resolves.toBeDefined();
  });

  test('can be kept to S3, and to one bucket’s objects, by conditions', async () => {
    const key = await makeKey(kms);
    await bucketWith('within');
    await bucketWith('without');
    await keyPolicy(key, {
      Effect: 'Deny',
      Principal: '*',
      Action: ['kms:GenerateDataKey', 'kms:Decrypt'],
      Resource: '*',
      Condition: { StringNotLike: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::within/*' } },
    });
    await expect(put(owner, 'within', withKey(key))).resolves.toBeDefined();
    expect((await failureOf(put(owner, 'without', withKey(key)))).message).toContain(
      'with an explicit deny in a resource-based policy',
    );
  });

  test('that is disabled, on its way out or not there is told in S3’s words', async () => {
    const key = await makeKey(kms);
    await bucketWith('states');
    await put(owner, 'states', withKey(key));
    await kms.send(new DisableKeyCommand({ KeyId: key }));
    const disabled = { code: 'KMS.DisabledException', status: 400, message: `${key} is disabled.` };
    expect(await failureOf(get(owner, 'states'))).toMatchObject(disabled);
    expect(await failureOf(put(owner, 'states', withKey(key)))).toMatchObject(disabled);
    await kms.send(new EnableKeyCommand({ KeyId: key }));
    expect((await get(owner, 'states')).text).toBe('content');
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key }));
    expect(await failureOf(get(owner, 'states'))).toMatchObject({
      code: 'KMS.KMSInvalidStateException',
      status: 400,
    });
    const nowhere = `arn:aws:kms:us-east-1:${DESTINATION}:key/00000000-0000-4000-8000-000000000000`;
    expect(await failureOf(put(owner, 'states', withKey(nowhere)))).toMatchObject({
      code: 'KMS.NotFoundException',
      status: 400,
      message: `Key '${nowhere}' does not exist`,
    });
    expect(await failureOf(put(owner, 'states', withKey('alias/none')))).toMatchObject({
      code: 'KMS.NotFoundException',
    });
    const elsewhere = await makeKey(kmsOf(aws, aws.account(DESTINATION).root, 'eu-west-1'));
    expect(await failureOf(put(owner, 'states', withKey(elsewhere)))).toMatchObject({
      code: 'KMS.NotFoundException',
    });
  });

  test('needs the header that says so, and a context that is one', async () => {
    const key = await makeKey(kms);
    await bucketWith('headers');
    expect(await failureOf(put(owner, 'headers', { SSEKMSKeyId: key }))).toMatchObject({
      code: 'InvalidArgument',
    });
    const context = (value: unknown) => ({
      ...withKey(key),
      SSEKMSEncryptionContext: Buffer.from(JSON.stringify(value)).toString('base64'),
    });
    await put(owner, 'headers', context({ team: 'reports' }));
    expect((await get(owner, 'headers')).text).toBe('content');
    expect(await failureOf(put(owner, 'headers', context({ team: 1 })))).toMatchObject({
      code: 'InvalidArgument',
    });
    const asked = new GetObjectCommand({ Bucket: 'headers', Key: 'k' });
    asked.middlewareStack.add(
      (next) => (args) => {
        Object.assign((args.request as { headers: object }).headers, {
          'x-amz-server-side-encryption': 'aws:kms',
        });
        return next(args);
      },
      { step: 'build' },
    );
    expect(await failureOf(owner.s3.send(asked))).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });
});

describe('the default of a bucket', () => {
  test('takes effect for writes that say nothing, and gives way to those that do', async () => {
    const key = await makeKey(kms);
    await bucketWith('by-default', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
    expect(await put(owner, 'by-default')).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: key,
    });
    expect(await failureOf(put(s3Only, 'by-default'))).toMatchObject({ code: 'AccessDenied' });
    expect(await put(s3Only, 'by-default', { ServerSideEncryption: 'AES256' }, 'other')).toMatchObject({
      ServerSideEncryption: 'AES256',
    });
  });

  test('with a Bucket Key shows KMS the bucket, and not the object', async () => {
    const key = await makeKey(kms);
    await bucketWith('bucket-key', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key }, true);
    const written = await put(owner, 'bucket-key');
    expect(written.BucketKeyEnabled).toBe(true);
    expect(kmsPart(written.$metadata.requestId)[0]?.arn).toBe('arn:aws:s3:::bucket-key');
    const read = await get(owner, 'bucket-key');
    expect([read.text, read.BucketKeyEnabled]).toEqual(['content', true]);
    expect(kmsPart(read.$metadata.requestId)[0]?.arn).toBe('arn:aws:s3:::bucket-key');
    const without = await put(owner, 'bucket-key', { BucketKeyEnabled: false });
    expect(kmsPart(without.$metadata.requestId)[0]?.arn).toBe('arn:aws:s3:::bucket-key/k');
  });

  test('keeps anonymous writers out, whatever the bucket policy says', async () => {
    const key = await makeKey(kms);
    await bucketWith('anonymous-writers', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
    await owner.s3.send(
      new PutBucketPolicyCommand({
        Bucket: 'anonymous-writers',
        Policy: documentOf({
          Principal: '*',
          Action: 's3:PutObject',
          Resource: arnsOf('anonymous-writers')[1],
          Condition: { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } },
        }),
      }),
    );
    const { status } = await fetch(`${aws.endpoint}/anonymous-writers/k`, { method: 'PUT', body: 'x' });
    expect(status).toBe(403);
  });
});

describe('the key that AWS manages for S3', () => {
  test('needs no permission of its own within the account', async () => {
    await bucketWith('managed');
    const written = await put(s3Only, 'managed', withKey());
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/aws/s3' }));
    expect(written.SSEKMSKeyId).toBe(KeyMetadata?.Arn);
    expect(KeyMetadata?.KeyManager).toBe('AWS');
    expect((await get(s3Only, 'managed')).text).toBe('content');
  });

  test('is of no use to another account: neither to read, nor does its default serve others', async () => {
    await bucketWith('managed-default', { SSEAlgorithm: 'aws:kms' });
    await put(owner, 'managed-default');
    const denied = await failureOf(get(partner, 'managed-default'));
    expect(denied).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(denied.message).toContain('kms:Decrypt on the resource associated with this ciphertext');
    expect(aws.decision(denied.requestId!)?.causes[0]?.code).toBe('kms-managed-key');
    // Another account's write is under that account's own key, which the bucket's owner cannot use in turn.
    const { SSEKMSKeyId } = await put(partner, 'managed-default', {}, 'theirs');
    expect(SSEKMSKeyId).toContain(`:${SOURCE}:key/`);
    expect(await failureOf(get(owner, 'managed-default', 'theirs'))).toMatchObject({ code: 'AccessDenied' });
  });
});

describe('another account', () => {
  test('needs its own policy and the key’s, and the whole ARN of the key', async () => {
    const key = await makeKey(kms);
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/shared', TargetKeyId: key }));
    await bucketWith('shared-key', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
    await put(owner, 'shared-key');
    expect((await failureOf(get(partner, 'shared-key'))).message).toContain(
      'kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region',
    );
    expect((await failureOf(put(partner, 'shared-key', {}, 'theirs'))).message).toContain(
      'kms:GenerateDataKey on this resource because the resource does not exist in this Region',
    );
    await keyPolicy(key, {
      Principal: { AWS: SOURCE },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
      Resource: '*',
      Condition: { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
    });
    expect((await get(partner, 'shared-key')).text).toBe('content');
    await put(partner, 'shared-key', {}, 'theirs');
    expect((await get(owner, 'shared-key', 'theirs')).SSEKMSKeyId).toBe(key);
    const own = await failureOf(get(partnerS3Only, 'shared-key'));
    expect(own).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(own.message).toContain('because no identity-based policy allows the kms:Decrypt action');

    // A bare id or alias is looked up in the requester's account.
    for (const bare of [idOf(key), 'alias/shared'])
      expect(await failureOf(put(partner, 'shared-key', withKey(bare)))).toMatchObject({
        code: 'KMS.NotFoundException',
      });
    const alias = `arn:aws:kms:us-east-1:${DESTINATION}:alias/shared`;
    expect(await put(partner, 'shared-key', withKey(alias), 'by-alias')).toMatchObject({ SSEKMSKeyId: key });
  });

  test('learns nothing from keys that are not there', async () => {
    await bucketWith('no-such-key');
    const nowhere = `arn:aws:kms:us-east-1:${DESTINATION}:key/00000000-0000-4000-8000-000000000000`;
    const there = await makeKey(kms);
    const [one, other] = [
      await failureOf(put(partner, 'no-such-key', withKey(nowhere))),
      await failureOf(put(partner, 'no-such-key', withKey(there))),
    ];
    expect({ ...one, requestId: '' }).toEqual({ ...other, requestId: '' });
    expect(one.code).toBe('AccessDenied');
  });

  test('by the role route needs nothing but what the role has', async () => {
    const key = await makeKey(kms);
    await bucketWith('by-role', { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key });
    await put(owner, 'by-role');
    const RoleName = 'report-reader';
    const { Role } = await owner.iam.send(
      new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument: documentOf({ Principal: { AWS: reader }, Action: 'sts:AssumeRole' }),
      }),
    );
    const PolicyDocument = JSON.stringify(policyOf('s3:GetObject'));
    await owner.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument }));
    const session = clientsOf(
      aws,
      await assume(partner.sts, { RoleArn: Role!.Arn!, RoleSessionName: 'reports' }),
    );
    expect((await failureOf(get(session, 'by-role'))).message).toContain('kms:Decrypt');
    await keyPolicy(key, { Principal: { AWS: Role!.Arn }, Action: 'kms:Decrypt', Resource: '*' });
    expect((await get(session, 'by-role')).text).toBe('content');
  });
});

test('dual-layer encryption is reported as what was asked for', async () => {
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
  await bucketWith('dual-layer');
  await put(owner, 'dual-layer', { ServerSideEncryption: 'aws:kms:dsse', SSEKMSKeyId: KeyMetadata!.Arn });
  expect(await get(owner, 'dual-layer')).toMatchObject({
    text: 'content',
    ServerSideEncryption: 'aws:kms:dsse',
    SSEKMSKeyId: KeyMetadata!.Arn,
  });
});
