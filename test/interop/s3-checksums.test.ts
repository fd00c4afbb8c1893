import { createHash } from 'node:crypto';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  UploadPartCommand,
  type ObjectAttributes,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients, type Identity } from './clients.ts';
import { refusalOf, send, sign } from './signer.ts';

const Bucket = 'checksums';
let aws: Sandbox;
let owner: Identity;
let s3: Clients['s3'];
beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  owner = aws.account(DESTINATION).root;
  ({ s3 } = clientsOf(aws, owner));
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.close());

const text = 'hello';
const hash = (algorithm: string) => createHash(algorithm).update(text).digest('base64');
/** A PUT as a client sends it that states what it wants, or nothing. */
const put = (headers: Record<string, string>, body: string | Buffer = text, key = 'k') =>
  send(
    sign({ method: 'PUT', url: `${aws.endpoint}/${Bucket}/${key}`, headers, body }, { identity: owner }),
    body,
  );
const head = (Key = 'k') => s3.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));

describe('a PUT', () => {
  test('without a checksum gets a CRC64NVME, and is told it', async () => {
    for (const [body, crc] of [
      ['123456789', 'rosUhgp5mIg='],
      ['', 'AAAAAAAAAAA='],
      [Buffer.alloc(100_000, '0123456789'), expect.stringMatching(/^[\w+/]{11}=$/)],
    ] as const) {
      const answer = await put({}, body);
      expect(answer.headers.get('x-amz-checksum-crc64nvme')).toEqual(crc);
      expect(answer.headers.get('x-amz-checksum-type')).toBe('FULL_OBJECT');
      expect(await head()).toMatchObject({ ChecksumCRC64NVME: crc, ChecksumType: 'FULL_OBJECT' });
    }
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'k' }));
    expect(Contents![0]).toMatchObject({ ChecksumAlgorithm: ['CRC64NVME'], ChecksumType: 'FULL_OBJECT' });
  });

  test.each([
    ['sha1', hash('sha1'), 'ChecksumSHA1'],
    ['sha256', hash('sha256'), 'ChecksumSHA256'],
    ['sha512', hash('sha512'), 'ChecksumSHA512'],
    ['md5', hash('md5'), 'ChecksumMD5'],
    ['crc32', 'NhCmhg==', 'ChecksumCRC32'],
    ['crc32c', 'mnG7TA==', 'ChecksumCRC32C'],
    ['crc64nvme', 'M3eFcAZSQlc=', 'ChecksumCRC64NVME'],
    ['xxhash64', 'JseCfYifbaM=', 'ChecksumXXHASH64'],
  ])('with an %s has it checked and kept', async (name, value, member) => {
    const header = `x-amz-checksum-${name}`;
    const answer = await put({ [header]: value });
    expect(await refusalOf(answer)).toMatchObject({ status: 200 });
    expect(answer.headers.get(header)).toBe(value);
    expect(await head()).toMatchObject({ [member]: value, ChecksumType: 'FULL_OBJECT' });
    const wrong = Buffer.from(value, 'base64').fill(7).toString('base64');
    expect(await refusalOf(await put({ [header]: wrong }))).toMatchObject({ status: 400, code: 'BadDigest' });
    expect(await refusalOf(await put({ [header]: 'AAAA' }))).toMatchObject({
      status: 400,
      code: 'InvalidRequest',
      message: `Value for ${header} header is invalid.`,
    });
  });

  test.each<[string, Record<string, string>, string]>([
    ['two', { 'x-amz-checksum-crc32': 'NhCmhg==', 'x-amz-checksum-sha1': hash('sha1') }, 'InvalidRequest'],
    ['one that is announced and not there', { 'x-amz-sdk-checksum-algorithm': 'SHA256' }, 'InvalidRequest'],
    ['one that is announced and unknown', { 'x-amz-sdk-checksum-algorithm': 'ROT13' }, 'InvalidRequest'],
    [
      'another than the one that is announced',
      { 'x-amz-sdk-checksum-algorithm': 'SHA256', 'x-amz-checksum-crc32': 'NhCmhg==' },
      'InvalidRequest',
    ],
    ['a trailer that is none', { 'x-amz-trailer': 'x-amz-meta-a' }, 'InvalidRequest'],
    ['an MD5 that is none', { 'content-md5': 'AAAA' }, 'InvalidDigest'],
    ['an MD5 of something else', { 'content-md5': Buffer.alloc(16).toString('base64') }, 'BadDigest'],
  ])('cannot state %s', async (_, headers, code) => {
    expect(await refusalOf(await put(headers, text, 'never'))).toMatchObject({ status: 400, code });
    expect(await failureOf(head('never'))).toMatchObject({ code: 'NotFound' });
  });

  test('shows its checksum to whoever asks for it, and not of a range', async () => {
    await put({ 'x-amz-checksum-sha1': hash('sha1') });
    const plain = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }));
    expect(plain.ChecksumSHA1).toBeUndefined();
    const ranged = await s3.send(
      new GetObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED', Range: 'bytes=0-1' }),
    );
    expect(ranged.ChecksumSHA1).toBeUndefined();
  });
});

