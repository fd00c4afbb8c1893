import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectLegalHoldCommand,
  PutObjectLockConfigurationCommand,
  PutObjectRetentionCommand,
  UploadPartCommand,
  type ObjectLockRetention,
  type ObjectLockRule,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';
import { failedHeaders } from './headers.ts';
import { makeUser } from './principals.ts';
import { refusalOf, send, sign } from './signer.ts';

const DAY = 86_400_000;
const PROTECTED = {
  code: 'AccessDenied',
  status: 403,
  message: 'Access Denied because object protected by object lock.',
};
const MISSING = {
  code: 'InvalidRequest',
  status: 400,
  message: 'Bucket is missing Object Lock Configuration',
};

const clock = new SandboxClock();
let aws: Sandbox;
let s3: Clients['s3'];
/** One of the bucket's account who may do everything but bypass governance. */
let user: Clients['s3'];
let Bucket: string;
let made = 0;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION], clock });
  const owner = clientsOf(aws, aws.account(DESTINATION).root);
  const denied = ['s3:BypassGovernanceRetention', 's3:GetObjectRetention'];
  const keeper = await makeUser(aws, owner, 'keeper', [
    { Action: 's3:*', Resource: '*' },
    { Effect: 'Deny', Action: denied, Resource: '*' },
  ]);
  s3 = owner.s3;
  user = keeper.clients.s3;
});
afterAll(() => aws.close());

beforeEach(async () => {
  Bucket = `locked-${++made}`;
  await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
});

const inDays = (days: number) => new Date(Math.floor(clock.now() / 1000) * 1000 + days * DAY);
const put = (extra: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'text', ...extra }));
const configure = (Rule?: ObjectLockRule, bucket = Bucket) =>
  s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket: bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', ...(Rule && { Rule }) },
    }),
  );
const retain = (Retention: ObjectLockRetention, extra = {}, client = s3) =>
  client.send(new PutObjectRetentionCommand({ Bucket, Key: 'k', Retention, ...extra }));
const hold = (Status: 'ON' | 'OFF', VersionId?: string) =>
  s3.send(new PutObjectLegalHoldCommand({ Bucket, Key: 'k', VersionId, LegalHold: { Status } }));
const remove = (VersionId?: string, BypassGovernanceRetention?: boolean, client = s3) =>
  client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId, BypassGovernanceRetention }));
const retentionOf = async (VersionId?: string) =>
  (await s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'k', VersionId }))).Retention;

describe('a bucket', () => {
  test('made with object lock keeps versions, and cannot stop to', async () => {
    expect((await put()).VersionId).toMatch(/^.{32}$/);
    const { ObjectLockConfiguration } = await s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(ObjectLockConfiguration).toEqual({ ObjectLockEnabled: 'Enabled' });
    const suspend = new PutBucketVersioningCommand({
      Bucket,
      VersioningConfiguration: { Status: 'Suspended' },
    });
    expect(await failureOf(s3.send(suspend))).toMatchObject({ code: 'InvalidBucketState', status: 409 });
  });

  test('gets object lock later, if it has versioning', async () => {
    const plain = `plain-${made}`;
    await s3.send(new CreateBucketCommand({ Bucket: plain }));
    expect(await failureOf(s3.send(new GetObjectLockConfigurationCommand({ Bucket: plain })))).toMatchObject({
      code: 'ObjectLockConfigurationNotFoundError',
      status: 404,
    });
    expect(await failureOf(configure(undefined, plain))).toMatchObject({ code: 'InvalidBucketState' });
    const versioned = { Bucket: plain, VersioningConfiguration: { Status: 'Enabled' } } as const;
    await s3.send(new PutBucketVersioningCommand(versioned));
    await configure({ DefaultRetention: { Mode: 'GOVERNANCE', Years: 1 } }, plain);
    const { ObjectLockConfiguration } = await s3.send(
      new GetObjectLockConfigurationCommand({ Bucket: plain }),
    );
    expect(ObjectLockConfiguration!.Rule).toEqual({ DefaultRetention: { Mode: 'GOVERNANCE', Years: 1 } });
  });

  test.each([
    [{ DefaultRetention: { Mode: 'GOVERNANCE', Days: 1, Years: 1 } }, 'MalformedXML'],
    [{ DefaultRetention: { Mode: 'GOVERNANCE' } }, 'MalformedXML'],
    [{ DefaultRetention: { Days: 1 } }, 'MalformedXML'],
    [{ DefaultRetention: { Mode: 'governance', Days: 1 } }, 'MalformedXML'],
    [{}, 'MalformedXML'],
    [{ DefaultRetention: { Mode: 'COMPLIANCE', Days: 0 } }, 'InvalidArgument'],
    [{ DefaultRetention: { Mode: 'COMPLIANCE', Years: -1 } }, 'InvalidArgument'],
    [{ DefaultRetention: { Mode: 'COMPLIANCE', Years: 101 } }, 'InvalidArgument'],
  ])('refuses the rule %j', async (rule, code) => {
    expect(await failureOf(configure(rule as ObjectLockRule))).toMatchObject({ code, status: 400 });
  });

  test('without object lock refuses what belongs to it', async () => {
    const plain = { Bucket: `plain-${made}`, Key: 'k' };
    await s3.send(new CreateBucketCommand(plain));
    await s3.send(new PutObjectCommand({ ...plain, Body: 'text' }));
    const Retention = { Mode: 'GOVERNANCE', RetainUntilDate: inDays(1) } as const;
    for (const call of [
      () => s3.send(new PutObjectCommand({ ...plain, Body: 'text', ObjectLockLegalHoldStatus: 'ON' })),
      () => s3.send(new PutObjectRetentionCommand({ ...plain, Retention })),
      () => s3.send(new GetObjectRetentionCommand(plain)),
      () => s3.send(new PutObjectLegalHoldCommand({ ...plain, LegalHold: { Status: 'ON' } })),
      () => s3.send(new GetObjectLegalHoldCommand(plain)),
    ])
      expect(await failureOf(call())).toMatchObject(MISSING);
  });
});

