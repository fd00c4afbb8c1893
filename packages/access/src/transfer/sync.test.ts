import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBucket, type TransferIncompleteError, type Bucket, type TransferEvent } from '../index.ts';
import { emptyHome } from '../testing/empty-home.ts';
import { startFaultyProxy, type FaultyProxy } from '../testing/faulty-proxy.ts';

const OWNER = '222222222222';
const OTHER = '111111111111';
const region = 'us-east-1';

let aws: Sandbox;
let proxy: FaultyProxy;
let names = 0;
let bucket: Bucket;
let folder: string;

beforeAll(async () => {
  emptyHome();
  aws = await startSandbox({ accounts: [OWNER, OTHER] });
  proxy = await startFaultyProxy(aws.endpoint);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await proxy.close();
  await aws.close();
});
beforeEach(async () => {
  proxy.reset();
  bucket = await newBucket(OWNER);
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-sync-'));
  vi.stubEnv('XDG_STATE_HOME', join(folder, '..', 'crossbucket-state'));
});

async function newBucket(account: string): Promise<Bucket> {
  const credentials = aws.account(account).root;
  const Bucket = `sync-${++names}`;
  const s3 = new S3Client({ region, endpoint: aws.endpoint, credentials, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
  return openBucket({
    bucket: Bucket,
    region,
    credentials,
    expectedOwner: account,
    clientConfig: { endpoint: proxy.url },
  });
}

function write(files: Record<string, string>, age = 10) {
  const time = Date.now() / 1000 - age;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), time, time);
  }
}
const keys = async (of = bucket) => {
  const found: Record<string, string> = {};
  for await (const { key } of of.list()) found[key] = await (await of.get(key)).text();
  return found;
};
const files = (root = folder) =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => [
        join(entry.parentPath, entry.name).slice(root.length + 1),
        readFileSync(join(entry.parentPath, entry.name), 'utf8'),
      ]),
  );
const requests = (method: string) =>
  proxy.requests.filter((request) => request.method === method && !request.url.includes('list-type'));
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

const tree = { 'a-b.txt': '1', 'a/b.txt': '22', 'a/ü/c d.txt': '333', 'z.txt': '' };

