import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  CloudTrailClient,
  CreateTrailCommand,
  LookupEventsCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { CloudTrailRecord } from '@crossbucket/sandbox';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { arnsOf, documentOf, failureOf } from '../interop/clients.ts';
import { ChildSandbox } from './child-sandbox.ts';

const ACCOUNT = '222222222222';
const LOGS = 'trail-logs';

let folder: string;
let sandbox: ChildSandbox | undefined;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-trail-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => sandbox?.kill());

async function start(): Promise<S3Client> {
  sandbox = await ChildSandbox.start(['--data', folder]);
  return sandbox.s3(ACCOUNT);
}

async function startTrail(s3: S3Client, running: ChildSandbox): Promise<void> {
  await s3.send(new CreateBucketCommand({ Bucket: LOGS }));
  const Policy = documentOf({
    Principal: { Service: 'cloudtrail.amazonaws.com' },
    Action: ['s3:GetBucketAcl', 's3:PutObject'],
    Resource: arnsOf(LOGS),
  });
  await s3.send(new PutBucketPolicyCommand({ Bucket: LOGS, Policy }));
  const { endpoint } = running.readiness;
  const credentials = running.rootOf(ACCOUNT);
  const cloudtrail = new CloudTrailClient({ region: 'us-east-1', endpoint, credentials });
  await cloudtrail.send(new CreateTrailCommand({ Name: 'kept', S3BucketName: LOGS }));
  const DataResources = [{ Type: 'AWS::S3::Object', Values: [`arn:aws:s3:::${LOGS}/event-`] }];
  await cloudtrail.send(
    new PutEventSelectorsCommand({
      TrailName: 'kept',
      EventSelectors: [{ IncludeManagementEvents: false, DataResources }],
    }),
  );
  await cloudtrail.send(new StartLoggingCommand({ Name: 'kept' }));
}

/** Makes an event of each name. */
async function call(s3: S3Client, ...names: string[]): Promise<void> {
  for (const name of names)
    await failureOf(s3.send(new HeadObjectCommand({ Bucket: LOGS, Key: `event-${name}` })));
}

/** The names of the events in all files. */
async function delivered(s3: S3Client): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: LOGS }));
  const records: CloudTrailRecord[] = [];
  for (const { Key } of Contents) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: LOGS, Key }));
    const text = gunzipSync(await Body!.transformToByteArray()).toString('utf8');
    records.push(...(JSON.parse(text) as { Records: CloudTrailRecord[] }).Records);
  }
  return records
    .map(({ requestParameters }) => String(requestParameters!['key']).slice('event-'.length))
    .toSorted();
}

test('a trail loses nothing when it is stopped, and at most the last second when it is killed', async () => {
  let s3 = await start();
  await startTrail(s3, sandbox!);
  await call(s3, 'a', 'b');
  expect(await delivered(s3)).toEqual([]);
  await sandbox!.stop();

  s3 = await start();
  expect(await delivered(s3)).toEqual(['a', 'b']);
  await call(s3, 'c', 'd');
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await sandbox!.kill();

  s3 = await start();
  await call(s3, 'e');
  await sandbox!.stop();

  s3 = await start();
  expect(await delivered(s3)).toEqual(['a', 'b', 'c', 'd', 'e']);
});

test('calls can be looked up after a kill, all but those of the last second', async () => {
  await start();
  const clients = () => {
    const { endpoint } = sandbox!.readiness;
    const config = { region: 'us-east-1', endpoint, credentials: sandbox!.rootOf(ACCOUNT) };
    return { iam: new IAMClient(config), cloudtrail: new CloudTrailClient(config) };
  };
  for (const UserName of ['ann', 'bob']) await clients().iam.send(new CreateUserCommand({ UserName }));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  await sandbox!.kill();
  await start();
  await clients().iam.send(new CreateUserCommand({ UserName: 'eve' }));
  await sandbox!.stop();
  await start();
  const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'CreateUser' }];
  const found: string[] = [];
  let NextToken: string | undefined;
  do {
    const look = new LookupEventsCommand({ LookupAttributes, MaxResults: 1, NextToken });
    const page = await clients().cloudtrail.send(look);
    found.push(...page.Events!.map(({ Resources }) => Resources![0]!.ResourceName!));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  expect(found).toEqual(['eve', 'bob', 'ann']);
});