describe('a lock', () => {
  test('comes with the object, or by the default of the bucket, and is told with it', async () => {
    const until = inDays(10);
    await put({
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: until,
      ObjectLockLegalHoldStatus: 'ON',
    });
    const told = {
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: until,
      ObjectLockLegalHoldStatus: 'ON',
    };
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))).toMatchObject(told);
    const read = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(read).toMatchObject(told);
    await read.Body!.transformToByteArray();
    await configure({ DefaultRetention: { Mode: 'COMPLIANCE', Days: 3 } });
    await put();
    const { Mode, RetainUntilDate } = (await retentionOf())!;
    expect(Mode).toBe('COMPLIANCE');
    expect(Math.abs(RetainUntilDate!.getTime() - (clock.now() + 3 * DAY))).toBeLessThan(60_000);
    // What an object says of itself comes first.
    await put({ ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: until });
    expect((await retentionOf())!.Mode).toBe('GOVERNANCE');
  });

  test('comes with a copy and with an upload in parts too', async () => {
    const lock = {
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: inDays(4),
      ObjectLockLegalHoldStatus: 'ON',
    } as const;
    const head = (Key: string) => s3.send(new HeadObjectCommand({ Bucket, Key }));
    await put();
    await s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/k`, ...lock }));
    expect(await head('copy')).toMatchObject(lock);
    const at = { Bucket, Key: 'parts' };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at, ...lock }));
    const part = { ...at, UploadId, PartNumber: 1 };
    const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: 'text' }));
    const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
    await s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload }));
    expect(await head('parts')).toMatchObject(lock);
  });

  test('is told to those who may see it', async () => {
    await put({
      ObjectLockMode: 'GOVERNANCE',
      ObjectLockRetainUntilDate: inDays(1),
      ObjectLockLegalHoldStatus: 'OFF',
    });
    const { ObjectLockMode, ObjectLockLegalHoldStatus } = await user.send(
      new HeadObjectCommand({ Bucket, Key: 'k' }),
    );
    expect({ ObjectLockMode, ObjectLockLegalHoldStatus }).toEqual({
      ObjectLockMode: undefined,
      ObjectLockLegalHoldStatus: 'OFF',
    });
  });

  test.each<[Partial<PutObjectCommandInput>, string]>([
    [
      { ObjectLockMode: 'GOVERNANCE' },
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    ],
    [
      { ObjectLockRetainUntilDate: new Date(Date.now() + DAY) },
      'x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied',
    ],
    [
      { ObjectLockMode: 'governance' as 'GOVERNANCE', ObjectLockRetainUntilDate: new Date(Date.now() + DAY) },
      'Unknown wormMode directive.',
    ],
    [
      { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: new Date(Date.now() - DAY) },
      'The retain until date must be in the future!',
    ],
    [{ ObjectLockLegalHoldStatus: 'on' as 'ON' }, "Legal Hold must be either of 'ON' or 'OFF'"],
  ])('is refused as %j', async (extra, message) => {
    expect(await failureOf(put(extra))).toMatchObject({ code: 'InvalidArgument', status: 400, message });
  });

  test('needs a digest of the body', async () => {
    const signed = sign(
      {
        method: 'PUT',
        url: `${aws.endpoint}/${Bucket}/k`,
        body: 'text',
        headers: { 'x-amz-object-lock-legal-hold': 'ON' },
      },
      { identity: aws.account(DESTINATION).root },
    );
    const refusal = await refusalOf(await send(signed, 'text'));
    expect(refusal).toMatchObject({ status: 400, code: 'InvalidRequest' });
    expect(refusal.message).toMatch(/^Content-MD5 OR x-amz-checksum- HTTP header is required/);
  });

  test('keeps its version from deletion until its time has come, and no delete marker from the key', async () => {
    const { VersionId } = await put({
      ObjectLockMode: 'COMPLIANCE',
      ObjectLockRetainUntilDate: inDays(2),
    });
    expect((await remove()).DeleteMarker).toBe(true);
    expect(await failureOf(remove(VersionId))).toMatchObject(PROTECTED);
    expect(await failureOf(remove(VersionId, true))).toMatchObject(PROTECTED);
    const many = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'k', VersionId }] } }),
    );
    expect(many.Errors).toMatchObject([{ Code: 'AccessDenied', Message: PROTECTED.message, VersionId }]);
    clock.advance(2 * DAY + 1000);
    await remove(VersionId);
  });

  test('of governance yields to those who may bypass it and say so', async () => {
    const lock = { ObjectLockMode: 'GOVERNANCE', ObjectLockRetainUntilDate: inDays(2) } as const;
    const { VersionId } = await put(lock);
    expect(await failureOf(remove(VersionId))).toMatchObject(PROTECTED);
    expect(await failureOf(remove(VersionId, true, user))).toMatchObject({ code: 'AccessDenied' });
    const denied = await user.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: { Objects: [{ Key: 'k', VersionId }] },
        BypassGovernanceRetention: true,
      }),
    );
    expect(denied.Errors).toMatchObject([{ Code: 'AccessDenied', VersionId }]);
    await remove(VersionId, true);
  });

  test('by legal hold lasts until it is taken off', async () => {
    const { VersionId } = await put();
    const held = () => s3.send(new GetObjectLegalHoldCommand({ Bucket, Key: 'k', VersionId }));
    expect(await failureOf(held())).toMatchObject({ code: 'NoSuchObjectLockConfiguration', status: 404 });
    await hold('ON', VersionId);
    expect((await held()).LegalHold).toEqual({ Status: 'ON' });
    clock.advance(1000 * DAY);
    expect(await failureOf(remove(VersionId, true))).toMatchObject(PROTECTED);
    await hold('OFF', VersionId);
    expect((await held()).LegalHold).toEqual({ Status: 'OFF' });
    await remove(VersionId);
  });
});

describe('a retention', () => {
  const governance = (days: number) => ({ Mode: 'GOVERNANCE', RetainUntilDate: inDays(days) }) as const;
  const compliance = (days: number) => ({ Mode: 'COMPLIANCE', RetainUntilDate: inDays(days) }) as const;

  test('is of one version', async () => {
    const { VersionId: first } = await put();
    const { VersionId: second } = await put();
    await retain(governance(5), { VersionId: first });
    expect(await retentionOf(first)).toEqual(governance(5));
    expect(await failureOf(retentionOf(second))).toMatchObject({
      code: 'NoSuchObjectLockConfiguration',
      message: 'The specified object does not have a ObjectLock configuration',
    });
  });

  test('of governance may become longer; the rest needs the bypass', async () => {
    await put();
    await retain(governance(5));
    await retain(governance(6), {}, user);
    expect(await failureOf(retain(governance(5)))).toMatchObject(PROTECTED);
    expect(await failureOf(retain(compliance(7)))).toMatchObject(PROTECTED);
    expect(await failureOf(retain({}))).toMatchObject(PROTECTED);
    const bypass = { BypassGovernanceRetention: true };
    expect(await failureOf(retain(governance(5), bypass, user))).toMatchObject({ code: 'AccessDenied' });
    await retain(governance(4), bypass);
    expect(await retentionOf()).toEqual(governance(4));
    await retain({}, bypass);
    expect(await failureOf(retentionOf())).toMatchObject({ code: 'NoSuchObjectLockConfiguration' });
  });

  test('of compliance may become longer, and nothing else', async () => {
    await put();
    await retain(compliance(5));
    await retain(compliance(6));
    const bypass = { BypassGovernanceRetention: true };
    for (const weaker of [compliance(5), governance(9), {}])
      expect(await failureOf(retain(weaker, bypass))).toMatchObject(PROTECTED);
    clock.advance(7 * DAY);
    await retain(governance(1));
    expect((await retentionOf())!.Mode).toBe('GOVERNANCE');
  });

  test.each<[object, string]>([
    [{ Mode: 'GOVERNANCE' }, 'MalformedXML'],
    [{ RetainUntilDate: new Date(Date.now() + 3000 * DAY) }, 'MalformedXML'],
    [{ Mode: 'x', RetainUntilDate: new Date(Date.now() + 3000 * DAY) }, 'MalformedXML'],
    [{ Mode: 'GOVERNANCE', RetainUntilDate: new Date(0) }, 'InvalidArgument'],
  ])('is refused as %j', async (retention, code) => {
    await put();
    expect(await failureOf(retain(retention))).toMatchObject({ code, status: 400 });
  });

  test('is no matter of a delete marker, or of what is not there', async () => {
    expect(await failureOf(retain(governance(1)))).toMatchObject({ code: 'NoSuchKey', status: 404 });
    await put();
    const { VersionId } = await remove();
    expect(await failedHeaders(retain(governance(1), { VersionId }))).toMatchObject({
      code: 'MethodNotAllowed',
      status: 405,
    });
  });
});
