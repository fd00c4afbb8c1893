import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromCrossAccountRole } from '../credentials/from-cross-account-role.ts';
import { emptyHome } from '../testing/empty-home.ts';
import { startServer, type Reply, type TestServer } from '../testing/http-server.ts';
import { listPage, s3Error } from '../testing/s3-xml.ts';
import { signerOf, startSts, type StsServer } from '../testing/sts-server.ts';
import { openBucket } from './bucket.ts';
import type { BucketOptions } from './bucket-options.ts';

const source = { accessKeyId: 'AKIASOURCE', secretAccessKey: 'source-secret' };
let roles = 0;

let s3: TestServer;
let sts: StsServer;

beforeEach(async () => {
  emptyHome();
  s3 = await startServer(() => ({}));
  sts = await startSts();
  vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
  vi.stubEnv('AWS_ENDPOINT_URL_STS', sts.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all([s3.close(), sts.close()]);
});

const roleArn = () => `arn:aws:iam::222222222222:role/bucket-reader-${++roles}`;
const open = (options: Partial<BucketOptions> = {}) =>
  openBucket({ bucket: 'acme-reports', credentials: source, clientConfig: { maxAttempts: 1 }, ...options });
const all = async <T>(items: AsyncIterable<T>) => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};
const reply = (answer: Reply) => {
  s3.reply = () => answer;
};
const errorOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('requests', () => {
  test('by the role route are signed by the session and expect the owner that the role belongs to', async () => {
    reply({ body: 'hello' });
    const bucket = open({ roleArn: roleArn(), externalId: 'ext-1' });
    expect(await (await bucket.get('a b/ü.txt')).text()).toBe('hello');
    expect(sts.calls[0]!.params.get('ExternalId')).toBe('ext-1');
    const [request] = s3.received;
    expect(signerOf(request!)).toMatch(/^ASIA/);
    expect(request!.url.pathname).toBe('/acme-reports/a%20b/%C3%BC.txt');
    expect(request!.headers['x-amz-expected-bucket-owner']).toBe('222222222222');
  });

  test('by the bucket-policy route are signed by the source, and expect the owner that is given', async () => {
    await open({ expectedOwner: '222222222222' }).head('k');
    await open().head('k');
    await open({ roleArn: roleArn(), expectedOwner: false }).head('k');
    expect(s3.received.map(({ headers }) => headers['x-amz-expected-bucket-owner'])).toEqual([
      '222222222222',
      undefined,
      undefined,
    ]);
    expect(signerOf(s3.received[0]!)).toBe('AKIASOURCE');
  });

  test('every method sends the owner', async () => {
    s3.reply = ({ method, url }) => (method === 'GET' && !url.pathname.endsWith('k') ? listPage({}) : {});
    const bucket = open({ expectedOwner: '222222222222' });
    await all(bucket.list());
    await bucket.get('k');
    await bucket.head('k');
    await bucket.put('k', 'x');
    await bucket.put('k', Readable.from(['abc']), { size: 3 });
    await bucket.delete('k');
    expect(new Set(s3.received.map(({ headers }) => headers['x-amz-expected-bucket-owner']))).toEqual(
      new Set(['222222222222']),
    );
  });

  test('a profile leads to its own endpoint', async () => {
    vi.unstubAllEnvs();
    emptyHome({
      config: `[profile app]\nregion = eu-west-1\nendpoint_url = ${s3.url}\n`,
      credentials: '[app]\naws_access_key_id = AKIAAPP\naws_secret_access_key = s\n',
    });
    await openBucket({ bucket: 'acme-reports', profile: 'app' }).head('k');
    expect(signerOf(s3.received[0]!)).toBe('AKIAAPP');
  });
});

