import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, SOURCE } from './clients.ts';
import { kmsOf } from './kms-clients.ts';

const clock = new SandboxClock();
const DAY = 86_400_000;
let data: string;
let aws: Sandbox;
let kms: KMSClient;

const start = async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION], clock, data });
  kms = kmsOf(aws, aws.account(DESTINATION).root);
};

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'crossbucket-rotation-'));
  await start();
});
afterAll(async () => {
  await aws.close();
  await rm(data, { recursive: true, force: true });
});

const makeKey = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.Arn!;
const encrypt = async (KeyId: string) =>
  (await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))).CiphertextBlob!;
const decrypt = (CiphertextBlob: Uint8Array) => kms.send(new DecryptCommand({ CiphertextBlob }));
const current = async (KeyId: string) =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata!.CurrentKeyMaterialId;
const status = (KeyId: string) => kms.send(new GetKeyRotationStatusCommand({ KeyId }));
const rotations = async (KeyId: string, all = false) =>
  (
    await kms.send(
      new ListKeyRotationsCommand({ KeyId, ...(all && { IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }) }),
    )
  ).Rotations!;
const onDemand = (KeyId: string) => kms.send(new RotateKeyOnDemandCommand({ KeyId }));

describe('rotation on demand', () => {
  test('gives a key new material, and leaves what was encrypted before readable, after a restart too', async () => {
    const key = await makeKey();
    const first = await current(key);
    const before = await encrypt(key);
    await onDemand(key);
    const second = await current(key);
    expect(second).not.toBe(first);
    const after = await encrypt(key);
    await aws.close();
    await start();
    expect(await decrypt(before)).toMatchObject({ KeyId: key, KeyMaterialId: first });
    expect(await decrypt(after)).toMatchObject({ KeyId: key, KeyMaterialId: second });
    expect(await rotations(key)).toMatchObject([{ RotationType: 'ON_DEMAND', KeyMaterialId: second }]);
    expect(await rotations(key, true)).toMatchObject([
      { KeyMaterialId: first, KeyMaterialState: 'NON_CURRENT' },
      { KeyMaterialId: second, KeyMaterialState: 'CURRENT' },
    ]);
  });

  test('happens 25 times at most', async () => {
    const key = await makeKey();
    for (let count = 0; count < 25; count++) await onDemand(key);
    expect(await failureOf(onDemand(key))).toMatchObject({ code: 'LimitExceededException' });
    const page = await kms.send(new ListKeyRotationsCommand({ KeyId: key, Limit: 20 }));
    expect(page).toMatchObject({ Truncated: true, NextMarker: expect.any(String) });
    const rest = await kms.send(new ListKeyRotationsCommand({ KeyId: key, Marker: page.NextMarker! }));
    expect(page.Rotations!.length + rest.Rotations!.length).toBe(25);
  });
});

describe('automatic rotation', () => {
  test('follows the clock while it is on', async () => {
    const key = await makeKey();
    expect(await status(key)).toMatchObject({ KeyRotationEnabled: false });
    await kms.send(new EnableKeyRotationCommand({ KeyId: key, RotationPeriodInDays: 90 }));
    expect(await status(key)).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90 });
    const before = await encrypt(key);
    clock.advance(89 * DAY);
    expect(await rotations(key)).toEqual([]);
    clock.advance(2 * DAY);
    expect(await rotations(key)).toMatchObject([{ RotationType: 'AUTOMATIC' }]);
    const { KeyMaterialId } = await decrypt(before);
    expect(KeyMaterialId).not.toBe(await current(key));
    await kms.send(new DisableKeyRotationCommand({ KeyId: key }));
    clock.advance(400 * DAY);
    expect(await rotations(key)).toHaveLength(1);
  });

  test('rests with a disabled key, and is off for one that is to be deleted', async () => {
    const key = await makeKey();
    await kms.send(new EnableKeyRotationCommand({ KeyId: key }));
    await kms.send(new DisableKeyCommand({ KeyId: key }));
    for (const refused of [
      () => onDemand(key),
      () => kms.send(new EnableKeyRotationCommand({ KeyId: key })),
      () => kms.send(new DisableKeyRotationCommand({ KeyId: key })),
    ])
      expect(await failureOf(refused())).toMatchObject({ code: 'DisabledException' });
    clock.advance(1000 * DAY);
    expect(await rotations(key)).toEqual([]);
    await kms.send(new EnableKeyCommand({ KeyId: key }));
    expect(await rotations(key)).toHaveLength(1);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key }));
    expect(await status(key)).toMatchObject({ KeyRotationEnabled: false });
    expect(await failureOf(onDemand(key))).toMatchObject({ code: 'KMSInvalidStateException' });
  });

  test('takes 90 to 2560 days, and permission', async () => {
    const key = await makeKey();
    for (const RotationPeriodInDays of [89, 2561])
      expect(
        await failureOf(kms.send(new EnableKeyRotationCommand({ KeyId: key, RotationPeriodInDays }))),
      ).toMatchObject({ code: 'ValidationException' });
    const other = kmsOf(aws, aws.account(SOURCE).root);
    expect(await failureOf(other.send(new RotateKeyOnDemandCommand({ KeyId: key })))).toMatchObject({
      code: 'AccessDeniedException',
    });
  });
});

test('the key that AWS manages for S3 rotates every year, and objects stay readable', async () => {
  const { s3 } = clientsOf(aws, aws.account(DESTINATION).root);
  const object = { Bucket: 'rotated-objects', Key: 'k' };
  await s3.send(new CreateBucketCommand({ Bucket: object.Bucket }));
  await s3.send(new PutObjectCommand({ ...object, Body: 'content', ServerSideEncryption: 'aws:kms' }));
  const { SSEKMSKeyId } = await s3.send(new GetObjectCommand(object));
  expect(await status(SSEKMSKeyId!)).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 365 });
  clock.advance(366 * DAY);
  const { Body } = await s3.send(new GetObjectCommand(object));
  expect(await Body!.transformToString()).toBe('content');
  expect(await rotations(SSEKMSKeyId!)).toMatchObject([{ RotationType: 'AUTOMATIC' }]);
  expect(await failureOf(onDemand(SSEKMSKeyId!))).toMatchObject({ code: 'AccessDeniedException' });
});
