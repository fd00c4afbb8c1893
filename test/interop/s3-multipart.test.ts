import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteBucketPolicyCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutBucketAclCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
  type CompletedPart,
  type CompleteMultipartUploadCommandInput,
  type CreateMultipartUploadCommandInput,
  type UploadPartCommandInput,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeUser } from './principals.ts';

const Bucket = 'uploads';
const MIB = 1024 ** 2;
const big = randomBytes(5 * MIB);
const small = randomBytes(100_000);

let aws: Sandbox;
let s3: Clients['s3'];
beforeAll(async () => {
  aws = await startSandbox();
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.close());

const begin = async (Key: string, extra: Partial<CreateMultipartUploadCommandInput> = {}) =>
  (await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ...extra }))).UploadId!;
const upload = (
  Key: string,
  UploadId: string,
  PartNumber: number,
  Body: UploadPartCommandInput['Body'],
  extra: Partial<UploadPartCommandInput> = {},
) => s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body, ...extra }));
const complete = (
  Key: string,
  UploadId: string,
  Parts: CompletedPart[],
  extra: Partial<CompleteMultipartUploadCommandInput> = {},
) =>
  s3.send(
    new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...extra }),
  );
const abort = (Key: string, UploadId: string) =>
  s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
const partsOf = (Key: string, UploadId: string, extra: object = {}) =>
  s3.send(new ListPartsCommand({ Bucket, Key, UploadId, ...extra }));
const get = (Key: string, extra: object = {}) => s3.send(new GetObjectCommand({ Bucket, Key, ...extra }));
const bytesOf = async (Key: string, extra: object = {}) =>
  Buffer.from(await (await get(Key, extra)).Body!.transformToByteArray());

/** Uploads bodies as the parts 1, 2, ... and completes. */
async function uploadAll(
  Key: string,
  bodies: Buffer[],
  extra: Partial<CreateMultipartUploadCommandInput> = {},
) {
  const id = await begin(Key, extra);
  const parts = await Promise.all(
    bodies.map(async (body, index) => {
      const { ChecksumAlgorithm } = extra;
      const { $metadata: _, ...part } = await upload(Key, id, index + 1, body, { ChecksumAlgorithm });
      return { ...part, PartNumber: index + 1 };
    }),
  );
  return { id, parts, done: await complete(Key, id, parts) };
}

const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest();
const etagOf = (...bodies: Buffer[]) =>
  `"${md5(Buffer.concat(bodies.map(md5))).toString('hex')}-${bodies.length}"`;

