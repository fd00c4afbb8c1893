import * as sdk from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assume, clientsOf, DESTINATION, documentOf, failureOf, type Clients } from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

// Which permissions each operation needs, as its page in the API reference says: with them it succeeds, and without
// any one of them it is denied.

const DAY = 86_400_000;
const Key = 'k';
let aws: Sandbox;
let owner: Clients;
let caller: Clients;
let RoleArn: string;
let made = 0;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  const user = await makeUser(aws, owner, 'caller', [{ Action: 'sts:AssumeRole', Resource: '*' }]);
  caller = user.clients;
  const all = [{ Action: ['s3:*', 'iam:PassRole'], Resource: '*' }];
  RoleArn = (await makeRole(owner, 'all', user.arn, all)).arn;
});
afterAll(() => aws.close());

/** What an operation is done to, made anew each time: a key under object lock with two versions and a delete marker. */
interface Stage {
  Bucket: string;
  /** Under governance until tomorrow. */
  locked: string;
  plain: string;
  marker: string;
}

async function newStage(): Promise<Stage> {
  const Bucket = `permissions-${++made}`;
  const { s3 } = owner;
  await s3.send(new sdk.CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  const put = async (more: Partial<sdk.PutObjectCommandInput>) =>
    (await s3.send(new sdk.PutObjectCommand({ Bucket, Key, Body: 'text', ...more }))).VersionId!;
  const locked = await put({ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: after(1) });
  const plain = await put({ ObjectLockLegalHoldStatus: 'OFF' });
  const { VersionId } = await s3.send(new sdk.DeleteObjectCommand({ Bucket, Key }));
  return { Bucket, locked, plain, marker: VersionId! };
}

/** A client that may do only these. */
async function allowed(actions: readonly string[]): Promise<sdk.S3Client> {
  const Action = [...actions, 's3:ListAllMyBuckets'];
  const Policy = documentOf({ Action, Resource: '*' });
  return clientsOf(aws, await assume(caller.sts, { RoleArn, RoleSessionName: 'session', Policy })).s3;
}

const after = (days: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY);

type Run = (s3: sdk.S3Client, stage: Stage) => Promise<unknown>;

/** One row of DeleteObjects: its error is the call's. */
const deleteOne = async (s3: sdk.S3Client, Bucket: string, VersionId?: string, bypass?: boolean) => {
  const { Errors } = await s3.send(
    new sdk.DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key, VersionId }] },
      BypassGovernanceRetention: bypass,
    }),
  );
  if (Errors) throw Object.assign(new Error(Errors[0]!.Message), { name: Errors[0]!.Code! });
};

const governance = (days: number) => ({ Mode: 'GOVERNANCE', RetainUntilDate: after(days) }) as const;
const lifecycle = { Rules: [{ Status: 'Enabled', Prefix: 'x', Expiration: { Days: 1 } }] } as const;

