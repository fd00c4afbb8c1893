import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openBucket, type BucketOptions } from '../index.ts';
import { emptyHome } from '../testing/empty-home.ts';
import { startServer, type Reply, type TestServer } from '../testing/http-server.ts';
import { s3Error } from '../testing/s3-xml.ts';
import { signerOf, startSts, type StsServer } from '../testing/sts-server.ts';

const credentials = { accessKeyId: 'AKIASOURCE', secretAccessKey: 'source-secret' };
let s3: TestServer;
let sts: StsServer;
let roles = 0;

beforeEach(async () => {
  emptyHome();
  s3 = await startServer(() => ({ body: 'hello', headers: { etag: '"e"' } }));
  sts = await startSts();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([s3.close(), sts.close()]);
});

const open = (options: Partial<BucketOptions> = {}) =>
  openBucket({ bucket: 'acme-reports', credentials, region: 'us-east-1', ...options });
const role = () => ({ roleArn: `arn:aws:iam::222222222222:role/lean-${++roles}` });
const read = async (bucket = open()) => {
  const { PassThrough } = await import('node:stream');
  const stream = new PassThrough();
  await bucket.download('a b/ü.txt', stream);
  stream.end();
  return String(stream.read());
};
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
/** The replies in order, and then the object. */
const first = (...replies: Reply[]) => {
  s3.reply = (_, index) =>
    index < replies.length ? replies[index] : { body: 'hello', headers: { etag: '"e"' } };
};
const regions = () =>
  s3.received.map(({ headers }) => /Credential=[^/]+\/\d+\/([^/]+)/.exec(headers.authorization!)![1]);

test("a request is the SDK's own but for its middleware", async () => {
  expect(await read(open(role()))).toBe('hello');
  const [request] = s3.received;
  expect(request).toMatchObject({
    method: 'GET',
    url: expect.objectContaining({ pathname: '/acme-reports/a%20b/%C3%BC.txt' }),
    headers: {
      'x-amz-expected-bucket-owner': '222222222222',
      'x-amz-checksum-mode': 'ENABLED',
      'x-amz-security-token': 'token-1',
      'user-agent': expect.stringContaining('aws-sdk-js'),
    },
  });
  expect(signerOf(request!)).toMatch(/^ASIA/);
});

test('settings of the object reach it', async () => {
  await open().upload('k', new (await import('node:stream')).PassThrough().end('x'), {
    contentType: 'text/x',
    metadata: { a: 'b' },
    tags: { t: 'v w' },
    input: { StorageClass: 'STANDARD_IA', ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'arn:aws:kms:k' },
  });
  expect(s3.received[0]!.headers).toMatchObject({
    'content-type': 'text/x',
    'x-amz-meta-a': 'b',
    'x-amz-tagging': 't=v%20w',
    'x-amz-storage-class': 'STANDARD_IA',
    'x-amz-server-side-encryption': 'aws:kms',
    'x-amz-checksum-crc64nvme': expect.any(String),
  });
});

describe('what a client must bear', () => {
  test('a bucket in another region is followed there, by all further requests too', async () => {
    first({ ...s3Error(301, 'PermanentRedirect'), headers: { 'x-amz-bucket-region': 'eu-central-1' } });
    const bucket = open();
    expect(await read(bucket)).toBe('hello');
    expect(await read(bucket)).toBe('hello');
    expect(regions()).toEqual(['us-east-1', 'eu-central-1', 'eu-central-1']);
  });

  test.each(['ExpiredToken', 'InvalidToken', 'InvalidClientTokenId'])(
    '%s: the session is fetched once more',
    async (code) => {
      const bucket = open(role());
      await read(bucket);
      s3.received.length = 0;
      first(s3Error(400, code));
      expect(await read(bucket)).toBe('hello');
      expect(sts.calls).toHaveLength(2);
      expect(s3.received.map((request) => request.headers['x-amz-security-token'])).toEqual([
        'token-1',
        'token-2',
      ]);
    },
  );

  test('a plain denial fetches nothing, and is explained', async () => {
    first(s3Error(403, 'AccessDenied', 'Access Denied'));
    expect(await failure(read(open(role())))).toMatchObject({
      name: 'AccessDeniedError',
      code: 'access-denied',
      call: { action: 's3:GetObject', owner: '222222222222' },
    });
    expect(sts.calls).toHaveLength(1);
    expect(s3.received).toHaveLength(1);
  });

  test("a clock that is wrong is set by the server's, for this bucket", async () => {
    const ahead = 3_600_000;
    const skewed = s3Error(403, 'RequestTimeTooSkewed');
    first({ ...skewed, headers: { ...skewed!.headers, date: new Date(Date.now() + ahead).toUTCString() } });
    const bucket = open();
    expect(await read(bucket)).toBe('hello');
    await read(bucket);
    const times = s3.received.map(({ headers }) => headers['x-amz-date'] as string);
    expect(times[1]!.slice(0, 11)).not.toBe(times[0]!.slice(0, 11));
    expect(times[2]!.slice(0, 11)).toBe(times[1]!.slice(0, 11));
  });

  test('a service that is overloaded or hangs up is asked again, but not for ever', async () => {
    first(s3Error(503, 'SlowDown'), undefined, s3Error(500, 'InternalError'));
    expect(await read()).toBe('hello');
    expect(s3.received).toHaveLength(4);
    s3.received.length = 0;
    s3.reply = () => s3Error(503, 'SlowDown');
    expect(await failure(read(open({ clientConfig: { maxAttempts: 2 } })))).toMatchObject({
      code: 's3-failed',
    });
    expect(s3.received).toHaveLength(2);
  });

  test('credentials that cannot be had are told as such', async () => {
    sts.answer = () => ({ status: 403, code: 'AccessDenied' });
    expect(await failure(read(open(role())))).toMatchObject({ code: 'assume-role-denied' });
  });

  test('secrets are in no error', async () => {
    first(s3Error(403, 'SignatureDoesNotMatch'));
    const { inspect } = await import('node:util');
    const error = await failure(read(open(role())));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toMatch(/token-1|secret-1|source-secret/);
  });
});

test.each([
  ["a client of one's own", () => ({ client: true })],
  ["a request handler of one's own", () => ({ handler: true })],
])('%s is what sends', async (_, kind) => {
  const { S3Client } = await import('@aws-sdk/client-s3');
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  const requestHandler = new NodeHttpHandler();
  const handle = vi.spyOn(requestHandler, 'handle');
  const config = { credentials, region: 'us-east-1', endpoint: s3.url, forcePathStyle: true, requestHandler };
  const bucket =
    'client' in kind()
      ? openBucket({ bucket: 'acme-reports', client: new S3Client(config) })
      : open({ clientConfig: { requestHandler, endpoint: s3.url } });
  expect(await read(bucket)).toBe('hello');
  expect(handle).toHaveBeenCalledOnce();
});