describe('GetObjectAttributes', () => {
  const all: ObjectAttributes[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];
  const attributes = (Key: string, ObjectAttributes = all, extra: object = {}) =>
    s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes, ...extra }));

  test('tells of an object what it is asked for', async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'a',
        Body: text,
        ChecksumAlgorithm: 'SHA1',
        StorageClass: 'GLACIER_IR',
      }),
    );
    const { $metadata: _, ...found } = await attributes('a');
    expect(found).toEqual({
      ETag: createHash('md5').update(text).digest('hex'),
      Checksum: { ChecksumSHA1: hash('sha1'), ChecksumType: 'FULL_OBJECT' },
      StorageClass: 'GLACIER_IR',
      ObjectSize: text.length,
      LastModified: expect.any(Date),
    });
    const { $metadata: __, ...size } = await attributes('a', ['ObjectSize']);
    expect(size).toEqual({ ObjectSize: text.length, LastModified: expect.any(Date) });
    expect(await failureOf(attributes('none'))).toMatchObject({ code: 'NoSuchKey', status: 404 });
    expect(await failureOf(attributes('a', ['Color' as never]))).toMatchObject({
      code: 'InvalidArgument',
      status: 400,
    });
  });

  test('tells of the parts that an object was uploaded in', async () => {
    const upload = async (Key: string, ChecksumAlgorithm?: 'SHA256') => {
      const at = { Bucket, Key };
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ ...at, ChecksumAlgorithm }));
      const part = { ...at, UploadId, ChecksumAlgorithm };
      const Parts = [];
      for (const [index, Body] of [Buffer.alloc(5 * 1024 ** 2), Buffer.from(text)].entries()) {
        const { $metadata: _, ...done } = await s3.send(
          new UploadPartCommand({ ...part, PartNumber: index + 1, Body }),
        );
        Parts.push({ ...done, PartNumber: index + 1 });
      }
      return s3.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    };
    const { ChecksumSHA256 } = await upload('parts', 'SHA256');
    const { ObjectParts, Checksum } = await attributes('parts');
    expect(Checksum).toEqual({ ChecksumSHA256, ChecksumType: 'COMPOSITE' });
    expect(ObjectParts).toMatchObject({
      TotalPartsCount: 2,
      IsTruncated: false,
      MaxParts: 1000,
      Parts: [
        { PartNumber: 1, Size: 5 * 1024 ** 2 },
        { PartNumber: 2, Size: 5, ChecksumSHA256: hash('sha256') },
      ],
    });
    const page = await attributes('parts', all, { MaxParts: 1 });
    expect(page.ObjectParts).toMatchObject({ IsTruncated: true, NextPartNumberMarker: '1' });
    const rest = await attributes('parts', all, { PartNumberMarker: '1' });
    expect(rest.ObjectParts!.Parts).toMatchObject([{ PartNumber: 2 }]);

    await upload('plain-parts');
    const plain = await attributes('plain-parts');
    expect(plain.Checksum).toMatchObject({ ChecksumType: 'FULL_OBJECT' });
    expect(plain.ObjectParts!.TotalPartsCount).toBe(2);
    expect(plain.ObjectParts!.Parts).toBeUndefined();
  });
});