describe('an upload in parts', () => {
  test('becomes one object, with everything that was said of it at its beginning', async () => {
    const { done, id } = await uploadAll('a/full name.bin', [big, small], {
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      Metadata: { team: 'reports' },
      Tagging: 'team=reports',
      StorageClass: 'STANDARD_IA',
    });
    expect(done).toMatchObject({
      Bucket,
      Key: 'a/full name.bin',
      ETag: etagOf(big, small),
      Location: `${aws.endpoint}/${Bucket}/a/full%20name.bin`,
      ServerSideEncryption: 'AES256',
    });
    const got = await get('a/full name.bin');
    expect(got).toMatchObject({
      ContentLength: big.length + small.length,
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      Metadata: { team: 'reports' },
      StorageClass: 'STANDARD_IA',
      TagCount: 1,
      ETag: etagOf(big, small),
    });
    const whole = Buffer.concat([big, small]);
    expect(whole.equals(Buffer.from(await got.Body!.transformToByteArray()))).toBe(true);
    expect(await failureOf(partsOf('a/full name.bin', id))).toMatchObject({
      code: 'NoSuchUpload',
      status: 404,
    });
  });

  test('is not there before it is complete, and nothing of it after it is aborted', async () => {
    const id = await begin('aborted');
    await upload('aborted', id, 1, small);
    expect(await failureOf(get('aborted'))).toMatchObject({ code: 'NoSuchKey' });
    const answer = await abort('aborted', id);
    expect(answer.$metadata.httpStatusCode).toBe(204);
    const gone = { code: 'NoSuchUpload', status: 404 };
    expect(await failureOf(abort('aborted', id))).toMatchObject(gone);
    expect(await failureOf(upload('aborted', id, 1, small))).toMatchObject(gone);
    expect(await failureOf(complete('aborted', id, [{ PartNumber: 1, ETag: 'x' }]))).toMatchObject(gone);
  });

  test('takes the last that came for a number, and leaves out what the completion does not name', async () => {
    const id = await begin('chosen');
    await upload('chosen', id, 2, 'first');
    const second = await upload('chosen', id, 2, 'second');
    await upload('chosen', id, 7, 'not named');
    await complete('chosen', id, [{ PartNumber: 2, ETag: second.ETag }]);
    expect((await bytesOf('chosen')).toString()).toBe('second');
  });

  test('that is completed once more is told the same again', async () => {
    const { id, parts, done } = await uploadAll('twice', [small]);
    const { $metadata: _, ...again } = await complete('twice', id, parts);
    expect(done).toMatchObject(again);
    await s3.send(new PutObjectCommand({ Bucket, Key: 'twice', Body: 'other' }));
    expect(await failureOf(complete('twice', id, parts))).toMatchObject({ code: 'NoSuchUpload' });
  });

  test('of one empty part is an empty object', async () => {
    const { done } = await uploadAll('empty', [Buffer.alloc(0)]);
    expect(done.ETag).toBe(etagOf(Buffer.alloc(0)));
    expect(await bytesOf('empty')).toHaveLength(0);
  });

  test('belongs to its key and bucket alone', async () => {
    const id = await begin('mine');
    expect(await failureOf(upload('other', id, 1, small))).toMatchObject({ code: 'NoSuchUpload' });
    expect(await failureOf(partsOf('mine', 'no-such-id'))).toMatchObject({ code: 'NoSuchUpload' });
    await abort('mine', id);
  });

  test('does not keep its bucket from being deleted', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'short-lived' }));
    await s3.send(new CreateMultipartUploadCommand({ Bucket: 'short-lived', Key: 'k' }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }));
    await s3.send(new CreateBucketCommand({ Bucket: 'short-lived' }));
    const { Uploads } = await s3.send(new ListMultipartUploadsCommand({ Bucket: 'short-lived' }));
    expect(Uploads).toBeUndefined();
  });
});

describe('a completion is refused', () => {
  let id: string;
  let first: CompletedPart;
  let second: CompletedPart;
  beforeAll(async () => {
    id = await begin('refused', { ChecksumAlgorithm: 'CRC32' });
    first = { PartNumber: 1, ETag: (await upload('refused', id, 1, small)).ETag };
    second = { PartNumber: 2, ETag: (await upload('refused', id, 2, small)).ETag };
  });

  test.each<[string, () => CompletedPart[], object, string]>([
    ['without parts', () => [], {}, 'MalformedXML'],
    ['out of order', () => [second, first], {}, 'InvalidPartOrder'],
    ['with a part twice', () => [first, first], {}, 'InvalidPartOrder'],
    ['with a part that never came', () => [first, { PartNumber: 3, ETag: '"x"' }], {}, 'InvalidPart'],
    ['with another ETag', () => [{ ...first, ETag: second.ETag!.replace('"', '"0') }], {}, 'InvalidPart'],
    ['with another checksum', () => [{ ...first, ChecksumCRC32: 'AAAAAA==' }], {}, 'InvalidPart'],
    ['with a part below 5 MiB before the last', () => [first, second], {}, 'EntityTooSmall'],
    ['with another size', () => [first], { MpuObjectSize: 5 }, 'InvalidRequest'],
    ['with another checksum of the whole', () => [first], { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['with another type of checksum', () => [first], { ChecksumType: 'FULL_OBJECT' }, 'BadDigest'],
    ['where an object must be and is not', () => [first], { IfMatch: '"x"' }, 'NoSuchKey'],
  ])('%s', async (_, parts, extra, code) => {
    expect(await failureOf(complete('refused', id, parts(), extra))).toMatchObject({
      code,
      status: code === 'NoSuchKey' ? 404 : 400,
    });
    // Nothing of it is lost.
    expect((await partsOf('refused', id)).Parts).toHaveLength(2);
  });

  test('where an object must not be and is', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'taken', Body: 'x' }));
    const id = await begin('taken');
    const { ETag } = await upload('taken', id, 1, small);
    const parts = [{ PartNumber: 1, ETag }];
    expect(await failureOf(complete('taken', id, parts, { IfNoneMatch: '*' }))).toMatchObject({
      code: 'PreconditionFailed',
      status: 412,
    });
    const { ETag: now } = await s3.send(new HeadObjectCommand({ Bucket, Key: 'taken' }));
    await complete('taken', id, parts, { IfMatch: now });
    expect(await bytesOf('taken')).toHaveLength(small.length);
  });

  test.each([0, 10_001])('no part has number %i', async (number) => {
    expect(await failureOf(upload('refused', id, number, 'x'))).toMatchObject({
      code: 'InvalidArgument',
      status: 400,
    });
  });
});

