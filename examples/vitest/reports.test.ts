import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { useSandbox } from '@crossbucket/sandbox/vitest';
import { beforeAll, expect, test } from 'vitest';

const allow = (Action: string, Resource: string, Principal?: object) => ({
  Version: '2012-10-17' as const,
  Statement: [{ Effect: 'Allow' as const, Action, Resource, ...(Principal && { Principal }) }],
});
const reports = 'arn:aws:s3:::acme-reports/*';

// An account with an application, and another with the bucket that it reads.
const aws = useSandbox({
  accounts: [
    {
      id: '111111111111',
      name: 'app',
      users: [{ name: 'service', policies: { read: allow('s3:GetObject', reports) } }, { name: 'intern' }],
    },
    { id: '222222222222', name: 'data' },
  ],
});

// Made once; each test finds it as it is here.
beforeAll(async () => {
  const owner = aws.account('data').client(S3Client);
  await owner.send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
  const policy = allow('s3:GetObject', reports, { AWS: 'arn:aws:iam::111111111111:root' });
  await owner.send(new PutBucketPolicyCommand({ Bucket: 'acme-reports', Policy: JSON.stringify(policy) }));
  await owner.send(new PutObjectCommand({ Bucket: 'acme-reports', Key: 'sales.csv', Body: 'a,b' }));
});

const read = (user: string, Key = 'sales.csv') =>
  aws
    .account('app')
    .user(user)
    .client(S3Client)
    .send(new GetObjectCommand({ Bucket: 'acme-reports', Key }));

test('the application reads the reports of the other account', async () => {
  const { Body } = await read('service');
  expect(await Body!.transformToString()).toBe('a,b');
});

test('the intern does not, and the sandbox knows why', async () => {
  const error = await read('intern').catch((cause: unknown) => cause);
  expect(error).toMatchObject({ name: 'AccessDenied' });
  const { $metadata } = error as { $metadata: { requestId: string } };
  expect(aws.sandbox.decision($metadata.requestId)!.reason).toContain(
    'no identity policy of account 111111111111',
  );
});

test('a test may break everything', async () => {
  const owner = aws.account('data').client(S3Client);
  await owner.send(new PutObjectCommand({ Bucket: 'acme-reports', Key: 'sales.csv', Body: 'gone' }));
  await owner.send(new CreateBucketCommand({ Bucket: 'left-behind' }));
});

test('and the next finds all as it was', async () => {
  const { Body } = await read('service');
  expect(await Body!.transformToString()).toBe('a,b');
  const { Buckets } = await aws.account('data').client(S3Client).send(new ListBucketsCommand({}));
  expect(Buckets!.map(({ Name }) => Name)).toEqual(['acme-reports']);
});
