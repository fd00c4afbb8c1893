import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  DeletePublicAccessBlockCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetBucketRequestPaymentCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketRequestPaymentCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  arnsOf,
  assume,
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
  type Statement,
} from './clients.ts';

let aws: Sandbox;
let owner: Clients;
let stranger: Clients;
/** A session of a role of the owner's account that may do anything with S3. */
let session: Clients;

beforeAll(async () => {
  aws = await startSandbox({
    accounts: [SOURCE, { id: DESTINATION, users: [{ name: 'admin', policies: { all: admin } }] }, OUTSIDER],
  });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  stranger = clientsOf(aws, aws.account(SOURCE).root);
  const user = clientsOf(aws, aws.account(DESTINATION).users['admin']!);
  const trust = documentOf({ Principal: { AWS: DESTINATION }, Action: 'sts:AssumeRole' });
  const RoleName = 'all-of-s3';
  const { Role } = await owner.iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
  await owner.iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: 's3', PolicyDocument: JSON.stringify(admin) }),
  );
  session = clientsOf(aws, await assume(user.sts, { RoleArn: Role!.Arn!, RoleSessionName: 'session' }));
});
afterAll(() => aws.close());

const admin = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['s3:*', 'sts:*'], Resource: '*' }],
};

async function bucketWith(Bucket: string, options: { blocked: boolean }): Promise<void> {
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  await owner.s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'content' }));
  if (!options.blocked) await owner.s3.send(new DeletePublicAccessBlockCommand({ Bucket }));
}

const setPolicy = (Bucket: string, ...statements: Statement[]) =>
  owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: documentOf(...statements) }));
const readable = (Bucket: string, Principal: unknown, Condition?: unknown): Statement => ({
  Principal,
  Action: 's3:GetObject',
  Resource: arnsOf(Bucket)[1],
  ...(Condition !== undefined && { Condition }),
});
const get = (by: Clients, Bucket: string) => by.s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
const anonymously = (path: string, init?: RequestInit) => fetch(`${aws.endpoint}/${path}`, init);

describe('Block Public Access', () => {
  test('refuses a public policy at the PUT, in the owner’s own words', async () => {
    await bucketWith('blocked', { blocked: true });
    const refused = await failureOf(setPolicy('blocked', readable('blocked', '*')));
    expect(refused).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(refused.message).toContain(
      'because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.',
    );
    expect(aws.decision(refused.requestId!)?.causes[0]?.code).toBe('public-access-block');
    expect(await failureOf(owner.s3.send(new GetBucketPolicyCommand({ Bucket: 'blocked' })))).toMatchObject({
      code: 'NoSuchBucketPolicy',
    });
    // Limited to an account's organization or network, it is not public.
    const narrow = { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } };
    await expect(setPolicy('blocked', readable('blocked', '*', narrow))).resolves.toBeDefined();
    await expect(get(stranger, 'blocked')).resolves.toBeDefined();
  });

  test('with RestrictPublicBuckets shuts out all other accounts once one statement is public', async () => {
    const Bucket = 'restricted';
    await bucketWith(Bucket, { blocked: false });
    await setPolicy(Bucket, readable(Bucket, '*'), readable(Bucket, { AWS: SOURCE }));
    await expect(get(stranger, Bucket)).resolves.toBeDefined();
    expect((await anonymously(`${Bucket}/k`)).status).toBe(200);
    await owner.s3.send(
      new PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true },
      }),
    );
    expect(await failureOf(get(stranger, Bucket))).toMatchObject({
      code: 'AccessDenied',
      message: 'Access Denied',
    });
    expect((await anonymously(`${Bucket}/k`)).status).toBe(403);
    await expect(get(session, Bucket)).resolves.toBeDefined();
  });
});

describe('the status of a bucket policy', () => {
  const status = (Bucket: string) => owner.s3.send(new GetBucketPolicyStatusCommand({ Bucket }));

  test('tells public from not, and no policy from both', async () => {
    const Bucket = 'status';
    await bucketWith(Bucket, { blocked: false });
    expect(await failureOf(status(Bucket))).toMatchObject({ code: 'NoSuchBucketPolicy', status: 404 });
    await setPolicy(Bucket, readable(Bucket, { AWS: SOURCE }));
    expect((await status(Bucket)).PolicyStatus).toEqual({ IsPublic: false });
    await setPolicy(
      Bucket,
      readable(Bucket, '*', { StringEquals: { 'aws:PrincipalOrgID': 'o-abcdefghij' } }),
    );
    expect((await status(Bucket)).PolicyStatus).toEqual({ IsPublic: false });
    await setPolicy(Bucket, readable(Bucket, '*', { StringLike: { 'aws:PrincipalArn': '*' } }));
    expect((await status(Bucket)).PolicyStatus).toEqual({ IsPublic: true });
  });
});