describe('list', () => {
  test('goes through every page, and asks for the next one only when it is needed', async () => {
    s3.reply = ({ url }) =>
      url.searchParams.get('continuation-token') === 'page 2'
        ? listPage({ keys: ['r/c'] })
        : listPage({ keys: ['r/a', 'r/b'], next: 'page 2' });
    const bucket = open();
    for await (const { key } of bucket.list({ prefix: 'r/' })) {
      expect(key).toBe('r/a');
      break;
    }
    expect(s3.received).toHaveLength(1);
    expect((await all(bucket.list({ prefix: 'r/' }))).map(({ key }) => key)).toEqual(['r/a', 'r/b', 'r/c']);
    expect(s3.received[0]!.url.searchParams.get('prefix')).toBe('r/');
  });

  test('yields sizes, dates and tags of objects, and prefixes with a delimiter', async () => {
    reply(listPage({ keys: ['readme'], prefixes: ['reports/'] }));
    expect(await all(open().list({ delimiter: '/' }))).toEqual([
      {
        key: 'readme',
        size: 6,
        modified: new Date('2026-01-02T03:04:05Z'),
        etag: '"e"',
        storageClass: undefined,
      },
      { prefix: 'reports/' },
    ]);
  });

  test('keys that XML cannot hold come through', async () => {
    reply(listPage({ keys: ['a+b%2Bc%01%E2%82%AC'], encoded: true }));
    expect((await all(open().list())).map(({ key }) => key)).toEqual(['a b+c\u0001€']);
    expect(s3.received[0]!.url.searchParams.get('encoding-type')).toBe('url');
  });

  const page = String(listPage({ keys: ['a', 'b'], next: 'n' })!.body);
  test.each([
    ['that is cut off', page.slice(0, page.indexOf('</ListBucketResult>'))],
    ['that is some page of the network', '<html><body>Please log in</body></html>'],
    ['that is empty', ''],
    ['that goes on and does not say how', page.replace(/<NextContinuationToken>.*<\/Next\w+>/, '')],
    ['that does not say whether it goes on', page.replace(/<IsTruncated>true<\/IsTruncated>/, '')],
    ['with an object without a name', page.replace('<Key>a</Key>', '')],
    ['with an object without a size', page.replace('<Size>1</Size>', '<Size>many</Size>')],
    ['with an object that does not end', page.replaceAll('</Contents>', '')],
    ['with a broken name', String(listPage({ keys: ['%E2%82'], encoded: true })!.body)],
  ])('an answer %s is an error, and no shorter listing', async (_, body) => {
    reply({ body });
    expect(await errorOf(all(open().list()))).toMatchObject({ code: 's3-failed' });
  });

  test('an answer that is cut off is asked for again', async () => {
    s3.reply = (_, index) => (index === 0 ? { body: page.slice(0, 200) } : listPage({ keys: ['a'] }));
    expect(await all(open({ clientConfig: { maxAttempts: 2 } }).list())).toHaveLength(1);
  });
});

describe('get and put', () => {
  test('an object is read as bytes, text, JSON or a stream', async () => {
    reply({
      body: '{"a":1}',
      headers: { etag: '"e"', 'content-type': 'application/json', 'x-amz-meta-team': 'data' },
    });
    const bucket = open();
    const object = await bucket.get('k');
    expect(object).toMatchObject({
      key: 'k',
      size: 7,
      etag: '"e"',
      contentType: 'application/json',
      metadata: { team: 'data' },
    });
    expect(await object.json()).toEqual({ a: 1 });
    expect(await (await bucket.get('k')).bytes()).toEqual(new TextEncoder().encode('{"a":1}'));
    expect((await all((await bucket.get('k')).stream())).join('')).toBe('{"a":1}');
  });

  test('a range is asked for in bytes', async () => {
    await open().get('k', { range: { start: 5, end: 9 } });
    await open().get('k', { range: { start: 5 }, versionId: 'v1' });
    expect(s3.received.map(({ headers }) => headers.range)).toEqual(['bytes=5-9', 'bytes=5-']);
    expect(s3.received[1]!.url.searchParams.get('versionId')).toBe('v1');
    expect(await errorOf(open().get('k', { range: { start: 9, end: 5 } }))).toMatchObject({
      code: 'invalid-option',
    });
  });

  test('what is not JSON is an error that names the object', async () => {
    reply({ body: '<html>' });
    const object = await open().get('page');
    expect(await errorOf(object.json())).toMatchObject({
      code: 'not-json',
      message: expect.stringContaining('s3://acme-reports/page'),
    });
  });

  test('text, bytes and streams of known size are written', async () => {
    reply({ headers: { etag: '"e"', 'x-amz-version-id': 'v7' } });
    const bucket = open();
    expect(await bucket.put('k', 'é', { contentType: 'text/plain', metadata: { a: 'b' } })).toEqual({
      etag: '"e"',
      versionId: 'v7',
    });
    await bucket.put('k', new Uint8Array([65, 66]));
    await bucket.put('k', Readable.from([Buffer.from('abc')]), { size: 3, input: { IfNoneMatch: '*' } });
    const [text, bytes, stream] = s3.received;
    expect(text!.body).toBe('é');
    expect(text!.headers).toMatchObject({ 'content-type': 'text/plain', 'x-amz-meta-a': 'b' });
    expect(bytes!.body).toBe('AB');
    expect(stream!.body).toContain('abc');
    expect(stream!.headers).toMatchObject({ 'if-none-match': '*' });
  });

  test('a stream of unknown size is refused before anything is sent', async () => {
    expect(await errorOf(open().put('k', Readable.from(['abc'])))).toMatchObject({
      code: 'invalid-option',
      help: expect.stringContaining('size'),
    });
    expect(s3.received).toHaveLength(0);
  });
});