describe('reading what was uploaded in parts', () => {
  const last = randomBytes(70_001);
  const whole = Buffer.concat([big, big, last]);
  beforeAll(() => uploadAll('ranges', [big, big, last], { ChecksumAlgorithm: 'CRC32' }));

  test.each([
    [0, 0],
    [big.length - 1, big.length],
    [big.length - 70_000, big.length * 2 + 10],
    [big.length * 2, whole.length - 1],
    [100, whole.length - 100],
  ])('bytes %i to %i', async (first, end) => {
    const got = await bytesOf('ranges', { Range: `bytes=${first}-${end}` });
    expect(got.equals(whole.subarray(first, end + 1))).toBe(true);
  });

  test.each([
    [1, 0, big.length],
    [2, big.length, big.length],
    [3, 2 * big.length, last.length],
  ])('part %i', async (PartNumber, from, length) => {
    const got = await get('ranges', { PartNumber, ChecksumMode: 'ENABLED' });
    expect(got).toMatchObject({
      $metadata: { httpStatusCode: 206 },
      PartsCount: 3,
      ContentLength: length,
      ContentRange: `bytes ${from}-${from + length - 1}/${whole.length}`,
      ETag: etagOf(big, big, last),
      ChecksumCRC32: expect.stringMatching(/^[\w+/]{6}==$/),
      ChecksumType: 'COMPOSITE',
    });
    const bytes = Buffer.from(await got.Body!.transformToByteArray());
    expect(bytes.equals(whole.subarray(from, from + length))).toBe(true);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'ranges', PartNumber }))).toMatchObject({
      PartsCount: 3,
      ContentLength: length,
    });
  });

  test('a part that is not there, or a part and a range', async () => {
    expect(await failureOf(get('ranges', { PartNumber: 4 }))).toMatchObject({
      code: 'InvalidPartNumber',
      status: 416,
    });
    expect(await failureOf(get('ranges', { PartNumber: 1, Range: 'bytes=0-1' }))).toMatchObject({
      code: 'InvalidRequest',
    });
    await s3.send(new PutObjectCommand({ Bucket, Key: 'plain', Body: 'abc' }));
    const one = await get('plain', { PartNumber: 1 });
    expect(one).toMatchObject({ ContentRange: 'bytes 0-2/3', ContentLength: 3 });
    expect(one.PartsCount).toBeUndefined();
    expect(await failureOf(get('plain', { PartNumber: 2 }))).toMatchObject({ code: 'InvalidPartNumber' });
  });

  test('goes on to the end, though the object is replaced meanwhile', async () => {
    await uploadAll('replaced', [big, big]);
    const got = await get('replaced');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'replaced', Body: 'new' }));
    const bytes = Buffer.from(await got.Body!.transformToByteArray());
    expect(bytes.equals(Buffer.concat([big, big]))).toBe(true);
  });
});

