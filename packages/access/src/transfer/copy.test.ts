import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  ListMultipartUploadsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBucket, type Bucket } from '../index.ts';
import { emptyHome } from '../testing/empty-home.ts';
import { startFaultyProxy, type FaultyProxy } from '../testing/faulty-proxy.ts';

const MiB = 1024 * 1024;
const partSize = 5 * MiB;
const SOURCE = '111111111111';
const TARGET = '222222222222';
const small = randomBytes(3000);
const large = randomBytes(11 * MiB + 3);

let near: Sandbox;
/** Knows nothing of the other: other accounts, other keys. */
let far: Sandbox;
let proxies: FaultyProxy[];

const region = 'us-east-1';
const root = (aws: Sandbox, account: string) => aws.account(account).root;
const client = (aws: Sandbox, account: string) =>
  new S3Client({ region, endpoint: aws.endpoint, credentials: root(aws, account), forcePathStyle: true });

beforeAll(async () => {
  emptyHome();
  vi.stubEnv('XDG_STATE_HOME', mkdtempSync(join(tmpdir(), 'crossbucket-copy-')));
  [near, far] = await Promise.all([
    startSandbox({ accounts: [SOURCE, TARGET] }),
    startSandbox({ accounts: ['333333333333'] }),
  ]);
  proxies = await Promise.all([startFaultyProxy(near.endpoint), startFaultyProxy(far.endpoint)]);
  for (const [aws, account, Bucket] of [
    [near, SOURCE, 'acme-from'],
    [near, TARGET, 'acme-to'],
    [far, '333333333333', 'acme-to'],
  ] as const)
    await client(aws, account).send(new CreateBucketCommand({ Bucket }));
  const s3 = client(near, SOURCE);
  const carried = {
    Bucket: 'acme-from',
    ContentType: 'text/csv',
    CacheControl: 'no-cache',
    Metadata: { origin: 'acme' },
    Tagging: 'team=data&tier=a%20b',
  };
  await s3.send(new PutObjectCommand({ ...carried, Key: 'small é.csv', Body: small }));
  await openBucket({ bucket: 'acme-from', client: s3 }).upload(
    'large',
    await import('node:stream').then(({ Readable }) => Readable.from([large])),
    {
      partSize,
      contentType: 'text/csv',
      metadata: { origin: 'acme' },
      tags: { team: 'data', tier: 'a b' },
      input: { CacheControl: 'no-cache' },
    },
  );
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([...proxies, near, far].map((open) => open.close()));
});
beforeEach(() => {
  for (const proxy of proxies) proxy.reset();
});

const open = (proxy: FaultyProxy, aws: Sandbox, account: string, bucket: string): Bucket =>
  openBucket({
    bucket,
    region,
    expectedOwner: account,
    credentials: root(aws, account),
    clientConfig: { endpoint: proxy.url },
  });
const from = () => open(proxies[0]!, near, SOURCE, 'acme-from');
const to = () => open(proxies[0]!, near, TARGET, 'acme-to');
const farAway = () => open(proxies[1]!, far, '333333333333', 'acme-to');

async function expectCopy(aws: Sandbox, account: string, Key: string, bytes: Buffer) {
  const s3 = client(aws, account);
  const { Body, ...facts } = await s3.send(new GetObjectCommand({ Bucket: 'acme-to', Key }));
  expect(Buffer.from(await Body!.transformToByteArray()).equals(bytes)).toBe(true);
  expect(facts).toMatchObject({
    ContentType: 'text/csv',
    CacheControl: 'no-cache',
    Metadata: { origin: 'acme' },
  });
  expect(await tagsOf(aws, account, Key)).toEqual({ team: 'data', tier: 'a b' });
}

async function tagsOf(aws: Sandbox, account: string, Key: string) {
  const command = new GetObjectTaggingCommand({ Bucket: 'acme-to', Key });
  const { TagSet = [] } = await client(aws, account).send(command);
  return Object.fromEntries(TagSet.map(({ Key: name, Value }) => [name, Value]));
}

