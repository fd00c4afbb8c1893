import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf } from './clients.ts';

const BUCKET = 'odd-keys';
let aws: Sandbox;
let pathStyle: S3Client;
let hostStyle: S3Client;
const hosts = new Set<string>();

beforeAll(async () => {
  aws = await startSandbox();
  const credentials = aws.account(DESTINATION).root;
  pathStyle = clientsOf(aws, credentials).s3;
  // Names under localhost lead to the loopback address.
  const endpoint = aws.endpoint.replace('127.0.0.1', 'localhost');
  hostStyle = new S3Client({ region: 'us-east-1', endpoint, credentials, maxAttempts: 1 });
  // Not every resolver knows names under localhost: connect to the address, with the name in the Host header.
  const { requestHandler } = hostStyle.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request, options) => {
    hosts.add(request.headers['host'] ?? '');
    request.hostname = '127.0.0.1';
    return handle(request, options);
  };
  await pathStyle.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(async () => {
  expect([...hosts]).toEqual([`${BUCKET}.localhost:${new URL(aws.endpoint).port}`]);
  await aws.close();
});

const keys = [
  'with space.txt',
  ' leading and trailing ',
  'plus+sign&ampersand=equals',
  'percent%20and%2Fslash%',
  'a//b///c',
  '/starts with a slash',
  'ends with a slash/',
  '.',
  '..',
  'a/../b/./c',
  'back\\slash',
  `quotes'"and<angles>`,
  'question?mark#hash;semicolon:colon@at!bang*star(paren)~tilde`tick^caret|pipe{brace}[bracket],comma$dollar',
  'Überblick März – façade',
  'rocket 🚀 and 日本語',
  'e\u0301 is not \u00E9',
  'tab\tand\nline\rends',
  'a?acl',
  'x-id=PutObject',
  '__proto__',
  'constructor',
  'k'.repeat(1024),
  `${'🚀'.repeat(255)}abcd`,
];
const cases = keys.map((key) => [
  key.length > 40 ? `${key.slice(0, 8)}... (${Buffer.byteLength(key)} bytes)` : key,
  key,
]);

describe.each([
  ['path', () => pathStyle],
  ['virtual-host', () => hostStyle],
])('%s style', (style, client) => {
  test.each(cases)('%j', async (_, Key) => {
    const s3 = client();
    const at = { Bucket: BUCKET, Key: Key! };
    const body = `${style} ${Key}`;
    await s3.send(new PutObjectCommand({ ...at, Body: body }));
    const got = await s3.send(new GetObjectCommand(at));
    expect(await got.Body!.transformToString()).toBe(body);
    expect((await s3.send(new HeadObjectCommand(at))).ContentLength).toBe(Buffer.byteLength(body));
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: Key! }));
    expect(listed.Contents?.map((object) => object.Key)).toContain(Key);
    const encoded = await s3.send(
      new ListObjectsV2Command({ Bucket: BUCKET, Prefix: Key!, EncodingType: 'url' }),
    );
    const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '));
    expect(encoded.Contents?.map((object) => decode(object.Key!))).toContain(Key);
    await s3.send(new DeleteObjectCommand(at));
    expect(await failureOf(s3.send(new GetObjectCommand(at)))).toMatchObject({ code: 'NoSuchKey' });
  });
});

describe.each([1025, 2000, 6000])('a key of %i bytes', (length) => {
  const at = { Bucket: BUCKET, Key: 'k'.repeat(length) };
  test('is too long', async () => {
    const tooLong = { code: 'KeyTooLongError', status: 400 };
    expect(await failureOf(pathStyle.send(new PutObjectCommand({ ...at, Body: 'x' })))).toMatchObject(
      tooLong,
    );
    expect(await failureOf(pathStyle.send(new GetObjectCommand(at)))).toMatchObject(tooLong);
    expect(await failureOf(pathStyle.send(new DeleteObjectCommand(at)))).toMatchObject(tooLong);
  });

  test('as prefix or start of a list finds nothing after it', async () => {
    const { Key } = at;
    for (const input of [
      { Prefix: Key },
      { StartAfter: Key },
      { ContinuationToken: Buffer.from(Key).toString('base64') },
    ]) {
      const { Contents } = await pathStyle.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input }));
      expect(Contents ?? []).toEqual([]);
    }
  });
});

test('a name that is not UTF-8 is refused', async () => {
  const answer = await fetch(`${aws.endpoint}/${BUCKET}/%FF`);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('<Code>InvalidURI</Code>');
});
