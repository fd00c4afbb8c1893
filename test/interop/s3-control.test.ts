import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
} from '@aws-sdk/client-s3';
import {
  GetAccessPointCommand,
  GetPublicAccessBlockCommand,
  PutPublicAccessBlockCommand as PutAccountBlockCommand,
} from '@aws-sdk/client-s3-control';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';
import { controlClient } from './control-client.ts';

let aws: Sandbox;
let owner: Clients;
const AccountId = DESTINATION;
const control = () => controlClient(aws, aws.account(DESTINATION).root);

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
});
afterAll(() => aws.close());

test('a bucket may have the name that S3 Control’s paths begin with', async () => {
  const object = { Bucket: 'v20180820', Key: 'accesspoint/reports' };
  await owner.s3.send(new CreateBucketCommand({ Bucket: object.Bucket }));
  await owner.s3.send(new PutObjectCommand({ ...object, Body: 'content' }));
  const { Body } = await owner.s3.send(new GetObjectCommand(object));
  expect(await Body!.transformToString()).toBe('content');
  expect((await owner.s3.send(new ListObjectsV2Command({ Bucket: object.Bucket }))).KeyCount).toBe(1);
  // And S3 Control is still found.
  const point = new GetAccessPointCommand({ AccountId, Name: 'reports' });
  expect(await failureOf(control().send(point))).toMatchObject({ code: 'NoSuchAccessPoint' });
});

test('CloudTrail has its events among those of S3, and tells an account’s settings from a bucket’s', async () => {
  const PublicAccessBlockConfiguration = { BlockPublicAcls: true };
  await control().send(new PutAccountBlockCommand({ AccountId, PublicAccessBlockConfiguration }));
  await control().send(new GetPublicAccessBlockCommand({ AccountId }));
  await owner.s3.send(
    new PutPublicAccessBlockCommand({ Bucket: 'v20180820', PublicAccessBlockConfiguration }),
  );
  const named = aws.records('management').filter(({ eventName }) => eventName.endsWith('PublicAccessBlock'));
  expect(named.map(({ eventSource, eventName }) => [eventSource, eventName])).toEqual([
    ['s3.amazonaws.com', 'PutAccountPublicAccessBlock'],
    ['s3.amazonaws.com', 'GetAccountPublicAccessBlock'],
    ['s3.amazonaws.com', 'PutBucketPublicAccessBlock'],
  ]);
});