describe('anonymous requests', () => {
  test('get what a policy gives everybody, and not a word more', async () => {
    const Bucket = 'in-the-open';
    await bucketWith(Bucket, { blocked: false });
    expect((await anonymously(`${Bucket}/k`)).status).toBe(403);
    await setPolicy(Bucket, readable(Bucket, '*'));
    const answer = await anonymously(`${Bucket}/k`);
    expect([answer.status, await answer.text()]).toEqual([200, 'content']);
    expect((await anonymously(`${Bucket}?list-type=2`)).status).toBe(403);
    expect((await anonymously(`${Bucket}/k`, { method: 'PUT', body: 'other' })).status).toBe(403);
    expect((await anonymously(`${Bucket}/none`)).status).toBe(403);
  });
});

describe('the account root', () => {
  test('reads, replaces and deletes a policy that denies everybody, and does nothing else with the bucket', async () => {
    const Bucket = 'locked-out';
    await bucketWith(Bucket, { blocked: true });
    const deny = { Effect: 'Deny', Principal: '*', Action: 's3:*', Resource: arnsOf(Bucket) };
    await setPolicy(Bucket, deny);
    expect(await failureOf(get(owner, Bucket))).toMatchObject({ code: 'AccessDenied' });
    expect(await failureOf(session.s3.send(new GetBucketPolicyCommand({ Bucket })))).toMatchObject({
      code: 'AccessDenied',
    });
    await expect(owner.s3.send(new GetBucketPolicyCommand({ Bucket }))).resolves.toHaveProperty('Policy');
    await expect(setPolicy(Bucket, deny, readable(Bucket, { AWS: SOURCE }))).resolves.toBeDefined();
    await owner.s3.send(new DeleteBucketPolicyCommand({ Bucket }));
    await expect(get(session, Bucket)).resolves.toBeDefined();
  });
});

describe('a bucket whose requesters pay', () => {
  const Bucket = 'requesters-pay';

  test('says so, to those who may know', async () => {
    await bucketWith(Bucket, { blocked: false });
    await setPolicy(Bucket, readable(Bucket, '*'), {
      Principal: { AWS: SOURCE },
      Action: 's3:ListBucket',
      Resource: arnsOf(Bucket)[0],
    });
    const payer = async () => (await owner.s3.send(new GetBucketRequestPaymentCommand({ Bucket }))).Payer;
    expect(await payer()).toBe('BucketOwner');
    const set = (Payer: string) =>
      owner.s3.send(
        new PutBucketRequestPaymentCommand({
          Bucket,
          RequestPaymentConfiguration: { Payer: Payer as 'Requester' },
        }),
      );
    expect(await failureOf(set('Nobody'))).toMatchObject({ code: 'MalformedXML' });
    await set('Requester');
    expect(await payer()).toBe('Requester');
  });

  test('wants the header of other accounts, and tells them that they paid', async () => {
    const denied = await failureOf(get(stranger, Bucket));
    expect(denied).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(aws.decision(denied.requestId!)?.causes[0]?.code).toBe('requester-pays');
    expect(await failureOf(stranger.s3.send(new HeadObjectCommand({ Bucket, Key: 'k' })))).toMatchObject({
      status: 403,
    });
    expect(await failureOf(stranger.s3.send(new ListObjectsV2Command({ Bucket })))).toMatchObject({
      code: 'AccessDenied',
    });
    const RequestPayer = 'requester' as const;
    const object = { Bucket, Key: 'k', RequestPayer };
    expect((await stranger.s3.send(new GetObjectCommand(object))).RequestCharged).toBe('requester');
    expect((await stranger.s3.send(new HeadObjectCommand(object))).RequestCharged).toBe('requester');
    expect((await stranger.s3.send(new ListObjectsV2Command({ Bucket, RequestPayer }))).RequestCharged).toBe(
      'requester',
    );
    // Who pays for a read also pays for the question whether the key is there.
    const missing = stranger.s3.send(new GetObjectCommand({ ...object, Key: 'missing' }));
    expect(await failureOf(missing)).toMatchObject({ code: 'NoSuchKey', status: 404 });
  });

  test('charges nobody of the owner’s account, and lets nobody in who cannot be charged', async () => {
    expect((await get(session, Bucket)).RequestCharged).toBeUndefined();
    expect((await get(owner, Bucket)).RequestCharged).toBeUndefined();
    expect((await anonymously(`${Bucket}/k`)).status).toBe(403);
    expect(
      (await anonymously(`${Bucket}/k`, { headers: { 'x-amz-request-payer': 'requester' } })).status,
    ).toBe(403);
  });
});
