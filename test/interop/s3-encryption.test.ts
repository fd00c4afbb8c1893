import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketEncryptionCommand,
  GetBucketEncryptionCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketEncryptionCommand,
  PutObjectCommand,
  type ServerSideEncryptionRule,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, SOURCE, type Clients } from './clients.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossbucket-test-'));
let aws: Sandbox;
let owner: Clients;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION], data: folder });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  await owner.s3.send(new CreateBucketCommand({ Bucket: 'sealed' }));
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

const Bucket = 'sealed';
const put = (Key: string, Body: Buffer | string, more: object = {}) =>
  owner.s3.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = (Key: string, more: object = {}) => owner.s3.send(new GetObjectCommand({ Bucket, Key, ...more }));
const bytesOf = async (Key: string, more: object = {}) =>
  Buffer.from(await (await get(Key, more)).Body!.transformToByteArray());
const blobs = () => readdirSync(join(folder, 'blobs')).map((name) => join(folder, 'blobs', name));

describe('SSE-S3', () => {
  test('is what every object has, and its ETag is still its MD5', async () => {
    const Body = 'plain as day';
    const md5 = createHash('md5').update(Body).digest('hex');
    expect(await put('default', Body)).toMatchObject({ ServerSideEncryption: 'AES256', ETag: `"${md5}"` });
    await put('asked-for', Body, { ServerSideEncryption: 'AES256' });
    for (const Key of ['default', 'asked-for']) {
      const { $metadata: _, ...head } = await owner.s3.send(new HeadObjectCommand({ Bucket, Key }));
      expect(head).toMatchObject({ ServerSideEncryption: 'AES256', ContentLength: Body.length });
      expect(head).not.toHaveProperty('SSEKMSKeyId');
      expect((await bytesOf(Key)).toString()).toBe(Body);
    }
    const wrong = put('never', 'x', { ServerSideEncryption: 'ROT13' });
    expect(await failureOf(wrong)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  });

  test('keeps no plaintext on the disk, in the database or beside it', async () => {
    const mark = 'nobody-reads-this-from-the-disk';
    await put('small', mark.repeat(10));
    await put('large', mark.repeat(10_000));
    const files = [join(folder, 'state', 'data.mdb'), ...blobs()];
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect(readFileSync(file).includes(mark)).toBe(false);
    expect((await bytesOf('large')).toString()).toBe(mark.repeat(10_000));
  });

  const FRAME = 65_536;
  test.each([0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 3 * FRAME + 7, 1_000_003])(
    'gives back a body of %i bytes, and every kind of range of it',
    async (size) => {
      const body = randomBytes(size);
      await put('ranged', body);
      expect((await bytesOf('ranged')).equals(body)).toBe(true);
      const edges = [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME - 1, size - 2, size - 1];
      const within = [...new Set(edges)].filter((at) => at >= 0 && at < size);
      for (const first of within)
        for (const last of within.filter((at) => at >= first)) {
          const part = await get('ranged', { Range: `bytes=${first}-${last}` });
          expect(part.ContentRange).toBe(`bytes ${first}-${last}/${size}`);
          const bytes = Buffer.from(await part.Body!.transformToByteArray());
          expect(bytes.equals(body.subarray(first, last + 1))).toBe(true);
        }
      if (size === 0) return;
      const tail = Math.min(size, 70_000);
      expect((await bytesOf('ranged', { Range: `bytes=-${tail}` })).equals(body.subarray(size - tail))).toBe(
        true,
      );
    },
  );

  test('does not hand out what somebody changed on the disk', async () => {
    const before = new Set(blobs());
    await put('changed', randomBytes(200_000));
    const file = blobs().find((name) => !before.has(name));
    const bytes = readFileSync(file!);
    const spoil = (change: (copy: Buffer) => Buffer) => writeFileSync(file!, change(Buffer.from(bytes)));
    const flip = (copy: Buffer) => {
      copy[150_000]! ^= 1;
      return copy;
    };
    const FRAME_STORED = FRAME + 16;
    const swap = (copy: Buffer) =>
      Buffer.concat([
        copy.subarray(FRAME_STORED, 2 * FRAME_STORED),
        copy.subarray(0, FRAME_STORED),
        copy.subarray(2 * FRAME_STORED),
      ]);
    for (const change of [flip, swap]) {
      spoil(change);
      await expect(bytesOf('changed')).rejects.toThrow();
    }
    spoil((copy) => copy);
    await expect(bytesOf('changed')).resolves.toHaveLength(200_000);
    // What lies in an untouched frame is there all the same.
    spoil(flip);
    await expect(bytesOf('changed', { Range: 'bytes=0-9' })).resolves.toHaveLength(10);
  });
});

describe('SSE-C', () => {
  const keyOf = (byte: number) => {
    const bytes = Buffer.alloc(32, byte);
    return {
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: bytes.toString('base64'),
      SSECustomerKeyMD5: createHash('md5').update(bytes).digest('base64'),
    };
  };
  const right = keyOf(1);
  const wrong = keyOf(2);
  const allow = (EncryptionType: 'NONE' | 'SSE-C') =>
    owner.s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [{ BlockedEncryptionTypes: { EncryptionType: [EncryptionType] } }],
        },
      }),
    );

  test('is refused by a bucket that does not say otherwise', async () => {
    expect(await failureOf(put('customer', 'x', right))).toMatchObject({ code: 'AccessDenied', status: 403 });
  });

  test('encrypts under the key of the request, which is then needed for every read', async () => {
    await allow('NONE');
    const body = randomBytes(100_000);
    const { ETag, SSECustomerAlgorithm, SSECustomerKeyMD5, ...rest } = await put('customer', body, right);
    expect({ SSECustomerAlgorithm, SSECustomerKeyMD5 }).toEqual({
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKeyMD5: right.SSECustomerKeyMD5,
    });
    expect(rest).not.toHaveProperty('ServerSideEncryption');
    expect(ETag).not.toContain(createHash('md5').update(body).digest('hex'));
    expect((await bytesOf('customer', right)).equals(body)).toBe(true);
    expect(
      (await bytesOf('customer', { ...right, Range: 'bytes=65530-65540' })).equals(
        body.subarray(65_530, 65_541),
      ),
    ).toBe(true);
    const head = (more: object) => owner.s3.send(new HeadObjectCommand({ Bucket, Key: 'customer', ...more }));
    expect(await head(right)).toMatchObject({ SSECustomerAlgorithm: 'AES256', ContentLength: 100_000 });

    expect(await failureOf(get('customer'))).toMatchObject({ code: 'InvalidRequest', status: 400 });
    expect(await failureOf(head({}))).toMatchObject({ status: 400 });
    expect(await failureOf(get('customer', wrong))).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(await failureOf(head(wrong))).toMatchObject({ status: 403 });
    await put('service', 'x');
    expect(await failureOf(get('service', right))).toMatchObject({ code: 'InvalidRequest', status: 400 });
  });

  test('stays readable where it is blocked again', async () => {
    await allow('SSE-C');
    expect(await failureOf(put('customer-2', 'x', right))).toMatchObject({ code: 'AccessDenied' });
    await expect(bytesOf('customer', right)).resolves.toHaveLength(100_000);
  });

  test('takes a key of 32 bytes, with its MD5, and one way of encryption', async () => {
    await allow('NONE');
    const short = { ...right, SSECustomerKey: Buffer.alloc(16).toString('base64') };
    const putWith = (headers: Record<string, string>) => put('customer-3', 'x', headers);
    // The SDK computes the MD5 itself, so it is changed on the way.
    const mismatched = new PutObjectCommand({ Bucket, Key: 'customer-3', Body: 'x', ...right });
    mismatched.middlewareStack.add(
      (next) => (args) => {
        const { headers } = args.request as { headers: Record<string, string> };
        for (const name of Object.keys(headers))
          if (/customer-key-md5$/i.test(name)) headers[name] = wrong.SSECustomerKeyMD5;
        return next(args);
      },
      { step: 'build' },
    );
    expect(await failureOf(owner.s3.send(mismatched))).toMatchObject({
      code: 'InvalidArgument',
      message: 'The calculated MD5 hash of the key did not match the hash that was provided.',
    });
    expect(await failureOf(putWith(short))).toMatchObject({ code: 'InvalidArgument' });
    expect(await failureOf(putWith({ ...right, SSECustomerAlgorithm: 'DES' }))).toMatchObject({
      code: 'InvalidEncryptionAlgorithmError',
    });
    expect(await failureOf(putWith({ SSECustomerAlgorithm: 'AES256' }))).toMatchObject({
      code: 'InvalidArgument',
    });
    expect(await failureOf(putWith({ ...right, ServerSideEncryption: 'AES256' }))).toMatchObject({
      code: 'InvalidArgument',
    });
  });

  test('leaves its key out of the trail', async () => {
    expect(JSON.stringify(aws.records())).not.toContain(right.SSECustomerKey);
  });
});

