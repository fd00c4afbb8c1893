import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  S3Client,
  CreateBucketCommand,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBucket, type Bucket, type TransferEvent } from '../index.ts';
import { emptyHome } from '../testing/empty-home.ts';
import { startFaultyProxy, type FaultyProxy } from '../testing/faulty-proxy.ts';

const MiB = 1024 * 1024;
const partSize = 5 * MiB;
const OWNER = '222222222222';
const large = randomBytes(10 * MiB + 11);

let aws: Sandbox;
let s3: S3Client;
let proxy: FaultyProxy;
let bucket: Bucket;
let folder: string;
let file: string;

beforeAll(async () => {
  emptyHome();
  aws = await startSandbox({ accounts: [OWNER] });
  proxy = await startFaultyProxy(aws.endpoint);
  const options = { region: 'us-east-1', credentials: aws.account(OWNER).root };
  s3 = new S3Client({ ...options, endpoint: aws.endpoint, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-inbox' }));
  bucket = openBucket({
    bucket: 'acme-inbox',
    expectedOwner: OWNER,
    ...options,
    clientConfig: { endpoint: proxy.url },
  });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  await aws.close();
});
beforeEach(() => {
  proxy.reset();
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-upload-'));
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
  file = join(folder, 'large.csv');
  writeFileSync(file, large);
});

const stored = async (Key: string) => {
  const { Body, ...rest } = await s3.send(
    new GetObjectCommand({ Bucket: 'acme-inbox', Key, ChecksumMode: 'ENABLED' }),
  );
  return { bytes: Buffer.from(await Body!.transformToByteArray()), ...rest };
};
const openUploads = async () =>
  (await s3.send(new ListMultipartUploadsCommand({ Bucket: 'acme-inbox' }))).Uploads ?? [];
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const partsSent = () =>
  proxy.requests.filter(({ method, url }) => method === 'PUT' && url.includes('partNumber='));
const journals = () => readdirSync(join(folder, 'state', 'crossbucket', 'transfers'));

describe('a large file', () => {
  test('goes up in parts, checked one by one and as a whole, with its time and type', async () => {
    utimesSync(file, 1_700_000_000.5, 1_700_000_000.5);
    const events: TransferEvent[] = [];
    const done = await bucket.upload('large.csv', file, { partSize, onEvent: (event) => events.push(event) });
    const { bytes, ...facts } = await stored('large.csv');
    expect(bytes.equals(large)).toBe(true);
    expect(facts).toMatchObject({
      ETag: done.etag,
      ContentType: 'text/csv',
      Metadata: { mtime: '1700000000.500000000' },
      ChecksumType: 'FULL_OBJECT',
    });
    expect(facts.ChecksumCRC64NVME).toBeDefined();
    expect(partsSent()).toHaveLength(3);
    expect(
      partsSent().every(
        ({ headers }) =>
          headers['x-amz-checksum-crc64nvme'] && headers['x-amz-expected-bucket-owner'] === OWNER,
      ),
    ).toBe(true);
    expect(done).toMatchObject({ key: 'large.csv', size: large.length, resumed: 0 });
    expect(
      events.flatMap((event) => (event.type === 'moved' ? event.bytes : [])).reduce((a, b) => a + b),
    ).toBe(large.length);
    expect(journals()).toEqual([]);
  });

  test('a part that fails is sent again, and no other', async () => {
    proxy.fault = ({ url }, index) => (url.includes('partNumber=2') && index < 6 ? 'hang-up' : undefined);
    await bucket.upload('again', file, { partSize, concurrency: 1 });
    const numbers = partsSent().map(({ url }) => /partNumber=(\d)/.exec(url)![1]);
    expect(numbers.filter((number) => number !== '2')).toEqual(['1', '3']);
    expect(numbers.length).toBeGreaterThan(3);
    expect((await stored('again')).bytes.equals(large)).toBe(true);
  });

  test('altered bytes are refused by S3, and the part is sent once more', async () => {
    let altered = 0;
    proxy.fault = ({ url }) => (url.includes('partNumber=3') && altered++ === 0 ? 'alter' : undefined);
    await bucket.upload('altered', file, { partSize });
    expect(partsSent()).toHaveLength(4);
    expect((await stored('altered')).bytes.equals(large)).toBe(true);
  });

  test('what is cut off is gone on with, and only what is missing is sent', async () => {
    proxy.fault = ({ url }) =>
      url.includes('partNumber=3') ? { status: 403, code: 'AccessDenied' } : undefined;
    expect(await errorOf(bucket.upload('resumed', file, { partSize, concurrency: 1 }))).toMatchObject({
      code: 'access-denied',
    });
    expect(journals()).toHaveLength(1);
    proxy.reset();
    const done = await bucket.upload('resumed', file, { partSize });
    expect(done.resumed).toBe(2 * partSize);
    expect(partsSent()).toHaveLength(1);
    expect((await stored('resumed')).bytes.equals(large)).toBe(true);
    expect(await openUploads()).toEqual([]);
    expect(journals()).toEqual([]);
  });

  test('a file that is another by then begins anew', async () => {
    proxy.fault = ({ url }) =>
      url.includes('partNumber=3') ? { status: 403, code: 'AccessDenied' } : undefined;
    await errorOf(bucket.upload('other', file, { partSize, concurrency: 1 }));
    proxy.reset();
    const other = randomBytes(large.length);
    writeFileSync(file, other);
    expect(await bucket.upload('other', file, { partSize })).toMatchObject({ resumed: 0 });
    expect((await stored('other')).bytes.equals(other)).toBe(true);
  });

  test('an upload that somebody has ended begins anew', async () => {
    proxy.fault = ({ url }) =>
      url.includes('partNumber=3') ? { status: 403, code: 'AccessDenied' } : undefined;
    await errorOf(bucket.upload('ended', file, { partSize, concurrency: 1 }));
    proxy.reset();
    proxy.fault = ({ method, url }) =>
      method === 'GET' && url.includes('uploadId') ? { status: 404, code: 'NoSuchUpload' } : undefined;
    expect(await bucket.upload('ended', file, { partSize })).toMatchObject({ resumed: 0 });
    expect(partsSent()).toHaveLength(3);
  });

  test('a completion whose answer is lost counts all the same', async () => {
    proxy.fault = ({ method, url }) =>
      method === 'POST' && url.includes('uploadId') ? 'lose-answer' : undefined;
    const { etag } = await bucket.upload('lost', file, { partSize });
    expect((await stored('lost')).ETag).toBe(etag);
  });

  test('a file that is written to meanwhile is an error, and nothing is left of it', async () => {
    proxy.before = async ({ url }) => {
      if (url.includes('partNumber=2')) appendFileSync(file, 'more');
    };
    expect(await errorOf(bucket.upload('changed', file, { partSize }))).toMatchObject({
      code: 'file-changed',
      message: expect.stringContaining(file),
    });
    expect((await openUploads()).filter(({ Key }) => Key === 'changed')).toEqual([]);
    expect(await errorOf(bucket.head('changed'))).toMatchObject({ code: 'no-such-key' });
  });

  test('without resume, a failure leaves nothing', async () => {
    proxy.fault = ({ url }) =>
      url.includes('partNumber=3') ? { status: 403, code: 'AccessDenied' } : undefined;
    await errorOf(bucket.upload('nothing', file, { partSize, resume: false }));
    expect((await openUploads()).filter(({ Key }) => Key === 'nothing')).toEqual([]);
  });
});

describe('a small file', () => {
  test.each([0, 1, 4096])('of %d bytes takes one request', async (size) => {
    const bytes = randomBytes(size);
    const path = join(folder, 'small.json');
    writeFileSync(path, bytes);
    await bucket.upload('small.json', path, { metadata: { a: 'b' }, input: { StorageClass: 'STANDARD_IA' } });
    expect(proxy.requests).toHaveLength(1);
    const facts = await stored('small.json');
    expect(facts.bytes.equals(bytes)).toBe(true);
    expect(facts).toMatchObject({ ContentType: 'application/json', Metadata: { a: 'b' } });
    expect(Number(facts.Metadata!['mtime'])).toBeCloseTo(statSync(path).mtimeMs / 1000, 3);
  });

  test.each([
    ['a folder', () => folder, 'file-failed'],
    ['no file', () => join(folder, 'none'), 'file-missing'],
  ])('%s', async (_, path, code) => {
    expect(await errorOf(bucket.upload('k', path()))).toMatchObject({ code });
    expect(proxy.requests).toHaveLength(0);
  });
});

describe('a stream of unknown length', () => {
  const streamOf = (bytes: Buffer, step = 777_777) =>
    Readable.from(
      (function* () {
        for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
      })(),
    );

  test.each([0, 100, partSize - 1, partSize, partSize + 1, large.length])('of %d bytes', async (size) => {
    const bytes = large.subarray(0, size);
    expect(await bucket.upload('stream', streamOf(bytes), { partSize })).toMatchObject({ size });
    expect((await stored('stream')).bytes.equals(bytes)).toBe(true);
  });

  test('that fails leaves nothing', async () => {
    async function* broken() {
      yield large;
      throw new Error('the pipe broke');
    }
    expect(await errorOf(bucket.upload('broken', broken(), { partSize }))).toMatchObject({
      message: 'the pipe broke',
    });
    expect((await openUploads()).filter(({ Key }) => Key === 'broken')).toEqual([]);
  });
});

test("a client of one's own does it too", async () => {
  const own = openBucket({ bucket: 'acme-inbox', client: s3 });
  await own.upload('own', file, { partSize });
  expect((await stored('own')).bytes.equals(large)).toBe(true);
});