describe('checksums', () => {
  test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)(
    '%s of the whole, from those of the parts',
    async (algorithm) => {
      const bodies = [big, big, small];
      const member = `Checksum${algorithm}` as const;
      const { done } = await uploadAll('full', bodies, {
        ChecksumAlgorithm: algorithm,
        ChecksumType: 'FULL_OBJECT',
      });
      const single = await s3.send(
        new PutObjectCommand({
          Bucket,
          Key: 'single',
          Body: Buffer.concat(bodies),
          ChecksumAlgorithm: algorithm,
        }),
      );
      expect(done).toMatchObject({ [member]: single[member], ChecksumType: 'FULL_OBJECT' });
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'full', ChecksumMode: 'ENABLED' }));
      expect(head).toMatchObject({ [member]: single[member], ChecksumType: 'FULL_OBJECT' });
    },
  );

  test('SHA256 of the checksums of the parts', async () => {
    const { done, parts } = await uploadAll('composite', [big, small], { ChecksumAlgorithm: 'SHA256' });
    const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
    const expected = `${sha(Buffer.concat([sha(big), sha(small)])).toString('base64')}-2`;
    expect(parts[0]!.ChecksumSHA256).toBe(sha(big).toString('base64'));
    expect(done).toMatchObject({ ChecksumSHA256: expected, ChecksumType: 'COMPOSITE' });
    expect(await get('composite', { ChecksumMode: 'ENABLED' })).toMatchObject({
      ChecksumSHA256: expected,
      ChecksumType: 'COMPOSITE',
    });
  });

  test('CRC64NVME, where nobody asks for one', async () => {
    const { s3: plain } = clientsOf(aws, aws.account(DESTINATION).root);
    plain.config.requestChecksumCalculation = async () => 'WHEN_REQUIRED';
    const Key = 'unasked';
    const { UploadId, ChecksumAlgorithm } = await plain.send(
      new CreateMultipartUploadCommand({ Bucket, Key }),
    );
    expect(ChecksumAlgorithm).toBeUndefined();
    const part = await plain.send(
      new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body: small }),
    );
    const done = await complete(Key, UploadId!, [{ PartNumber: 1, ETag: part.ETag }]);
    const single = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'single', Body: small, ChecksumAlgorithm: 'CRC64NVME' }),
    );
    expect(done).toMatchObject({ ChecksumCRC64NVME: single.ChecksumCRC64NVME, ChecksumType: 'FULL_OBJECT' });
  });

  test.each<[string, Partial<CreateMultipartUploadCommandInput>]>([
    ['SHA1 of the whole', { ChecksumAlgorithm: 'SHA1', ChecksumType: 'FULL_OBJECT' }],
    ['CRC64NVME of the parts', { ChecksumAlgorithm: 'CRC64NVME', ChecksumType: 'COMPOSITE' }],
  ])('there is no %s', async (_, extra) => {
    expect(await failureOf(begin('none', extra))).toMatchObject({ code: 'InvalidRequest', status: 400 });
  });

  test('a composite checksum needs those of the parts at completion', async () => {
    const id = await begin('repeated', { ChecksumAlgorithm: 'SHA256' });
    const { ETag, ChecksumSHA256 } = await upload('repeated', id, 1, 'x', { ChecksumAlgorithm: 'SHA256' });
    expect(await failureOf(complete('repeated', id, [{ PartNumber: 1, ETag }]))).toMatchObject({
      code: 'InvalidRequest',
      message:
        'The upload was created using a sha256 checksum. The complete request must include the checksum for each part. It was missing for part 1 in the request.',
    });
    await complete('repeated', id, [{ PartNumber: 1, ETag, ChecksumSHA256 }]);
  });

  test('a part with another algorithm than its upload is refused', async () => {
    const id = await begin('mixed', { ChecksumAlgorithm: 'SHA256' });
    expect(await failureOf(upload('mixed', id, 1, 'x', { ChecksumAlgorithm: 'CRC32' }))).toMatchObject({
      code: 'InvalidRequest',
      message: 'Checksum Type mismatch occurred, expected checksum Type: sha256, actual checksum Type: crc32',
    });
    expect(await failureOf(upload('mixed', id, 1, 'x', { ChecksumSHA256: sha256Of('y') }))).toMatchObject({
      code: 'BadDigest',
      status: 400,
    });
  });
});

const sha256Of = (text: string) => createHash('sha256').update(text).digest('base64');

