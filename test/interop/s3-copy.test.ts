import { createHash, randomBytes } from 'node:crypto';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type CopyObjectCommandInput,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import {
  CreateAccessPointCommand,
  GetAccessPointCommand,
  PutAccessPointPolicyCommand,
} from '@aws-sdk/client-s3-control';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  SOURCE,
  type Clients,
  type Statement,
} from './clients.ts';
import { controlClient } from './control-client.ts';
import { makeUser } from './principals.ts';

const FROM = 'copies-from';
const TO = 'copies-to';
let aws: Sandbox;
let source: Clients;
let owner: Clients;
let user: Clients;
let userArn: string;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  source = clientsOf(aws, aws.account(SOURCE).root);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  await source.s3.send(new CreateBucketCommand({ Bucket: FROM }));
  await owner.s3.send(new CreateBucketCommand({ Bucket: TO }));
  const made = await makeUser(aws, source, 'copier', [{ Action: 's3:*', Resource: '*' }]);
  ({ clients: user, arn: userArn } = made);
});
afterAll(() => aws.close());

const put = (Key: string, Body: PutObjectCommandInput['Body'], extra: Partial<PutObjectCommandInput> = {}) =>
  source.s3.send(new PutObjectCommand({ Bucket: FROM, Key, Body, ...extra }));
/** A copy within the source's bucket. */
const copy = (key: string, Key: string, extra: Partial<CopyObjectCommandInput> = {}) =>
  source.s3.send(new CopyObjectCommand({ Bucket: FROM, Key, CopySource: `${FROM}/${key}`, ...extra }));
const get = (Key: string, extra: object = {}) =>
  source.s3.send(new GetObjectCommand({ Bucket: FROM, Key, ...extra }));
const head = (Key: string, extra: object = {}) =>
  source.s3.send(new HeadObjectCommand({ Bucket: FROM, Key, ...extra }));
const textOf = async (Key: string, extra: object = {}) => (await get(Key, extra)).Body!.transformToString();

test('a source that is deleted meanwhile is copied whole, or is not there', async () => {
  const body = randomBytes(300_000);
  const ends = await Promise.all(
    Array.from({ length: 12 }, async (_, index) => {
      await put(`going-${index}`, body);
      const [end] = await Promise.all([
        copy(`going-${index}`, `gone-${index}`).then(
          () => 'copied',
          ({ name }: Error) => name,
        ),
        source.s3.send(new DeleteObjectCommand({ Bucket: FROM, Key: `going-${index}` })),
      ]);
      if (end !== 'copied') return end;
      const copied = Buffer.from(await (await get(`gone-${index}`)).Body!.transformToByteArray());
      return copied.equals(body) ? 'NoSuchKey' : 'broken';
    }),
  );
  expect(new Set(ends)).toEqual(new Set(['NoSuchKey']));
});

