import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { open } from 'lmdb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSandbox } from '../sandbox.ts';
import { FORMAT } from './database.ts';
import type { ObjectRecord } from './records.ts';
import { Store } from './store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const account = '222222222222';
const Bucket = 'from-before';
const small = 'as it came';
const large = Buffer.alloc(200_000, 'as it came, and much of it. ');

async function start() {
  const aws = await startSandbox({ accounts: [account], data: folder });
  const credentials = aws.account(account).root;
  const s3 = new S3Client({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials,
    forcePathStyle: true,
    maxAttempts: 1,
  });
  return { aws, s3 };
}

/** Gives the folder the number of another format, and says which it had. */
async function setFormat(format: number): Promise<unknown> {
  const root = open({ path: join(folder, 'state'), noSubdir: false, maxDbs: 32 });
  const meta = root.openDB<unknown, string>({ name: 'meta' });
  const before = meta.get('format');
  await meta.put('format', format);
  await root.close();
  return before;
}

/** Puts objects into the folder as the first format had them: with their bodies as they came. */
async function writeOldObjects(): Promise<void> {
  const { aws, s3 } = await start();
  await s3.send(new CreateBucketCommand({ Bucket }));
  await aws.close();
  const store = await Store.open(folder);
  const { id } = store.buckets.get(Bucket)!;
  const plain = { owner: account, etag: '"e"', modified: 0, headers: {}, metadata: {} };
  const inTable: ObjectRecord = { ...plain, size: small.length, body: { id: 'small', place: 'table' } };
  await store.objects.commit({ id }, 'small', inTable, { bytes: Buffer.from(small) });
  const staged = await store.blobs.stage();
  await staged.write([large]);
  await staged.commit();
  const inFile: ObjectRecord = { ...plain, size: large.length, body: { id: staged.id, place: 'file' } };
  await store.objects.commit({ id }, 'large', inFile);
  await store.close();
}

test('a folder of the first format is read, and its objects with it', async () => {
  await writeOldObjects();
  await setFormat(1);
  const { aws, s3 } = await start();
  const read = async (Key: string, Range?: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key, ...(Range && { Range }) }));
    return Buffer.from(await Body!.transformToByteArray());
  };
  expect((await read('small')).toString()).toBe(small);
  expect((await read('large')).equals(large)).toBe(true);
  expect((await read('large', 'bytes=70000-70009')).equals(large.subarray(70_000, 70_010))).toBe(true);
  await s3.send(new PutObjectCommand({ Bucket, Key: 'small', Body: 'written again' }));
  expect((await read('small')).toString()).toBe('written again');
  await aws.close();
  expect(await setFormat(FORMAT)).toBe(FORMAT);
});

test.each([2, 3])(
  'what is in a folder of format %i becomes the null version when versioning is turned on',
  async (format) => {
    await writeOldObjects();
    await setFormat(format);
    const { aws, s3 } = await start();
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'large', Body: 'new' }));
    const { Versions } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'large' }));
    expect(Versions!.map(({ VersionId: id }) => id)).toEqual([VersionId, 'null']);
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: 'large', VersionId: 'null' }));
    expect(Buffer.from(await Body!.transformToByteArray()).equals(large)).toBe(true);
    await aws.close();
  },
);

test('a folder of a format to come is refused', async () => {
  const { aws } = await start();
  await aws.close();
  await setFormat(FORMAT + 1);
  await expect(start()).rejects.toMatchObject({ code: 'DataFolderFormat' });
});