describe('encryption', () => {
  const SSECustomerKey = Buffer.alloc(32, 7).toString('base64');
  const customer = { SSECustomerAlgorithm: 'AES256', SSECustomerKey };

  test('with a key of the client: each part brings it, and no other', async () => {
    await s3.send(
      new PutBucketEncryptionCommand({
        Bucket,
        ServerSideEncryptionConfiguration: {
          Rules: [
            {
              ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' },
              BlockedEncryptionTypes: { EncryptionType: ['NONE'] },
            },
          ],
        },
      }),
    );
    const id = await begin('customer', customer);
    expect(await failureOf(upload('customer', id, 1, small))).toMatchObject({ code: 'InvalidRequest' });
    const other = { ...customer, SSECustomerKey: Buffer.alloc(32, 8).toString('base64') };
    expect(await failureOf(upload('customer', id, 1, small, other))).toMatchObject({
      code: 'InvalidRequest',
    });
    const { ETag } = await upload('customer', id, 1, big, customer);
    const second = await upload('customer', id, 2, small, customer);
    await complete('customer', id, [
      { PartNumber: 1, ETag },
      { PartNumber: 2, ETag: second.ETag },
    ]);
    expect(await failureOf(get('customer'))).toMatchObject({ code: 'InvalidRequest' });
    const got = await bytesOf('customer', customer);
    expect(got.equals(Buffer.concat([big, small]))).toBe(true);

    const plain = await begin('not-customer');
    expect(await failureOf(upload('not-customer', plain, 1, small, customer))).toMatchObject({
      code: 'InvalidRequest',
    });
  });

  test('with a key of KMS', async () => {
    const { done } = await uploadAll('kms', [big, small], { ServerSideEncryption: 'aws:kms' });
    expect(done).toMatchObject({
      ServerSideEncryption: 'aws:kms',
      SSEKMSKeyId: expect.stringMatching(/^arn:aws:kms:/),
    });
    expect(done.ETag).toMatch(/^"[0-9a-f]{32}-2"$/);
    expect((await bytesOf('kms')).equals(Buffer.concat([big, small]))).toBe(true);
  });
});

describe('parts that are copied', () => {
  beforeAll(async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source +%.bin', Body: big }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'tiny', Body: '0123456789' }));
  });
  const copy = (Key: string, UploadId: string, PartNumber: number, CopySource: string, extra: object = {}) =>
    s3.send(new UploadPartCopyCommand({ Bucket, Key, UploadId, PartNumber, CopySource, ...extra }));

  test('whole, or a range of the source', async () => {
    const id = await begin('copied', { ChecksumAlgorithm: 'CRC32' });
    const source = `${Bucket}/source%20%2B%25.bin`;
    const first = await copy('copied', id, 1, source);
    const second = await copy('copied', id, 2, `/${source}`, { CopySourceRange: 'bytes=70000-140000' });
    expect(first.CopyPartResult).toMatchObject({
      ETag: `"${md5(big).toString('hex')}"`,
      LastModified: expect.any(Date),
      ChecksumCRC32: expect.any(String),
    });
    await complete('copied', id, [
      { PartNumber: 1, ETag: first.CopyPartResult!.ETag },
      { PartNumber: 2, ETag: second.CopyPartResult!.ETag },
    ]);
    const expected = Buffer.concat([big, big.subarray(70_000, 140_001)]);
    expect((await bytesOf('copied')).equals(expected)).toBe(true);
  });

  test.each<[string, string, object, string, number]>([
    ['a range behind the end', 'tiny', { CopySourceRange: 'bytes=0-10' }, 'InvalidArgument', 400],
    ['a range without end', 'tiny', { CopySourceRange: 'bytes=1-' }, 'InvalidArgument', 400],
    ['no object', 'none', {}, 'NoSuchKey', 404],
    ['another ETag', 'tiny', { CopySourceIfMatch: '"x"' }, 'PreconditionFailed', 412],
    ['an older object', 'tiny', { CopySourceIfUnmodifiedSince: new Date(0) }, 'PreconditionFailed', 412],
  ])('of a source that is %s are refused', async (_, key, extra, code, status) => {
    const id = await begin('refused-copy');
    expect(await failureOf(copy('refused-copy', id, 1, `${Bucket}/${key}`, extra))).toMatchObject({
      code,
      status,
    });
  });
});