describe('the default encryption of a bucket', () => {
  const rules = async () =>
    (await owner.s3.send(new GetBucketEncryptionCommand({ Bucket: 'defaults' })))
      .ServerSideEncryptionConfiguration?.Rules;
  const set = (...Rules: ServerSideEncryptionRule[]) =>
    owner.s3.send(
      new PutBucketEncryptionCommand({ Bucket: 'defaults', ServerSideEncryptionConfiguration: { Rules } }),
    );

  test('is SSE-S3, changes and goes back', async () => {
    await owner.s3.send(new CreateBucketCommand({ Bucket: 'defaults' }));
    const first = [
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
        BucketKeyEnabled: false,
        BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
      },
    ];
    expect(await rules()).toEqual(first);
    await set({
      ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/not-there' },
      BucketKeyEnabled: true,
    });
    expect(await rules()).toEqual([
      {
        ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: 'alias/not-there' },
        BucketKeyEnabled: true,
        BlockedEncryptionTypes: { EncryptionType: ['SSE-C'] },
      },
    ]);
    await owner.s3.send(new DeleteBucketEncryptionCommand({ Bucket: 'defaults' }));
    expect(await rules()).toEqual(first);
  });

  test('that makes no sense is refused', async () => {
    const s3 = { SSEAlgorithm: 'AES256', KMSMasterKeyID: 'alias/a' } as const;
    expect(await failureOf(set({ ApplyServerSideEncryptionByDefault: s3 }))).toMatchObject({
      code: 'InvalidArgument',
    });
    expect(await failureOf(set())).toMatchObject({ code: 'MalformedXML' });
    expect(await failureOf(set({}, {}))).toMatchObject({ code: 'MalformedXML' });
    const unknown = { SSEAlgorithm: 'ROT13' as 'AES256' };
    expect(await failureOf(set({ ApplyServerSideEncryptionByDefault: unknown }))).toMatchObject({
      code: 'MalformedXML',
    });
  });
});

test('encrypted objects and the keys of KMS outlive a restart', async () => {
  await put('survivor', 'x'.repeat(70_000), { ServerSideEncryption: 'aws:kms' });
  const { SSEKMSKeyId } = await get('survivor');
  await aws.close();
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION], data: folder });
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  expect((await bytesOf('survivor')).toString()).toBe('x'.repeat(70_000));
  expect((await get('survivor')).SSEKMSKeyId).toBe(SSEKMSKeyId);
  expect((await bytesOf('default')).toString()).toBe('plain as day');
});