describe('the region of the bucket', () => {
  const regionOf = ({ headers }: { headers: { authorization?: string } }) =>
    /\d{8}\/([^/]+)\/s3/.exec(headers.authorization ?? '')?.[1];
  const elsewhere = (region: string, wrong: Reply) => {
    s3.reply = (request) => (regionOf(request) === region ? { body: 'ok' } : wrong);
  };

  test.each([
    ['a redirect', { ...s3Error(301, 'PermanentRedirect'), headers: { 'x-amz-bucket-region': 'eu-west-3' } }],
    [
      'a malformed header',
      s3Error(400, 'AuthorizationHeaderMalformed', 'wrong', '<Region>eu-west-3</Region>'),
    ],
  ])('is followed after %s, and remembered', async (_, wrong) => {
    elsewhere('eu-west-3', wrong);
    const bucket = open({ region: 'us-east-1' });
    expect(await (await bucket.get('a')).text()).toBe('ok');
    await bucket.get('b');
    expect(s3.received.map(regionOf)).toEqual(['us-east-1', 'eu-west-3', 'eu-west-3']);
  });

  test('is found before a stream is sent, which could not be sent twice', async () => {
    elsewhere('eu-west-3', { status: 301, headers: { 'x-amz-bucket-region': 'eu-west-3' } });
    await open({ region: 'us-east-1' }).put('k', Readable.from(['abc']), { size: 3 });
    expect(s3.received.map((request) => [request.method, regionOf(request)])).toEqual([
      ['HEAD', 'us-east-1'],
      ['HEAD', 'eu-west-3'],
      ['PUT', 'eu-west-3'],
    ]);
  });

  test("is left to the owner of the client when the client is somebody's own", async () => {
    elsewhere('eu-west-3', {
      ...s3Error(301, 'PermanentRedirect'),
      headers: { 'x-amz-bucket-region': 'eu-west-3' },
    });
    const client = new S3Client({ region: 'us-east-1', credentials: source, maxAttempts: 1 });
    expect(await errorOf(openBucket({ bucket: 'acme-reports', client }).get('k'))).toMatchObject({
      code: 'wrong-region',
    });
  });
});

test.each([
  [undefined, 'acme-reports', 'https://acme-reports.s3.eu-west-1.amazonaws.com/k'],
  // No certificate covers it.
  [undefined, 'acme.reports', 'https://s3.eu-west-1.amazonaws.com/acme.reports/k'],
  ['http://127.0.0.1:9000', 'acme.reports', 'http://127.0.0.1:9000/acme.reports/k'],
  ['https://[::1]:9000', 'acme-reports', 'https://[::1]:9000/acme-reports/k'],
  ['http://localhost:9000', 'acme-reports', 'http://localhost:9000/acme-reports/k'],
  ['https://minio.example.com', 'acme-reports', 'https://minio.example.com/acme-reports/k'],
  [
    'https://bucket.vpce-1-a.s3.eu-west-1.vpce.amazonaws.com',
    'acme-reports',
    'https://acme-reports.bucket.vpce-1-a.s3.eu-west-1.vpce.amazonaws.com/k',
  ],
  [
    undefined,
    'arn:aws:s3:eu-west-1:222222222222:accesspoint/readers',
    'https://readers-222222222222.s3-accesspoint.eu-west-1.amazonaws.com/k',
  ],
  [
    'https://s3.example.com',
    'arn:aws:s3:eu-west-1:222222222222:accesspoint/readers',
    'https://readers-222222222222.s3.example.com/k',
  ],
])('at the endpoint %s, a key of %s is at %s', async (endpoint, bucket, url) => {
  vi.stubEnv('AWS_ENDPOINT_URL_S3', endpoint);
  const signed = await openBucket({ bucket, credentials: source, region: 'eu-west-1' }).presign('k');
  expect(signed.slice(0, signed.indexOf('?'))).toBe(url);
});