describe('by another account', () => {
  test("an upload is its initiator's; the owner of the bucket may look at it and end it", async () => {
    const other = clientsOf(aws, aws.account(SOURCE).root);
    const { clients: user, arn } = await makeUser(aws, other, 'uploader', [
      { Action: 's3:*', Resource: '*' },
    ]);
    const { clients: colleague } = await makeUser(aws, other, 'colleague', [
      { Action: 's3:*', Resource: '*' },
    ]);
    const Policy = (Action: string[]) =>
      documentOf({ Principal: { AWS: [arn, SOURCE] }, Action, Resource: `arn:aws:s3:::${Bucket}/*` });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: Policy(['s3:PutObject']) }));
    const at = { Bucket, Key: 'across' };
    const { UploadId } = await user.s3.send(new CreateMultipartUploadCommand(at));
    const part = { ...at, UploadId, PartNumber: 1, Body: small };
    const { ETag } = await user.s3.send(new UploadPartCommand(part));
    const denied = { code: 'AccessDenied', status: 403 };
    for (const client of [s3, colleague.s3])
      expect(await failureOf(client.send(new UploadPartCommand(part)))).toMatchObject(denied);
    expect(await failureOf(complete('across', UploadId!, [{ PartNumber: 1, ETag }]))).toMatchObject(denied);
    const listed = await partsOf('across', UploadId!);
    expect(listed.Initiator!.ID).toBe(arn);
    expect(listed.Parts).toHaveLength(1);
    const list = () => user.s3.send(new ListPartsCommand({ ...at, UploadId }));
    expect(await failureOf(list())).toMatchObject(denied);
    await s3.send(
      new PutBucketPolicyCommand({ Bucket, Policy: Policy(['s3:PutObject', 's3:ListMultipartUploadParts']) }),
    );
    expect((await list()).Parts).toHaveLength(1);
    const stop = new AbortMultipartUploadCommand({ ...at, UploadId });
    expect(await failureOf(user.s3.send(stop))).toMatchObject(denied);
    await s3.send(stop);
    expect(await failureOf(list())).toMatchObject({ code: 'NoSuchUpload' });
    await s3.send(new DeleteBucketPolicyCommand({ Bucket }));
  });

  test('where access control lists count, its initiator may also look at it and end it', async () => {
    const other = clientsOf(aws, aws.account(SOURCE).root);
    const at = { Bucket: 'uploads-for-all', Key: 'across' };
    await s3.send(new CreateBucketCommand({ Bucket: at.Bucket, ObjectOwnership: 'ObjectWriter' }));
    await s3.send(
      new PutPublicAccessBlockCommand({
        Bucket: at.Bucket,
        PublicAccessBlockConfiguration: { BlockPublicAcls: false, IgnorePublicAcls: false },
      }),
    );
    await s3.send(new PutBucketAclCommand({ Bucket: at.Bucket, ACL: 'public-read-write' }));
    const { UploadId } = await other.s3.send(new CreateMultipartUploadCommand(at));
    await other.s3.send(new UploadPartCommand({ ...at, UploadId, PartNumber: 1, Body: small }));
    const list = new ListPartsCommand({ ...at, UploadId });
    expect((await other.s3.send(list)).Parts).toHaveLength(1);
    await other.s3.send(new AbortMultipartUploadCommand({ ...at, UploadId }));
    expect(await failureOf(s3.send(list))).toMatchObject({ code: 'NoSuchUpload' });
  });

  test('what nobody may write, nobody uploads in parts', async () => {
    const other = clientsOf(aws, aws.account(SOURCE).root);
    expect(
      await failureOf(other.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'k' }))),
    ).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect((await fetch(`${aws.endpoint}/${Bucket}/k?uploads`, { method: 'POST' })).status).toBe(403);
  });
});

