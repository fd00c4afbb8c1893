import { request } from 'node:http';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  RestoreObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients, type Identity } from './clients.ts';
import { presign, refusalOf, send, sign } from './signer.ts';

const Bucket = 'headers';
let aws: Sandbox;
let owner: Identity;
let s3: Clients['s3'];
const clock = new SandboxClock();
beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION], clock });
  owner = aws.account(DESTINATION).root;
  ({ s3 } = clientsOf(aws, owner));
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.close());

const url = (key: string) => `${aws.endpoint}/${Bucket}/${key}`;
/** A PUT with headers as they are. */
const put = (key: string, headers: Record<string, string>, body = 'x') =>
  send(sign({ method: 'PUT', url: url(key), headers, body }, { identity: owner }), body);
const headOf = (key: string, headers: Record<string, string> = {}) =>
  send(sign({ method: 'HEAD', url: url(key), headers }, { identity: owner }));
const getOf = (key: string, headers: Record<string, string> = {}) =>
  send(sign({ url: url(key), headers }, { identity: owner }));

test('times are whole seconds, in listings as in headers', async () => {
  const Keys = ['time-1', 'time-2', 'time-3'];
  for (const key of Keys) await put(key, {});
  const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'time-' }));
  const heads = await Promise.all(Keys.map((Key) => s3.send(new HeadObjectCommand({ Bucket, Key }))));
  expect(Contents!.map(({ LastModified }) => LastModified)).toEqual(
    heads.map(({ LastModified }) => LastModified),
  );
});

describe('system headers', () => {
  test('come back as they were sent', async () => {
    const headers = {
      'content-type': 'text/csv; charset=utf-8',
      'cache-control': 'max-age=60, must-revalidate',
      'content-disposition': 'attachment; filename="a b.csv"',
      'content-encoding': 'gzip',
      'content-language': 'de, en',
      expires: 'Thu, 01 Dec 1994 16:00:00 GMT',
      'x-amz-website-redirect-location': 'https://example.com/x',
      'x-amz-storage-class': 'ONEZONE_IA',
    };
    await put('all', headers);
    const answer = await headOf('all');
    for (const [name, value] of Object.entries(headers)) expect(answer.headers.get(name), name).toBe(value);
  });

  test.each(['0', 'never', 'Thu, 1 Dec'])('an Expires that is no date is kept: %s', async (expires) => {
    expect((await put('expires', { expires })).status).toBe(200);
    expect((await headOf('expires')).headers.get('expires')).toBe(expires);
  });

  test('aws-chunked is no part of the encoding, and an empty header is none', async () => {
    await put('chunked', { 'content-encoding': 'aws-chunked', 'cache-control': '' });
    const { headers } = await headOf('chunked');
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('cache-control')).toBeNull();
  });

  test.each<[string, Partial<PutObjectCommandInput>, string]>([
    ['a redirect to nowhere', { WebsiteRedirectLocation: 'elsewhere' }, 'InvalidRedirectLocation'],
    ['a storage class that is none', { StorageClass: 'SHELF' as never }, 'InvalidStorageClass'],
  ])('%s is refused', async (_, extra, code) => {
    const refused = s3.send(new PutObjectCommand({ Bucket, Key: 'never', Body: 'x', ...extra }));
    expect(await failureOf(refused)).toMatchObject({ code, status: 400 });
  });
});

describe('user-defined metadata', () => {
  test('beyond ASCII travels in encoded words', async () => {
    const word = `=?UTF-8?B?${Buffer.from('März').toString('base64')}?=`;
    await put('words', {
      'x-amz-meta-base64': word,
      'x-amz-meta-quoted': '=?utf-8?Q?M=C3=A4rz_2026?=',
      'x-amz-meta-plain': 'a =?b?= c',
    });
    const { headers } = await headOf('words');
    expect(headers.get('x-amz-meta-base64')).toBe(word);
    expect(headers.get('x-amz-meta-quoted')).toBe(
      `=?UTF-8?B?${Buffer.from('März 2026').toString('base64')}?=`,
    );
    expect(headers.get('x-amz-meta-plain')).toBe('a =?b?= c');
  });

  test('of one name in several headers is a list', async () => {
    const signed = sign(
      { method: 'PUT', url: url('list'), headers: { 'x-amz-meta-a': '1,2' }, body: '' },
      { identity: owner },
    );
    const status = await new Promise((resolve, reject) => {
      const { 'x-amz-meta-a': _, ...headers } = signed.headers;
      const call = request(signed.url, { method: 'PUT', headers: { ...headers, 'content-length': '0' } });
      call.setHeader('x-amz-meta-a', ['1', '2']);
      call.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
      call.end();
    });
    expect(status).toBe(200);
    expect((await headOf('list')).headers.get('x-amz-meta-a')).toBe('1, 2');
  });

  test('has its limit: 2 KB of names and values', async () => {
    const exact = { 'x-amz-meta-n': 'v'.repeat(2047) };
    expect((await put('limit', exact)).status).toBe(200);
    expect(await refusalOf(await put('limit', { 'x-amz-meta-nn': 'v'.repeat(2047) }))).toMatchObject({
      status: 400,
      code: 'MetadataTooLarge',
    });
  });
});