describe('errors', () => {
  test('a 403 carries the denial, the call and the command that explains it', async () => {
    const arn = roleArn();
    reply(s3Error(403, 'AccessDenied', 'Access Denied'));
    expect(await errorOf(open({ roleArn: arn }).get("it's.txt"))).toMatchObject({
      name: 'AccessDeniedError',
      code: 'access-denied',
      denial: { form: 'bare' },
      call: {
        action: 's3:GetObject',
        bucket: 'acme-reports',
        key: "it's.txt",
        owner: '222222222222',
        roleArn: arn,
      },
      command: String.raw`crossbucket explain s3:GetObject 's3://acme-reports/it'\''s.txt' --via ${arn} --expected-owner 222222222222`,
      message: expect.stringContaining(
        'does not say why (it answers the same when the bucket does not belong to account 222222222222)',
      ),
      cause: { name: 'AccessDenied' },
    });
  });

  test('a denial that says why is passed on', async () => {
    const user = 'arn:aws:iam::111111111111:user/app';
    const message = `User: ${user} is not authorized to perform: s3:ListBucket on resource: &quot;arn:aws:s3:::acme-reports&quot; because no identity-based policy allows the s3:ListBucket action`;
    reply(s3Error(403, 'AccessDenied', message));
    expect(await errorOf(all(open().list()))).toMatchObject({
      denial: { form: 'full', principal: user, reason: { cause: 'identity-policy-missing-allow' } },
      command: `crossbucket explain s3:ListBucket s3://acme-reports --as ${user}`,
      message: 's3:ListBucket on `s3://acme-reports` is denied: no identity policy allows it',
    });
  });

  test.each([
    ['get', 404, 'NoSuchKey', 'no-such-key'],
    ['get', 404, 'NoSuchBucket', 'no-such-bucket'],
    ['get', 403, 'InvalidAccessKeyId', 'credentials-rejected'],
    ['get', 403, 'SignatureDoesNotMatch', 'credentials-rejected'],
    ['get', 403, 'RequestTimeTooSkewed', 'clock-skew'],
    ['put', 412, 'PreconditionFailed', 'precondition-failed'],
    ['get', 500, 'InternalError', 's3-failed'],
  ] as const)('%s: %i %s is %s', async (method, status, code, ours) => {
    reply(s3Error(status, code, 'message of s3'));
    const bucket = open();
    const failed = method === 'get' ? bucket.get('k') : bucket.put('k', 'x');
    expect(await errorOf(failed)).toMatchObject({
      code: ours,
      message: expect.stringContaining('message of s3'),
      help: expect.any(String),
    });
  });

  test('the bodiless answers to a HEAD are told apart', async () => {
    reply({ status: 404 });
    expect(await errorOf(open().head('k'))).toMatchObject({ code: 'no-such-key' });
    reply({ status: 403 });
    expect(await errorOf(open().head('k'))).toMatchObject({
      code: 'access-denied',
      denial: { form: 'bare' },
      call: { action: 's3:GetObject' },
    });
  });

  test('a server that is not there', async () => {
    reply(undefined);
    expect(await errorOf(open().get('k'))).toMatchObject({ code: 's3-unreachable' });
  });

  test('hold no secrets, however deep one looks', async () => {
    reply(s3Error(403, 'AccessDenied'));
    const error = await errorOf(open({ roleArn: roleArn() }).get('k'));
    expect(inspect(error, { depth: 20, showHidden: true })).not.toMatch(/source-secret|secret-\d|token-\d/);
  });

  test('an abort stays an abort', async () => {
    const signal = AbortSignal.abort();
    expect(await errorOf(open().get('k', { signal }))).toMatchObject({ name: 'AbortError' });
  });

  test('an abort keeps its reason, also while a request is under way', async () => {
    const abort = new AbortController();
    const reason = new Error('enough');
    s3.reply = () => {
      abort.abort(reason);
      return new Promise(() => {}) as never;
    };
    const { signal } = abort;
    expect(await errorOf(open().deleteMany(['a'], { signal }))).toBe(reason);
  });

  test('a profile that is not there is named, with those that are', async () => {
    expect(await errorOf(openBucket({ bucket: 'acme-reports', profile: 'nope' }).head('k'))).toMatchObject({
      code: 'unknown-profile',
      message: 'there is no profile `nope`',
      help: expect.stringContaining('there are no profiles'),
    });
  });

  test('no credentials at all', async () => {
    const bucket = openBucket({ bucket: 'acme-reports', region: 'eu-west-1' });
    for (const call of [bucket.head('k'), bucket.get('k'), all(bucket.list())])
      expect(await errorOf(call)).toMatchObject({
        code: 'source-credentials',
        help: expect.stringContaining('AWS_PROFILE'),
      });
  });

  test('options that contradict each other are refused at once', () => {
    const arn = roleArn();
    const client = new S3Client({});
    expect(() => openBucket({ bucket: 'acme-reports', client, region: 'eu-west-1' })).toThrow(
      '`region` is given beside `client`',
    );
    expect(() => open({ bucket: 's3://acme-reports' })).toThrow(
      '`s3://acme-reports` is not the name of a bucket',
    );
    expect(() => open({ roleARN: arn } as Partial<BucketOptions>)).toThrow('there is no option `roleARN`');
    expect(() => open({ roleArn: arn, role: { roleArn: arn } })).toThrow('both `role` and `roleArn`');
    expect(() => open({ expectedOwner: '12' })).toThrow('`expectedOwner` cannot be `12`');
  });
});