describe('a copy', () => {
  const described: Partial<PutObjectCommandInput> = {
    ContentType: 'text/csv',
    CacheControl: 'no-store',
    ContentDisposition: 'attachment',
    ContentEncoding: 'gzip',
    ContentLanguage: 'de',
    Metadata: { team: 'reports' },
    Tagging: 'team=reports&level=1',
    StorageClass: 'STANDARD_IA',
    WebsiteRedirectLocation: '/elsewhere',
  };
  beforeAll(() => put('described', 'a,b\n', described));

  test('takes content, headers, metadata and tags along, and not storage class and redirect', async () => {
    const done = await copy('described', 'copied');
    expect(done.CopyObjectResult).toMatchObject({
      ETag: `"${createHash('md5').update('a,b\n').digest('hex')}"`,
      LastModified: expect.any(Date),
    });
    const got = await get('copied');
    expect(got).toMatchObject({
      ContentType: 'text/csv',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment',
      ContentEncoding: 'gzip',
      ContentLanguage: 'de',
      Metadata: { team: 'reports' },
      TagCount: 2,
    });
    expect(got.StorageClass).toBeUndefined();
    expect(got.WebsiteRedirectLocation).toBeUndefined();
    expect(await got.Body!.transformToString()).toBe('a,b\n');
  });

  test('has what the request says instead, where that replaces', async () => {
    await copy('described', 'replaced', {
      MetadataDirective: 'REPLACE',
      TaggingDirective: 'REPLACE',
      ContentType: 'text/plain',
      Metadata: { other: 'yes' },
      StorageClass: 'ONEZONE_IA',
      WebsiteRedirectLocation: '/new',
    });
    const got = await head('replaced');
    expect(got).toMatchObject({
      ContentType: 'text/plain',
      Metadata: { other: 'yes' },
      StorageClass: 'ONEZONE_IA',
      WebsiteRedirectLocation: '/new',
    });
    expect(got.CacheControl).toBeUndefined();
    expect(got.TagCount).toBeUndefined();
    await copy('described', 'tagged', { TaggingDirective: 'REPLACE', Tagging: 'one=1' });
    expect(await head('tagged')).toMatchObject({ TagCount: 1, ContentType: 'text/csv' });
  });

  test('of several MiB is the same byte for byte, and its ETag that of the whole', async () => {
    const bytes = randomBytes(3_000_000);
    await put('large', bytes);
    const { CopyObjectResult } = await copy('large', 'large-copy');
    expect(CopyObjectResult!.ETag).toBe(`"${createHash('md5').update(bytes).digest('hex')}"`);
    expect(bytes.equals(await (await get('large-copy')).Body!.transformToByteArray())).toBe(true);
    await put('empty', Buffer.alloc(0));
    await copy('empty', 'empty-copy');
    expect(await textOf('empty-copy')).toBe('');
  });

  test.each([
    ['encoded', `${FROM}/sub%20folder/a%2Bb%25%3F%F0%9F%93%A6`],
    ['with a slash before it', `/${FROM}/sub%20folder/a%2Bb%25%3F%F0%9F%93%A6`],
    ['encoded whole', encodeURIComponent(`${FROM}/sub folder/a+b%?📦`)],
  ])('finds its source %s', async (_, CopySource) => {
    await put('sub folder/a+b%?📦', 'odd');
    await source.s3.send(new CopyObjectCommand({ Bucket: FROM, Key: 'odd', CopySource }));
    expect(await textOf('odd')).toBe('odd');
  });

  test('onto itself must change something', async () => {
    await put('itself', 'x', { Metadata: { a: '1' } });
    expect(await failureOf(copy('itself', 'itself'))).toMatchObject({ code: 'InvalidRequest', status: 400 });
    await copy('itself', 'itself', { MetadataDirective: 'REPLACE', Metadata: { b: '2' } });
    expect(await head('itself')).toMatchObject({ Metadata: { b: '2' } });
    await copy('itself', 'itself', { StorageClass: 'STANDARD_IA' });
    expect(await head('itself')).toMatchObject({ Metadata: { b: '2' }, StorageClass: 'STANDARD_IA' });
  });

  test('keeps the algorithm of its checksum, or gets another', async () => {
    await put('summed', 'x', { ChecksumAlgorithm: 'SHA256' });
    const kept = await copy('summed', 'kept');
    const sha = createHash('sha256').update('x').digest('base64');
    expect(kept.CopyObjectResult).toMatchObject({ ChecksumSHA256: sha, ChecksumType: 'FULL_OBJECT' });
    await copy('summed', 'changed', { ChecksumAlgorithm: 'SHA1' });
    expect(await head('changed', { ChecksumMode: 'ENABLED' })).toMatchObject({
      ChecksumSHA1: createHash('sha1').update('x').digest('base64'),
    });
  });

  test('between kinds of encryption', async () => {
    const key = (byte: number) => ({
      SSECustomerAlgorithm: 'AES256',
      SSECustomerKey: Buffer.alloc(32, byte).toString('base64'),
    });
    const { SSECustomerKey, SSECustomerAlgorithm } = key(1);
    await put('kms', 'sealed', { ServerSideEncryption: 'aws:kms' });
    const done = await copy('kms', 'plain', { ServerSideEncryption: 'AES256' });
    expect(done.ServerSideEncryption).toBe('AES256');
    expect(await textOf('plain')).toBe('sealed');
    const wrong = copy('plain', 'never', {
      CopySourceSSECustomerAlgorithm: SSECustomerAlgorithm,
      CopySourceSSECustomerKey: SSECustomerKey,
    });
    expect(await failureOf(wrong)).toMatchObject({ code: 'InvalidRequest', status: 400 });
  });
});

describe('a copy is refused', () => {
  let etag: string;
  beforeAll(async () => {
    ({ ETag: etag = '' } = await put('there', 'x'));
    await put('target', 'y');
  });
  const hour = (offset: number) => new Date(Date.now() + offset * 3_600_000);

  test.each<[string, () => Partial<CopyObjectCommandInput>, string, number]>([
    ['of what is not there', () => ({ CopySource: `${FROM}/none` }), 'NoSuchKey', 404],
    ['from no bucket', () => ({ CopySource: 'no-such-bucket/k' }), 'NoSuchBucket', 404],
    ['without a key', () => ({ CopySource: FROM }), 'InvalidArgument', 400],
    ['by a directive that is none', () => ({ MetadataDirective: 'KEEP' as never }), 'InvalidArgument', 400],
    ['by another', () => ({ TaggingDirective: 'KEEP' as never }), 'InvalidArgument', 400],
    ['if it is another', () => ({ CopySourceIfMatch: '"x"' }), 'PreconditionFailed', 412],
    ['if it is the same', () => ({ CopySourceIfNoneMatch: etag }), 'PreconditionFailed', 412],
    ['if it is old', () => ({ CopySourceIfModifiedSince: hour(1) }), 'PreconditionFailed', 412],
    ['if it is new', () => ({ CopySourceIfUnmodifiedSince: hour(-1) }), 'PreconditionFailed', 412],
    ['onto what is there', () => ({ Key: 'target', IfNoneMatch: '*' }), 'PreconditionFailed', 412],
    ['from another owner', () => ({ ExpectedSourceBucketOwner: DESTINATION }), 'AccessDenied', 403],
    [
      'by a version that is none',
      () => ({ CopySource: `${FROM}/there?versionId=x` }),
      'InvalidArgument',
      400,
    ],
  ])('%s', async (_, extra, code, status) => {
    expect(await failureOf(copy('there', 'never', extra()))).toMatchObject({ code, status });
  });

  test('not where one condition holds and makes the date beside it not count', async () => {
    await copy('there', 'conditional', { CopySourceIfMatch: etag, CopySourceIfUnmodifiedSince: hour(-1) });
    expect(await textOf('conditional')).toBe('x');
  });
});