const CASES: Record<string, [actions: string[], run: Run]> = {
  'GetObject of a version': [
    ['s3:GetObjectVersion'],
    (s3, { Bucket, plain }) => s3.send(new sdk.GetObjectCommand({ Bucket, Key, VersionId: plain })),
  ],
  'HeadObject of a version': [
    ['s3:GetObjectVersion'],
    (s3, { Bucket, plain }) => s3.send(new sdk.HeadObjectCommand({ Bucket, Key, VersionId: plain })),
  ],
  'GetObjectAcl of a version': [
    ['s3:GetObjectVersionAcl'],
    (s3, { Bucket, plain }) => s3.send(new sdk.GetObjectAclCommand({ Bucket, Key, VersionId: plain })),
  ],
  DeleteObject: [
    ['s3:DeleteObject'],
    (s3, { Bucket }) => s3.send(new sdk.DeleteObjectCommand({ Bucket, Key })),
  ],
  'DeleteObject of a version': [
    ['s3:DeleteObjectVersion'],
    (s3, { Bucket, plain }) => s3.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId: plain })),
  ],
  'DeleteObject of a delete marker': [
    ['s3:DeleteObjectVersion'],
    (s3, { Bucket, marker }) => s3.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId: marker })),
  ],
  'DeleteObject of a locked version': [
    ['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention'],
    (s3, { Bucket, locked: VersionId }) =>
      s3.send(new sdk.DeleteObjectCommand({ Bucket, Key, VersionId, BypassGovernanceRetention: true })),
  ],
  DeleteObjects: [['s3:DeleteObject'], (s3, { Bucket }) => deleteOne(s3, Bucket)],
  'DeleteObjects of a version': [
    ['s3:DeleteObjectVersion'],
    (s3, { Bucket, plain }) => deleteOne(s3, Bucket, plain),
  ],
  'DeleteObjects of a locked version': [
    ['s3:DeleteObjectVersion', 's3:BypassGovernanceRetention'],
    (s3, { Bucket, locked }) => deleteOne(s3, Bucket, locked, true),
  ],
  ListObjects: [['s3:ListBucket'], (s3, { Bucket }) => s3.send(new sdk.ListObjectsCommand({ Bucket }))],
  ListObjectVersions: [
    ['s3:ListBucketVersions'],
    (s3, { Bucket }) => s3.send(new sdk.ListObjectVersionsCommand({ Bucket })),
  ],
  GetBucketVersioning: [
    ['s3:GetBucketVersioning'],
    (s3, { Bucket }) => s3.send(new sdk.GetBucketVersioningCommand({ Bucket })),
  ],
  PutBucketVersioning: [
    ['s3:PutBucketVersioning'],
    (s3, { Bucket }) =>
      s3.send(new sdk.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
  ],
  'CreateBucket with object lock': [
    ['s3:CreateBucket', 's3:PutBucketVersioning', 's3:PutBucketObjectLockConfiguration'],
    (s3) =>
      s3.send(new sdk.CreateBucketCommand({ Bucket: `made-${++made}`, ObjectLockEnabledForBucket: true })),
  ],
  GetObjectLockConfiguration: [
    ['s3:GetBucketObjectLockConfiguration'],
    (s3, { Bucket }) => s3.send(new sdk.GetObjectLockConfigurationCommand({ Bucket })),
  ],
  PutObjectLockConfiguration: [
    ['s3:PutBucketObjectLockConfiguration'],
    (s3, { Bucket }) =>
      s3.send(
        new sdk.PutObjectLockConfigurationCommand({
          Bucket,
          ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' },
        }),
      ),
  ],
  GetObjectRetention: [
    ['s3:GetObjectRetention'],
    (s3, { Bucket, locked }) =>
      s3.send(new sdk.GetObjectRetentionCommand({ Bucket, Key, VersionId: locked })),
  ],
  PutObjectRetention: [
    ['s3:PutObjectRetention'],
    (s3, { Bucket, plain: VersionId }) =>
      s3.send(new sdk.PutObjectRetentionCommand({ Bucket, Key, VersionId, Retention: governance(2) })),
  ],
  'PutObjectRetention that shortens': [
    ['s3:PutObjectRetention', 's3:BypassGovernanceRetention'],
    (s3, { Bucket, locked: VersionId }) =>
      s3.send(
        new sdk.PutObjectRetentionCommand({
          Bucket,
          Key,
          VersionId,
          Retention: { Mode: 'GOVERNANCE', RetainUntilDate: new Date(Date.now() + 60_000) },
          BypassGovernanceRetention: true,
        }),
      ),
  ],
  GetObjectLegalHold: [
    ['s3:GetObjectLegalHold'],
    (s3, { Bucket, plain }) => s3.send(new sdk.GetObjectLegalHoldCommand({ Bucket, Key, VersionId: plain })),
  ],
  PutObjectLegalHold: [
    ['s3:PutObjectLegalHold'],
    (s3, { Bucket, plain: VersionId }) =>
      s3.send(new sdk.PutObjectLegalHoldCommand({ Bucket, Key, VersionId, LegalHold: { Status: 'OFF' } })),
  ],
  'PutObject with a lock': [
    ['s3:PutObject', 's3:PutObjectRetention', 's3:PutObjectLegalHold'],
    (s3, { Bucket }) =>
      s3.send(
        new sdk.PutObjectCommand({
          Bucket,
          Key,
          Body: 'text',
          ObjectLockMode: 'GOVERNANCE',
          ObjectLockRetainUntilDate: after(1),
          ObjectLockLegalHoldStatus: 'OFF',
        }),
      ),
  ],
  PutBucketLifecycleConfiguration: [
    ['s3:PutLifecycleConfiguration'],
    (s3, { Bucket }) =>
      s3.send(
        new sdk.PutBucketLifecycleConfigurationCommand({
          Bucket,
          LifecycleConfiguration: lifecycle as unknown as sdk.BucketLifecycleConfiguration,
        }),
      ),
  ],
  DeleteBucketLifecycle: [
    ['s3:PutLifecycleConfiguration'],
    (s3, { Bucket }) => s3.send(new sdk.DeleteBucketLifecycleCommand({ Bucket })),
  ],
  DeleteBucketTagging: [
    ['s3:PutBucketTagging'],
    (s3, { Bucket }) => s3.send(new sdk.DeleteBucketTaggingCommand({ Bucket })),
  ],
  DeleteBucketCors: [
    ['s3:PutBucketCORS'],
    (s3, { Bucket }) => s3.send(new sdk.DeleteBucketCorsCommand({ Bucket })),
  ],
  DeleteBucketReplication: [
    ['s3:PutReplicationConfiguration'],
    (s3, { Bucket }) => s3.send(new sdk.DeleteBucketReplicationCommand({ Bucket })),
  ],
  PutBucketReplication: [
    ['s3:PutReplicationConfiguration', 'iam:PassRole'],
    (s3, { Bucket }) =>
      s3.send(
        new sdk.PutBucketReplicationCommand({
          Bucket,
          ReplicationConfiguration: {
            Role: RoleArn,
            Rules: [{ Status: 'Enabled', Prefix: '', Destination: { Bucket: `arn:aws:s3:::${Bucket}` } }],
          },
        }),
      ),
  ],
};

test.each(Object.entries(CASES))('%s needs its permissions, and no more', async (_, [actions, run]) => {
  for (const missing of actions) {
    const stage = await newStage();
    const rest = actions.filter((action) => action !== missing);
    const failure = await failureOf(run(await allowed(rest), stage));
    // A HEAD has no body to tell more in.
    expect(failure.status ?? 403).toBe(403);
    expect(['AccessDenied', '403', 'Forbidden', 'Unknown']).toContain(failure.code);
  }
  await run(await allowed(actions), await newStage());
});