describe('credentials that s3 rejects', () => {
  const expired = s3Error(400, 'ExpiredToken', 'The provided token has expired.');

  test('are dropped and fetched once, however many requests find out, and no request fails', async () => {
    const bucket = open({ roleArn: roleArn() });
    await bucket.head('warm');
    const [first] = s3.received.map(signerOf);
    s3.reply = (request) => (signerOf(request) === first ? expired : {});
    await Promise.all(Array.from({ length: 50 }, (_, i) => bucket.head(`k${i}`)));
    expect(sts.calls).toHaveLength(2);
  });

  test('are not fetched for ever when fresh ones are rejected too', async () => {
    reply(expired);
    const bucket = open({ roleArn: roleArn() });
    for (let i = 0; i < 5; i++)
      expect(await errorOf(bucket.get('k'))).toMatchObject({ code: 'credentials-rejected' });
    expect(sts.calls).toHaveLength(2);
  });

  test('a plain denial is no reason to fetch', async () => {
    reply(s3Error(403, 'AccessDenied'));
    const bucket = open({ roleArn: roleArn() });
    for (let i = 0; i < 5; i++) await errorOf(bucket.get('k'));
    expect(sts.calls).toHaveLength(1);
  });

  test('a stream is not sent twice', async () => {
    const bucket = open({ roleArn: roleArn() });
    await bucket.head('warm');
    reply(expired);
    expect(await errorOf(bucket.put('k', Readable.from(['abc']), { size: 3 }))).toMatchObject({
      code: 'credentials-rejected',
    });
  });

  test("a client of one's own that uses the provider is served as well", async () => {
    const client = new S3Client({
      region: 'eu-west-1',
      maxAttempts: 1,
      credentials: fromCrossAccountRole({ roleArn: roleArn(), credentials: source }),
    });
    const bucket = openBucket({ bucket: 'acme-reports', client });
    await bucket.head('warm');
    const [first] = s3.received.map(signerOf);
    s3.reply = (request) => (signerOf(request) === first ? expired : {});
    await bucket.head('k');
    expect(sts.calls).toHaveLength(2);
  });
});