describe('listing', () => {
  test('the parts of an upload, page by page', async () => {
    const id = await begin('listed', { StorageClass: 'GLACIER_IR', ChecksumAlgorithm: 'CRC32' });
    await Promise.all([3, 1, 10, 2].map((number) => upload('listed', id, number, `part ${number}`)));
    const page = await partsOf('listed', id, { MaxParts: 2 });
    expect(page).toMatchObject({
      Bucket,
      Key: 'listed',
      UploadId: id,
      IsTruncated: true,
      MaxParts: 2,
      NextPartNumberMarker: '2',
      StorageClass: 'GLACIER_IR',
      ChecksumAlgorithm: 'CRC32',
      ChecksumType: 'COMPOSITE',
      Parts: [
        {
          PartNumber: 1,
          Size: 6,
          ETag: `"${md5(Buffer.from('part 1')).toString('hex')}"`,
          LastModified: expect.any(Date),
          ChecksumCRC32: expect.any(String),
        },
        { PartNumber: 2 },
      ],
    });
    expect(page.Owner!.ID).toBe(page.Initiator!.ID);
    const rest = await partsOf('listed', id, { PartNumberMarker: page.NextPartNumberMarker });
    expect(rest).toMatchObject({ IsTruncated: false, PartNumberMarker: '2' });
    expect(rest.Parts!.map(({ PartNumber }) => PartNumber)).toEqual([3, 10]);
    expect(await failureOf(partsOf('listed', id, { MaxParts: -1 }))).toMatchObject({
      code: 'InvalidArgument',
    });
  });

  describe('the uploads of a bucket', () => {
    const Bucket = 'listed-uploads';
    const ids = new Map<string, string[]>();
    const list = (extra: object = {}) => s3.send(new ListMultipartUploadsCommand({ Bucket, ...extra }));
    beforeAll(async () => {
      await s3.send(new CreateBucketCommand({ Bucket }));
      for (const Key of ['b/2', 'a b', 'b/1', 'c', 'b/1', 'b/1', 'd/x/y']) {
        const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key }));
        ids.set(Key, [...(ids.get(Key) ?? []), UploadId!]);
      }
    });
    const all = () =>
      ['a b', 'b/1', 'b/2', 'c', 'd/x/y'].flatMap((key) => ids.get(key)!.map((id) => `${key} ${id}`));

    test('in the order of keys, then of their beginnings', async () => {
      const { Uploads, IsTruncated } = await list();
      expect(Uploads!.map(({ Key, UploadId }) => `${Key} ${UploadId}`)).toEqual(all());
      expect(IsTruncated).toBe(false);
      expect(Uploads![0]).toMatchObject({
        Initiated: expect.any(Date),
        StorageClass: 'STANDARD',
        Initiator: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) },
        Owner: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) },
      });
    });

    test.each([1, 2, 3])('in pages of %i', async (MaxUploads) => {
      const seen: string[] = [];
      let at: object | undefined = {};
      while (at) {
        const page = await list({ MaxUploads, ...at });
        seen.push(...page.Uploads!.map(({ Key, UploadId }) => `${Key} ${UploadId}`));
        at = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
          : undefined;
      }
      expect(seen).toEqual(all());
    });

    test('by prefix, delimiter and marker', async () => {
      const grouped = await list({ Delimiter: '/', EncodingType: 'url' });
      expect(grouped.Uploads!.map(({ Key }) => Key)).toEqual(['a+b', 'c']);
      expect(grouped.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(['b/', 'd/']);
      const page = await list({ Delimiter: '/', MaxUploads: 2 });
      expect(page).toMatchObject({ IsTruncated: true, NextKeyMarker: 'b/' });
      const next = await list({ Delimiter: '/', KeyMarker: page.NextKeyMarker });
      expect(next.Uploads!.map(({ Key }) => Key)).toEqual(['c']);
      expect(next.CommonPrefixes!.map(({ Prefix }) => Prefix)).toEqual(['d/']);
      const within = await list({ Prefix: 'b/', KeyMarker: 'b/1' });
      expect(within.Uploads!.map(({ Key }) => Key)).toEqual(['b/2']);
      expect(await failureOf(list({ MaxUploads: -1 }))).toMatchObject({ code: 'InvalidArgument' });
    });
  });
});
