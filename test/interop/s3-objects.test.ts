import { createHash, randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  ChecksumAlgorithm,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';

const BUCKET = 'objects';
let aws: Sandbox;
let s3: Clients['s3'];

beforeAll(async () => {
  aws = await startSandbox();
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => aws.close());

type Extra = Partial<PutObjectCommandInput>;
const put = (Key: string, Body: PutObjectCommandInput['Body'], extra: Extra = {}) =>
  s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body, ...extra }));
const get = (Key: string, extra: object = {}) =>
  s3.send(new GetObjectCommand({ Bucket: BUCKET, Key, ...extra }));
const head = (Key: string, extra: object = {}) =>
  s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key, ...extra }));
const textOf = async (Key: string, extra: object = {}) => (await get(Key, extra)).Body!.transformToString();

describe('an object', () => {
  test('comes back with everything that it was put with', async () => {
    const { ETag } = await put('a/full.csv', 'a,b\n', {
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment; filename="full.csv"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      Expires: new Date('2030-01-02T03:04:05Z'),
      Metadata: { team: 'reports', 'Mixed-Case': 'x  y' },
      StorageClass: 'STANDARD_IA',
      Tagging: 'team=reports&level=1',
    });
    expect(ETag).toBe(`"${createHash('md5').update('a,b\n').digest('hex')}"`);
    const expected = {
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment; filename="full.csv"',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      ExpiresString: 'Wed, 02 Jan 2030 03:04:05 GMT',
      Metadata: { team: 'reports', 'mixed-case': 'x  y' },
      StorageClass: 'STANDARD_IA',
      TagCount: 2,
      ContentLength: 4,
      ETag,
      AcceptRanges: 'bytes',
      ServerSideEncryption: 'AES256',
      LastModified: expect.any(Date),
    };
    expect(await head('a/full.csv')).toMatchObject(expected);
    const got = await get('a/full.csv');
    expect(got).toMatchObject(expected);
    expect(await got.Body!.transformToString()).toBe('a,b\n');
  });

  test('without a type is binary/octet-stream; it may be empty, and is replaced whole', async () => {
    await put('plain', Buffer.from('first'), { Metadata: { old: 'yes' } });
    await put('plain', Buffer.alloc(0));
    const got = await get('plain');
    expect(got).toMatchObject({ ContentLength: 0, ContentType: 'application/octet-stream', Metadata: {} });
    expect(await got.Body!.transformToString()).toBe('');
  });

  test('that is not there is NoSuchKey, and deleting it is no error', async () => {
    expect(await failureOf(get('none'))).toMatchObject({ code: 'NoSuchKey', status: 404 });
    expect(await failureOf(head('none'))).toMatchObject({ code: 'NotFound', status: 404 });
    const gone = await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'none' }));
    expect(gone.$metadata.httpStatusCode).toBe(204);
    expect(
      await failureOf(s3.send(new GetObjectCommand({ Bucket: 'no-such-bucket', Key: 'k' }))),
    ).toMatchObject({
      code: 'NoSuchBucket',
      status: 404,
    });
  });

  test('is gone after it was deleted', async () => {
    await put('short-lived', 'x');
    await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'short-lived' }));
    expect(await failureOf(get('short-lived'))).toMatchObject({ code: 'NoSuchKey' });
  });

  test('has one version, null', async () => {
    await put('version', 'x');
    expect(await textOf('version', { VersionId: 'null' })).toBe('x');
    expect(await failureOf(get('version', { VersionId: 'abc' }))).toMatchObject({
      code: 'InvalidArgument',
      status: 400,
    });
  });

  test('of 8 MiB is the same byte for byte, streamed or whole', async () => {
    const bytes = randomBytes(8 * 1024 * 1024);
    await put('large', bytes);
    expect((await head('large')).ContentLength).toBe(bytes.length);
    expect(bytes.equals(await (await get('large')).Body!.transformToByteArray())).toBe(true);

    await put('streamed', Readable.from(slices(bytes, 100_000)), { ContentLength: bytes.length });
    expect(bytes.equals(await (await get('streamed')).Body!.transformToByteArray())).toBe(true);
    const part = await (await get('streamed', { Range: 'bytes=70000-5000000' })).Body!.transformToByteArray();
    expect(bytes.subarray(70_000, 5_000_001).equals(part)).toBe(true);

    // Replaced by a small one and back: no mixture of the two.
    await put('large', 'small');
    expect(await textOf('large')).toBe('small');
  });

  test.each([65_535, 65_536, 65_537])(
    'of %i bytes is the same on each side of where bodies become files',
    async (size) => {
      const bytes = randomBytes(size);
      await put('edge', bytes);
      expect(bytes.equals(await (await get('edge')).Body!.transformToByteArray())).toBe(true);
    },
  );
});