/** Lets one account's root do this to another's bucket. */
async function allow(owner: string, Bucket: string, account: string, Action: string[]) {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:root` },
      Action,
      Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
    },
  });
  await client(near, owner).send(new PutBucketPolicyCommand({ Bucket, Policy }));
}
const disallow = (owner: string, Bucket: string) =>
  client(near, owner).send(new DeleteBucketPolicyCommand({ Bucket }));
const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe.each([
  ['small é.csv', small],
  ['large', large],
])('%s', (key, bytes) => {
  test('through memory, where neither credential may do both', async () => {
    const copied = await from().copy(key, { bucket: to(), key: `m/${key}` }, { partSize });
    expect(copied).toMatchObject({ way: 'through-memory', size: bytes.length });
    await expectCopy(near, TARGET, `m/${key}`, bytes);
  });

  test('between two sandboxes that know nothing of each other', async () => {
    const copied = await from().copy(key, { bucket: farAway() }, { partSize });
    expect(copied).toMatchObject({ way: 'through-memory', size: bytes.length });
    await expectCopy(far, '333333333333', key, bytes);
    // Its bucket has the same name as one of the first.
    expect(proxies[0]!.requests.some(({ headers }) => headers['x-amz-copy-source'])).toBe(false);
  });

  test("by S3 itself, with the target's credentials", async () => {
    await allow(SOURCE, 'acme-from', TARGET, ['s3:GetBucketLocation', 's3:GetObject', 's3:GetObjectTagging']);
    const copied = await from().copy(key, { bucket: to(), key: `t/${key}` }, { partSize });
    await disallow(SOURCE, 'acme-from');
    expect(copied).toMatchObject({ way: 'by-target', size: bytes.length });
    await expectCopy(near, TARGET, `t/${key}`, bytes);
    const copies = proxies[0]!.requests.filter(({ headers }) => headers['x-amz-copy-source']);
    expect(copies.length).toBe(bytes === small ? 1 : 3);
    for (const { headers } of copies)
      expect(headers).toMatchObject({
        'x-amz-expected-bucket-owner': TARGET,
        'x-amz-source-expected-bucket-owner': SOURCE,
      });
  });

  test("by S3 itself, with the source's credentials", async () => {
    await allow(TARGET, 'acme-to', SOURCE, ['s3:GetBucketLocation', 's3:PutObject', 's3:PutObjectTagging']);
    const copied = await from().copy(key, { bucket: to(), key: `s/${key}` }, { partSize });
    await disallow(TARGET, 'acme-to');
    expect(copied).toMatchObject({ way: 'by-source', size: bytes.length });
    await expectCopy(near, TARGET, `s/${key}`, bytes);
  });
});

test('within one bucket it takes a key alone', async () => {
  expect(await from().copy('small é.csv', 'again.csv')).toMatchObject({ way: 'by-target', key: 'again.csv' });
});

test.each(['near', 'far'])('a large copy that was cut off goes on where it stopped (%s)', async (where) => {
  const target = where === 'far' ? farAway() : open(proxies[0]!, near, SOURCE, 'acme-from');
  const proxy = where === 'far' ? proxies[1]! : proxies[0]!;
  proxy.fault = ({ url }) =>
    url.includes('partNumber=3') ? { status: 404, code: 'NoSuchBucket' } : undefined;
  const copy = () => from().copy('large', { bucket: target, key: 'resumed' }, { partSize, concurrency: 1 });
  expect(await errorOf(copy())).toMatchObject({ code: 'no-such-bucket' });
  proxy.reset();
  expect(await copy()).toMatchObject({ resumed: 2 * partSize });
  expect(proxy.requests.filter(({ url }) => url.includes('partNumber='))).toHaveLength(1);
  expect((await (await target.get('resumed')).bytes()).length).toBe(large.length);
});

test('a source that changes meanwhile is an error, and leaves no upload behind', async () => {
  const s3 = client(near, SOURCE);
  const body = { Bucket: 'acme-from', Key: 'changing' };
  await s3.send(new PutObjectCommand({ ...body, Body: large }));
  proxies[1]!.before = async ({ url }) => {
    if (url.includes('partNumber=2'))
      await s3.send(new PutObjectCommand({ ...body, Body: randomBytes(large.length) }));
  };
  const copy = from().copy('changing', { bucket: farAway() }, { partSize, concurrency: 1 });
  expect(await errorOf(copy)).toMatchObject({ code: 'object-changed' });
  const { Uploads = [] } = await client(far, '333333333333').send(
    new ListMultipartUploadsCommand({ Bucket: 'acme-to' }),
  );
  expect(Uploads.filter(({ Key }) => Key === 'changing')).toEqual([]);
});

test('without permission to read tags, a copy without them is to be had', async () => {
  await allow(SOURCE, 'acme-from', TARGET, ['s3:GetBucketLocation', 's3:GetObject']);
  const tagless = await from().copy('small é.csv', { bucket: to(), key: 'tagless' }, { tags: false });
  await disallow(SOURCE, 'acme-from');
  expect(tagless.way).toBe('by-target');
  expect(await tagsOf(near, TARGET, 'tagless')).toEqual({});
});

test('a bucket that somebody else made is refused', async () => {
  expect(await errorOf(from().copy('large', { bucket: {} as Bucket }))).toMatchObject({
    code: 'invalid-option',
  });
});