describe('to a bucket', () => {
  test('all goes the first time, nothing the second, and then what has changed', async () => {
    write(tree);
    expect(await bucket.sync({ from: folder, prefix: 'in' })).toMatchObject({
      transferred: 4,
      bytes: 6,
      failed: 0,
    });
    expect(await keys()).toEqual(
      Object.fromEntries(Object.entries(tree).map(([name, text]) => [`in/${name}`, text])),
    );
    proxy.reset();
    expect(await bucket.sync({ from: folder, prefix: 'in/' })).toMatchObject({
      transferred: 0,
      unchanged: 4,
    });
    expect(proxy.requests).toHaveLength(1);
    write({ 'a/b.txt': '44', 'new.txt': 'n' }, -5);
    expect(await bucket.sync({ from: folder, prefix: 'in' })).toMatchObject({ transferred: 2, unchanged: 3 });
    expect((await keys())['in/a/b.txt']).toBe('44');
  });

  test('a file of the very second of its upload is told from one that changed in it by its exact time', async () => {
    write({ f: 'one' }, 0);
    await bucket.sync({ from: folder });
    const { modified } = await bucket.head('f');
    const second = modified!.getTime() / 1000;
    utimesSync(join(folder, 'f'), second + 0.2, second + 0.2);
    await bucket.upload('f', join(folder, 'f'));
    // The upload may have come a second later.
    const again = (await bucket.head('f')).modified!.getTime() / 1000;
    utimesSync(join(folder, 'f'), again + 0.2, again + 0.2);
    writeFileSync(join(folder, 'f'), 'two');
    utimesSync(join(folder, 'f'), again + 0.3, again + 0.3);
    expect(await bucket.sync({ from: folder })).toMatchObject({ transferred: 1 });
    expect(await keys()).toEqual({ f: 'two' });
  });

  test('delete removes what only the bucket has, and what filters leave out stays', async () => {
    write(tree);
    await bucket.sync({ from: folder });
    for (const key of ['gone/1', 'gone/2', 'keep.log']) await bucket.put(key, 'x');
    const summary = await bucket.sync({ from: folder, delete: true, filters: [{ exclude: '*.log' }] });
    expect(summary).toMatchObject({ deleted: 2, unchanged: 4 });
    expect(Object.keys(await keys())).toEqual(['a-b.txt', 'a/b.txt', 'a/ü/c d.txt', 'keep.log', 'z.txt']);
    expect(requests('POST')).toHaveLength(1);
  });

  test('a dry run tells and does nothing', async () => {
    write(tree);
    await bucket.put('gone', 'x');
    const events: TransferEvent[] = [];
    const onEvent = (event: TransferEvent) => events.push(event);
    const summary = await bucket.sync({ from: folder, delete: true, dryRun: true, onEvent });
    expect(summary).toMatchObject({ transferred: 4, deleted: 1 });
    expect(events.map((event) => event.type)).toEqual(Array.from({ length: 5 }, () => 'planned'));
    expect(await keys()).toEqual({ gone: 'x' });
  });

  test('an empty source deletes nothing, unless that is said', async () => {
    await bucket.put('precious', 'x');
    symlinkSync('nowhere', join(folder, 'dangling'));
    expect(await failure(bucket.sync({ from: folder, delete: true }))).toMatchObject({
      code: 'empty-source',
    });
    expect(await keys()).toEqual({ precious: 'x' });
    await failure(bucket.sync({ from: folder, delete: true, allowEmpty: true }));
    expect(await keys()).toEqual({});
  });

  test('what fails for one object is reported, and the others go', async () => {
    write(tree);
    proxy.fault = ({ method, url }) =>
      method === 'PUT' && url.includes('c%20d') ? { status: 403, code: 'AccessDenied' } : undefined;
    const error = (await failure(bucket.sync({ from: folder }))) as TransferIncompleteError;
    expect(error).toMatchObject({ code: 'transfer-incomplete', summary: { transferred: 3, failed: 1 } });
    expect(error.errors).toMatchObject([{ code: 'access-denied', help: expect.stringContaining('explain') }]);
  });

  test('a bucket that is not there ends it at once', async () => {
    write(Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, 'x'])));
    proxy.fault = () => ({ status: 404, code: 'NoSuchBucket' });
    expect(await failure(bucket.sync({ from: folder, compare: 'always' }))).toMatchObject({
      code: 'no-such-bucket',
    });
    expect(requests('PUT').length).toBeLessThan(40);
  });

  test('by size alone, or by checksum', async () => {
    write({ f: 'one', g: 'one' });
    await bucket.sync({ from: folder });
    write({ f: 'two' }, -100);
    expect(await bucket.sync({ from: folder, compare: 'size' })).toMatchObject({ transferred: 0 });
    write({ g: 'one' }, -100);
    expect(await bucket.sync({ from: folder, compare: 'checksum' })).toMatchObject({
      transferred: 1,
      unchanged: 1,
    });
    expect(await keys()).toEqual({ f: 'two', g: 'one' });
  });
});