function* slices(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('ranges', () => {
  const text = '0123456789';
  beforeAll(() => put('digits', text));

  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-3', '789', 'bytes 7-9/10'],
    ['bytes=5-100', '56789', 'bytes 5-9/10'],
    ['bytes=-100', text, 'bytes 0-9/10'],
  ])('%s', async (Range, expected, ContentRange) => {
    const got = await get('digits', { Range });
    expect(got).toMatchObject({
      ContentRange,
      ContentLength: expected.length,
      $metadata: { httpStatusCode: 206 },
    });
    expect(await got.Body!.transformToString()).toBe(expected);
  });

  test.each(['bytes=10-', 'bytes=100-200', 'bytes=-0'])('%s is not satisfiable', async (Range) => {
    expect(await failureOf(get('digits', { Range }))).toMatchObject({ code: 'InvalidRange', status: 416 });
  });

  test.each(['bytes=4-2', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,4-5'])(
    '%s is taken as none',
    async (Range) => {
      const got = await get('digits', { Range });
      expect(got.$metadata.httpStatusCode).toBe(200);
      expect(await got.Body!.transformToString()).toBe(text);
    },
  );

  test('no range of an empty object can be had', async () => {
    await put('nothing', Buffer.alloc(0));
    expect(await failureOf(get('nothing', { Range: 'bytes=0-' }))).toMatchObject({ code: 'InvalidRange' });
  });
});

describe('what a PUT states about its body', () => {
  // Not all algorithms that the SDK's model knows are open to clients of every language.
  const algorithms = [
    ChecksumAlgorithm.CRC32,
    ChecksumAlgorithm.CRC32C,
    ChecksumAlgorithm.CRC64NVME,
    ChecksumAlgorithm.SHA1,
    ChecksumAlgorithm.SHA256,
  ];
  test.each(algorithms)('a %s is checked, kept and returned', async (algorithm) => {
    const member = `Checksum${algorithm}` as const;
    const stored = await put(`checksum-${algorithm}`, 'hello', { ChecksumAlgorithm: algorithm });
    const got = await get(`checksum-${algorithm}`, { ChecksumMode: 'ENABLED' });
    expect(got[member as 'ChecksumCRC32']).toBe(stored[member as 'ChecksumCRC32']);
    expect(got[member as 'ChecksumCRC32']).toMatch(/^[\w+/]+={0,2}$/);
    expect(await got.Body!.transformToString()).toBe('hello'); // the SDK has validated it
  });

  test('one that is wrong is refused, and nothing is stored', async () => {
    const wrong = Buffer.alloc(4).toString('base64');
    expect(await failureOf(put('bad-crc', 'hello', { ChecksumCRC32: wrong }))).toMatchObject({
      code: 'BadDigest',
      status: 400,
    });
    const md5 = createHash('md5').update('other').digest('base64');
    expect(await failureOf(put('bad-md5', 'hello', { ContentMD5: md5 }))).toMatchObject({
      code: 'BadDigest',
      status: 400,
    });
    expect(await failureOf(put('bad-md5', 'hello', { ContentMD5: 'abc' }))).toMatchObject({
      code: 'InvalidDigest',
      status: 400,
    });
    expect(await failureOf(get('bad-crc'))).toMatchObject({ code: 'NoSuchKey' });
    expect(await failureOf(get('bad-md5'))).toMatchObject({ code: 'NoSuchKey' });
  });

  test.each<[string, Extra, string, number]>([
    ['a canned ACL', { ACL: 'public-read' }, 'AccessControlListNotSupported', 400],
    ['metadata of more than 2 KB', { Metadata: { long: 'x'.repeat(2048) } }, 'MetadataTooLarge', 400],
    ['a tag twice', { Tagging: 'a=1&a=2' }, 'InvalidArgument', 400],
    ['a lock without its configuration', { ObjectLockLegalHoldStatus: 'ON' }, 'InvalidRequest', 400],
    ['an encryption of no known kind', { ServerSideEncryption: 'ROT13' as 'AES256' }, 'InvalidArgument', 400],
  ])('%s is refused', async (_, extra, code, status) => {
    expect(await failureOf(put('refused', 'x', extra))).toMatchObject({ code, status });
    expect(await failureOf(get('refused'))).toMatchObject({ code: 'NoSuchKey' });
  });

  test("the owner's full control is the one ACL that is taken", async () => {
    await expect(put('owned', 'x', { ACL: 'bucket-owner-full-control' })).resolves.toBeDefined();
  });
});

test('response headers can be asked for', async () => {
  await put('override', 'x', { ContentType: 'text/plain' });
  const got = await get('override', {
    ResponseContentType: 'application/json',
    ResponseContentDisposition: 'attachment; filename="x.json"',
  });
  expect(got).toMatchObject({
    ContentType: 'application/json',
    ContentDisposition: 'attachment; filename="x.json"',
  });
});

test.each(['a\r\nset-cookie: b', 'line\nbreak', 'snow ☃'])(
  'a response header of %j is refused, and harms nothing',
  async (value) => {
    await put('header', 'x');
    expect(await failureOf(get('header', { ResponseContentType: value }))).toMatchObject({
      code: 'InvalidArgument',
      status: 400,
    });
    expect(await textOf('header')).toBe('x');
  },
);
