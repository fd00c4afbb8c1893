import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { PutKeyPolicyCommand, type KMSClient } from '@aws-sdk/client-kms';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { startSandbox, type CloudTrailRecord, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arnsOf, clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { kmsOf, makeKey } from './kms-clients.ts';
import { makeUser } from './principals.ts';

let aws: Sandbox;
let owner: Clients;
let reader: Clients;
let kms: KMSClient;
let key: string;
const Bucket = 'sealed-reports';
const Key = 'a.txt';
const object = { Bucket, Key };

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  kms = kmsOf(aws, aws.account(DESTINATION).root);
  reader = (
    await makeUser(aws, clientsOf(aws, aws.account(SOURCE).root), 'reader', [
      { Action: ['s3:*', 'kms:*'], Resource: '*' },
    ])
  ).clients;
  key = await makeKey(kms);
  await share(true);
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  const Policy = documentOf({ Principal: { AWS: SOURCE }, Action: 's3:*', Resource: arnsOf(Bucket) });
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
});
afterAll(() => aws.close());

const share = (withSource: boolean) =>
  kms.send(
    new PutKeyPolicyCommand({
      KeyId: key,
      Policy: documentOf({
        Principal: { AWS: [DESTINATION, ...(withSource ? [SOURCE] : [])] },
        Action: 'kms:*',
        Resource: '*',
      }),
    }),
  );
const put = (by: Clients, more: object = {}) =>
  by.s3.send(
    new PutObjectCommand({
      ...object,
      Body: 'content',
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: key,
      ...more,
    }),
  );

/** The records of KMS that a call leaves. */
async function left(call: () => Promise<unknown>): Promise<CloudTrailRecord[]> {
  const before = new Set(aws.records().map(({ eventID }) => eventID));
  await call();
  return aws
    .records()
    .filter(({ eventID, eventSource }) => !before.has(eventID) && eventSource === 'kms.amazonaws.com');
}

test('a write leaves a GenerateDataKey of its own, in the name of whoever wrote', async () => {
  const SSEKMSEncryptionContext = Buffer.from('{"Team":"blue"}').toString('base64');
  const [record, ...others] = await left(() => put(owner, { SSEKMSEncryptionContext }));
  expect(others).toEqual([]);
  expect(record).toMatchObject({
    eventName: 'GenerateDataKey',
    userIdentity: { type: 'Root', accountId: DESTINATION, invokedBy: 'AWS Internal' },
    sourceIPAddress: 'AWS Internal',
    userAgent: 'AWS Internal',
    awsRegion: 'us-east-1',
    requestParameters: {
      keyId: key,
      keySpec: 'AES_256',
      encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${Bucket}/${Key}`, Team: 'blue' },
    },
    responseElements: null,
    readOnly: true,
    resources: [{ type: 'AWS::KMS::Key', ARN: key, accountId: DESTINATION }],
    managementEvent: true,
    eventCategory: 'Management',
    recipientAccountId: DESTINATION,
  });
  expect(record).not.toHaveProperty('sharedEventID');
});

test('a read by another account is in the trail of both: with one shared id, and each with its own', async () => {
  const records = await left(() => reader.s3.send(new GetObjectCommand(object)));
  expect(records.map(({ eventName, recipientAccountId }) => [eventName, recipientAccountId])).toEqual([
    ['Decrypt', SOURCE],
    ['Decrypt', DESTINATION],
  ]);
  const [callers, owners] = records;
  expect(callers!.sharedEventID).toBe(owners!.sharedEventID);
  expect(callers!.eventID).not.toBe(owners!.eventID);
  expect(owners!.requestParameters).toMatchObject({ encryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  expect(callers!.userIdentity).toMatchObject({ arn: `arn:aws:iam::${SOURCE}:user/reader` });
  expect(owners!.userIdentity).toMatchObject({
    type: 'AWSAccount',
    accountId: SOURCE,
    principalId: callers!.userIdentity.principalId,
    invokedBy: 'AWS Internal',
  });
});

test('a copy uses both keys; a look at the headers uses none', async () => {
  const copy = new CopyObjectCommand({
    Bucket,
    Key: 'b.txt',
    CopySource: `${Bucket}/${Key}`,
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: key,
  });
  const names = (await left(() => owner.s3.send(copy))).map(({ eventName }) => eventName);
  expect(names.toSorted()).toEqual(['Decrypt', 'GenerateDataKey']);
  expect(await left(() => owner.s3.send(new HeadObjectCommand(object)))).toEqual([]);
});

test('what KMS refuses is in the trail of the caller alone', async () => {
  await share(false);
  const records = await left(() => failureOf(reader.s3.send(new GetObjectCommand(object))));
  expect(records).toMatchObject([
    { eventName: 'Decrypt', errorCode: 'AccessDenied', recipientAccountId: SOURCE },
  ]);
  expect(records[0]!.errorMessage).toContain('kms:Decrypt');
  // S3 does not ask KMS for what it refuses itself.
  await owner.s3.send(
    new PutBucketPolicyCommand({
      Bucket,
      Policy: documentOf({
        Principal: { AWS: SOURCE },
        Action: 's3:ListBucket',
        Resource: arnsOf(Bucket)[0],
      }),
    }),
  );
  expect(await left(() => failureOf(reader.s3.send(new GetObjectCommand(object))))).toEqual([]);
  expect(await left(() => failureOf(owner.s3.send(new GetObjectCommand({ Bucket, Key: 'none' }))))).toEqual(
    [],
  );
});

test('LookupEvents tells of them', async () => {
  const { Events } = await owner.cloudtrail.send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'GenerateDataKey' }],
    }),
  );
  expect(Events!.length).toBeGreaterThan(0);
});