describe('from a bucket', () => {
  test('all comes the first time, nothing the second, and then what is not the same', async () => {
    for (const [key, text] of Object.entries(tree)) await bucket.put(`out/${key}`, text);
    await bucket.put('out/', '');
    await bucket.put('output-of-another', 'x');
    expect(await bucket.sync({ to: folder, prefix: 'out' })).toMatchObject({ transferred: 4, skipped: 1 });
    expect(files()).toEqual(tree);
    expect(statSync(join(folder, 'z.txt')).mtime).toEqual((await bucket.head('out/z.txt')).modified);
    proxy.reset();
    expect(await bucket.sync({ to: folder, prefix: 'out' })).toMatchObject({ transferred: 0, unchanged: 4 });
    expect(requests('GET')).toHaveLength(0);
    write({ 'a/b.txt': '99' }, -100);
    expect(await bucket.sync({ to: folder, prefix: 'out' })).toMatchObject({ transferred: 1 });
    expect(files()).toEqual(tree);
  });

  test('delete removes what only the folder has, also what is in the way', async () => {
    await bucket.put('a/b', 'x');
    write({ a: 'in the way', other: 'x' });
    expect(await bucket.sync({ to: folder, delete: true })).toMatchObject({ transferred: 1, deleted: 2 });
    expect(files()).toEqual({ 'a/b': 'x' });
  });

  // Node's own way of making folders never returns from there.
  test.skipIf(!existsSync('/proc/self'))('to a folder that cannot be is one error', async () => {
    await bucket.put('a', '1');
    await bucket.put('b', '2');
    const events: string[] = [];
    const onEvent = ({ type }: TransferEvent) => events.push(type);
    expect(await failure(bucket.sync({ to: '/proc/crossbucket/in', onEvent }))).toMatchObject({
      code: 'file-missing',
      message: expect.stringContaining('`/proc/crossbucket/in`'),
    });
    expect(events).toEqual([]);
    expect(await failure(bucket.download('a', '/proc/crossbucket/in/a'))).toMatchObject({
      code: 'file-missing',
    });
  });

  test('to a folder that is not there yet', async () => {
    await bucket.put('a/b', 'x');
    await bucket.sync({ to: join(folder, 'new', 'folder') });
    expect(files(join(folder, 'new', 'folder'))).toEqual({ 'a/b': 'x' });
  });

  test('no key writes outside, and the others come', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'crossbucket-outside-'));
    symlinkSync(outside, join(folder, 'link'));
    symlinkSync(join(outside, 'victim'), join(folder, 'file'));
    writeFileSync(join(outside, 'victim'), 'safe');
    for (const key of ['../up', 'link/x', 'file', 'a//b', `${'n'.repeat(300)}`, 'good', 'a/../../b'])
      await bucket.put(key, 'bad');
    const error = (await failure(bucket.sync({ to: folder }))) as TransferIncompleteError;
    expect(error.summary).toMatchObject({ transferred: 2, failed: 5 });
    expect(readdirSync(outside)).toEqual(['victim']);
    expect(readFileSync(join(outside, 'victim'), 'utf8')).toBe('safe');
    expect(existsSync(join(folder, '..', 'up'))).toBe(false);
    expect(files()).toEqual({ file: 'bad', good: 'bad' });
  });
});

describe('from bucket to bucket', () => {
  test('of two accounts, each side with its own credentials', async () => {
    const other = await newBucket(OTHER);
    for (const [key, text] of Object.entries(tree)) await bucket.put(key, text);
    expect(await other.sync({ from: { bucket }, prefix: 'copy' })).toMatchObject({ transferred: 4 });
    expect(Object.values(await keys(other))).toEqual(Object.values(tree));
    expect(await bucket.sync({ to: { bucket: other, prefix: 'copy' } })).toMatchObject({ unchanged: 4 });
    await bucket.put('z.txt', 'new');
    await bucket.delete('a-b.txt');
    const summary = await bucket.sync({ to: { bucket: other, prefix: 'copy' }, delete: true });
    expect(summary).toMatchObject({ transferred: 1, deleted: 1, unchanged: 2 });
  });

  test('one within the other is refused', async () => {
    expect(await failure(bucket.sync({ to: { bucket, prefix: 'x' } }))).toMatchObject({ code: 'overlap' });
  });
});

test('nothing is begun while whoever is told of events cannot take more', async () => {
  write(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`f${index}`, ''])));
  let told = 0;
  let goOn = () => {};
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const onEvent = () => {
    told++;
    return held;
  };
  const done = bucket.sync({ from: folder, dryRun: true, concurrency: 4, onEvent });
  await vi.waitFor(() => expect(told).toBeGreaterThan(0));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told).toBeLessThanOrEqual(5);
  goOn();
  await done;
  expect(told).toBe(30);
});

test.each([
  [{}, '`from` and `to`'],
  [{ from: 'a', to: 'b' }, '`from` and `to`'],
  [{ from: 'a', compare: 'md5' as 'size' }, 'time, size'],
  [{ from: 'a', partSize: 1 }, 'bytes'],
  [{ from: 'a', concurrency: 0 }, '1 to 256'],
])('%j is refused', async (options, help) => {
  expect(await failure(bucket.sync(options))).toMatchObject({
    code: 'invalid-option',
    help: expect.stringContaining(help),
  });
});