describe('between accounts', () => {
  beforeAll(async () => {
    await put('reports/a', 'mine', { Tagging: 'team=reports' });
    await put('reports/plain', 'mine');
  });
  const policyOn = (client: Clients, Bucket: string, ...statements: Statement[]) =>
    client.s3.send(new PutBucketPolicyCommand({ Bucket, Policy: documentOf(...statements) }));
  const across = (key: string, extra: Partial<CopyObjectCommandInput> = {}) =>
    user.s3.send(new CopyObjectCommand({ Bucket: TO, Key: 'in', CopySource: `${FROM}/${key}`, ...extra }));
  const toUserOf = (bucket: string, ...Action: string[]) => ({
    Principal: { AWS: userArn },
    Action,
    Resource: `arn:aws:s3:::${bucket}/*`,
  });
  const toUser = (...Action: string[]) => toUserOf(TO, ...Action);
  const denied = { code: 'AccessDenied', status: 403 };

  beforeEach(() => policyOn(owner, TO, toUser('s3:PutObject')));

  test('the writer needs the destination, and the source', async () => {
    await across('reports/plain');
    await policyOn(owner, TO, toUser('s3:GetObject'));
    expect(await failureOf(across('reports/plain'))).toMatchObject(denied);
    await policyOn(owner, TO, toUser('s3:PutObject'));
    await policyOn(source, FROM, {
      Effect: 'Deny',
      Principal: { AWS: userArn },
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${FROM}/reports/plain`,
    });
    expect(await failureOf(across('reports/plain'))).toMatchObject(denied);
    await policyOn(source, FROM, toUserOf(FROM, 's3:GetObject'));
  });

  test('tags need a permission of their own, unless they stay behind', async () => {
    expect(await failureOf(across('reports/a'))).toMatchObject(denied);
    await across('reports/a', { TaggingDirective: 'REPLACE' });
    await policyOn(owner, TO, toUser('s3:PutObject', 's3:PutObjectTagging'));
    await across('reports/a');
    const got = await owner.s3.send(new HeadObjectCommand({ Bucket: TO, Key: 'in' }));
    expect(got.TagCount).toBe(1);
  });

  test('a missing source is told to those who may list it', async () => {
    expect(await failureOf(across('none'))).toMatchObject({ code: 'NoSuchKey' });
    await policyOn(source, FROM, {
      Effect: 'Deny',
      Principal: { AWS: userArn },
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${FROM}`,
    });
    expect(await failureOf(across('none'))).toMatchObject(denied);
    await policyOn(source, FROM, toUserOf(FROM, 's3:GetObject'));
  });

  test('through an access point of the source, by its ARN', async () => {
    const control = controlClient(aws, aws.account(SOURCE).root);
    const point = { AccountId: SOURCE, Name: 'reports' };
    await control.send(new CreateAccessPointCommand({ ...point, Bucket: FROM }));
    const { AccessPointArn, Alias } = await control.send(new GetAccessPointCommand(point));
    const through = (begin: string) =>
      user.s3.send(
        new CopyObjectCommand({ Bucket: TO, Key: 'through', CopySource: `${begin}reports%2Fplain` }),
      );
    await through(`${AccessPointArn}/object/`);
    await through(`${Alias}/`);
    await control.send(
      new PutAccessPointPolicyCommand({
        ...point,
        Policy: documentOf({
          Effect: 'Deny',
          Principal: { AWS: userArn },
          Action: 's3:GetObject',
          Resource: `${AccessPointArn}/object/*`,
        }),
      }),
    );
    expect(await failureOf(through(`${AccessPointArn}/object/`))).toMatchObject(denied);
    expect(await failureOf(through(`${Alias}/`))).toMatchObject(denied);
  });
});

describe('versions', () => {
  const Bucket = 'copies-of-versions';
  test('one is copied by its id, and the copy has its own', async () => {
    const { s3 } = source;
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const first = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'first' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'second' }));
    // Brings an old version back.
    const CopySource = `${Bucket}/k?versionId=${first.VersionId}`;
    const done = await s3.send(new CopyObjectCommand({ Bucket, Key: 'k', CopySource }));
    expect(done.CopySourceVersionId).toBe(first.VersionId);
    expect(done.VersionId).not.toBe(first.VersionId);
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(await got.Body!.transformToString()).toBe('first');
  });
});