describe('reads', () => {
  beforeAll(() => put('read', { 'content-type': 'text/csv' }, '0123456789'));

  test('may override headers in their answer, if they are signed', async () => {
    const overrides = {
      'response-content-type': 'text/plain',
      'response-cache-control': 'no-cache',
      'response-content-disposition': 'attachment; filename=x',
      'response-content-encoding': 'identity',
      'response-content-language': 'fr',
      'response-expires': 'whenever',
    };
    const query = new URLSearchParams(overrides).toString().replaceAll('+', '%20');
    const answer = await fetch(presign({ url: `${url('read')}?${query}` }, { identity: owner }));
    expect(await answer.text()).toBe('0123456789');
    for (const [name, value] of Object.entries(overrides))
      expect(answer.headers.get(name.replace('response-', '')), name).toBe(value);
  });

  test.each(['if-modified-since', 'if-unmodified-since'])(
    '%s that is no date does not count',
    async (name) => {
      expect((await getOf('read', { [name]: 'yesterday' })).status).toBe(200);
    },
  );

  test('HEAD says what GET says, without the body', async () => {
    const [head, get] = await Promise.all([headOf('read'), getOf('read')]);
    expect(await head.text()).toBe('');
    const known = (headers: Headers) =>
      [...headers].filter(
        ([name]) => !/^(date|connection|keep-alive|x-amz-request-id|x-amz-id-2|x-amzn-requestid)$/.test(name),
      );
    expect(known(head.headers)).toEqual(known(get.headers));
    const part = await headOf('read', { range: 'bytes=2-4' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 2-4/10');
    expect(part.headers.get('content-length')).toBe('3');
    expect(get.headers.get('server')).toBe('AmazonS3');
    expect(get.headers.get('x-amz-id-2')).toBeTruthy();
    const missing = await headOf('none');
    expect(missing.status).toBe(404);
    expect(await missing.text()).toBe('');
  });

  test('a plus in a path is a space', async () => {
    await put('plus%20sign', {}, 'space');
    const signed = sign({ url: url('plus%2Bsign') }, { identity: owner });
    const answer = await send({ ...signed, url: url('plus+sign') });
    expect(await answer.text()).toBe('space');
  });
});

describe('what is archived', () => {
  const at = { Bucket, Key: 'archived' };
  const get = () => s3.send(new GetObjectCommand(at));
  const restore = (Key: string, RestoreRequest?: object) =>
    s3.send(new RestoreObjectCommand({ Bucket, Key, RestoreRequest }));

  test('is read when it was restored, until that ends', async () => {
    await s3.send(new PutObjectCommand({ ...at, Body: 'cold', StorageClass: 'DEEP_ARCHIVE' }));
    expect(await failureOf(get())).toMatchObject({ code: 'InvalidObjectState', status: 403 });
    const copy = new CopyObjectCommand({ Bucket, Key: 'warm', CopySource: `${Bucket}/archived` });
    expect(await failureOf(s3.send(copy))).toMatchObject({ code: 'ObjectNotInActiveTierError', status: 403 });
    expect((await s3.send(new HeadObjectCommand(at))).StorageClass).toBe('DEEP_ARCHIVE');

    expect((await restore('archived', { Days: 2 })).$metadata.httpStatusCode).toBe(202);
    expect((await restore('archived', { Days: 3 })).$metadata.httpStatusCode).toBe(200);
    const got = await get();
    expect(got.Restore).toMatch(/^ongoing-request="false", expiry-date="\w{3}, .* 00:00:00 GMT"$/);
    expect(await got.Body!.transformToString()).toBe('cold');
    await s3.send(copy);
    clock.advance(5 * 86_400_000);
    expect(await failureOf(get())).toMatchObject({ code: 'InvalidObjectState' });
  });

  test.each<[string, string, object | undefined, string, number]>([
    ['what is not archived', 'read', { Days: 1 }, 'InvalidObjectState', 403],
    ['what is not there', 'none', { Days: 1 }, 'NoSuchKey', 404],
    ['for no days', 'archived', { Days: 0 }, 'MalformedXML', 400],
  ])('%s cannot be restored', async (_, key, request, code, status) => {
    expect(await failureOf(restore(key, request))).toMatchObject({ code, status });
  });
});
