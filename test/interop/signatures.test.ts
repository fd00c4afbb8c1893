import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, type Identity } from './clients.ts';
import { refusalOf, send, sign, timestampOf, type Call, type Signing } from './signer.ts';

const BUCKET = 'signatures';
let aws: Sandbox;
let clock: SandboxClock;
let owner: Identity;

beforeAll(async () => {
  clock = new SandboxClock();
  aws = await startSandbox({ clock });
  owner = aws.account(DESTINATION).root;
  await clientsOf(aws, owner).s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => aws.close());

const minutes = (count: number) => new Date(Date.now() + count * 60_000);

interface Service {
  service: string;
  /** A call that works when it is signed well. */
  call: () => Call;
  /** Code and status of each refusal, in this service's words. */
  mismatch: [code: string, status: number];
  skewed: [code: string, status: number];
  unknownKey: [code: string, status: number];
  badToken: [code: string, status: number];
  unsignedHeader: [code: string, status: number];
  malformed: [code: string, status: number];
  unsigned: [code: string, status: number];
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
const services: Service[] = [
  {
    service: 's3',
    call: () => ({
      method: 'PUT',
      url: `${aws.endpoint}/${BUCKET}/key?x-id=PutObject`,
      headers: { 'x-amz-meta-a': 'b' },
      body: 'text',
    }),
    mismatch: ['SignatureDoesNotMatch', 403],
    skewed: ['RequestTimeTooSkewed', 403],
    unknownKey: ['InvalidAccessKeyId', 403],
    badToken: ['InvalidToken', 400],
    unsignedHeader: ['AccessDenied', 403],
    malformed: ['AuthorizationHeaderMalformed', 400],
    unsigned: ['AccessDenied', 403],
  },
  {
    service: 'sts',
    call: () => ({
      method: 'POST',
      url: `${aws.endpoint}/`,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-amz-meta-a': 'b' },
      body: 'Action=GetCallerIdentity&Version=2011-06-15',
    }),
    mismatch: ['SignatureDoesNotMatch', 403],
    skewed: ['SignatureDoesNotMatch', 403],
    unknownKey: ['InvalidClientTokenId', 403],
    badToken: ['InvalidClientTokenId', 403],
    unsignedHeader: ['SignatureDoesNotMatch', 403],
    malformed: ['IncompleteSignature', 400],
    unsigned: ['MissingAuthenticationToken', 403],
  },
  {
    service: 'cloudtrail',
    call: () => ({
      method: 'POST',
      url: `${aws.endpoint}/`,
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'CloudTrail_20131101.LookupEvents',
        'x-amz-meta-a': 'b',
      },
      body: '{"MaxResults":5}',
    }),
    mismatch: ['InvalidSignatureException', 400],
    skewed: ['InvalidSignatureException', 400],
    unknownKey: ['UnrecognizedClientException', 400],
    badToken: ['UnrecognizedClientException', 400],
    unsignedHeader: ['InvalidSignatureException', 400],
    malformed: ['IncompleteSignatureException', 400],
    unsigned: ['MissingAuthenticationTokenException', 400],
  },
];

describe.each(services)('$service', ({ service, call, ...expected }) => {
  type Change = { headers?: Record<string, string | undefined>; body?: string; url?: string };
  const attempt = async (signing: Partial<Signing> = {}, change: Change = {}) => {
    const unsent = call();
    const signed = sign(unsent, { identity: owner, service, ...signing });
    const answer = await send(signed, change.body ?? unsent.body, change);
    const { status, code } = await refusalOf(answer);
    return [code, status];
  };

  test('takes a good signature', async () => {
    expect(await attempt()).toEqual(['', 200]);
    expect(await attempt({ region: 'us-east-1', date: minutes(-14) })).toEqual(['', 200]);
    expect(await attempt({ date: minutes(14) })).toEqual(['', 200]);
  });

  test('refuses a wrong secret', async () => {
    expect(await attempt({ identity: { ...owner, secretAccessKey: 'wrong' } })).toEqual(expected.mismatch);
  });

  test('refuses a header, the path or the query changed afterwards', async () => {
    expect(await attempt({}, { headers: { 'x-amz-meta-a': 'c' } })).toEqual(expected.mismatch);
    const { url } = call();
    expect(await attempt({}, { url: `${url}${url.includes('?') ? '&' : '?'}a=b` })).toEqual(
      expected.mismatch,
    );
  });

  test('refuses a body changed afterwards', async () => {
    const body = (call().body as string).replace(/.$/, '!');
    expect(await attempt({}, { body })).toEqual(
      service === 's3' ? ['XAmzContentSHA256Mismatch', 400] : expected.mismatch,
    );
  });

  test('refuses a date that is more than fifteen minutes off, by real time', async () => {
    expect(await attempt({ date: minutes(-16) })).toEqual(expected.skewed);
    expect(await attempt({ date: minutes(16) })).toEqual(expected.skewed);
    clock.advance(3_600_000);
    expect(await attempt()).toEqual(['', 200]);
    clock.advance(-3_600_000);
  });

  test('refuses a date changed afterwards', async () => {
    expect(
      await attempt({ date: minutes(-16) }, { headers: { 'x-amz-date': timestampOf(new Date()) } }),
    ).toEqual(expected.mismatch);
  });

  test('refuses a key that nobody has', async () => {
    const identity = { accessKeyId: 'AKIAUNKNOWN000000000', secretAccessKey: 'x' };
    expect(await attempt({ identity })).toEqual(expected.unknownKey);
  });

  test('refuses a token that nobody gave', async () => {
    expect(await attempt({ identity: { ...owner, sessionToken: 'AAAA' } })).toEqual(expected.badToken);
  });

  test('refuses an x-amz- header that is not signed', async () => {
    expect(await attempt({ unsigned: ['x-amz-meta-a'] })).toEqual(expected.unsignedHeader);
    expect(await attempt({}, { headers: { 'x-amz-added': 'x' } })).toEqual(expected.unsignedHeader);
    expect(await attempt({ unsigned: ['host'] })).toEqual(expected.unsignedHeader);
  });

  test('refuses a scope of another day', async () => {
    const wrong = await attempt({ day: '20200101' });
    expect(wrong).toEqual(service === 's3' ? expected.malformed : expected.mismatch);
  });

  test.each([
    'AWS4-HMAC-SHA256 Credential=x',
    'AWS4-HMAC-SHA256 x',
    'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=x',
  ])('refuses the header %s', async (authorization) => {
    // Without a scope that names it, a request to another service than S3 is told by its target or form alone.
    if (service === 'sts') return;
    expect(await attempt({}, { headers: { authorization } })).toEqual(expected.malformed);
  });

  test('refuses a request without a date', async () => {
    const code = service === 's3' ? ['AccessDenied', 403] : expected.malformed;
    expect(await attempt({}, { headers: { 'x-amz-date': undefined } })).toEqual(code);
  });

  test('refuses a request without a signature', async () => {
    expect(await attempt({}, { headers: { authorization: undefined } })).toEqual(expected.unsigned);
  });
});

test('S3 shows what it has signed, and no secret', async () => {
  const call = { method: 'GET', url: `${aws.endpoint}/${BUCKET}/a%20b?versions` };
  const signed = sign(call, { identity: { ...owner, secretAccessKey: 'wrong' } });
  const { text } = await refusalOf(await send(signed));
  expect(text).toContain(`<AWSAccessKeyId>${owner.accessKeyId}</AWSAccessKeyId>`);
  expect(text).toContain(`<SignatureProvided>${signed.signature}</SignatureProvided>`);
  const canonical = /<CanonicalRequest>(.*?)<\/CanonicalRequest>/s
    .exec(text)?.[1]
    ?.replaceAll('&#x0A;', '\n');
  expect(canonical).toContain(`GET\n/${BUCKET}/a%20b\nversions=\nhost:`);
  expect(text).not.toContain(owner.secretAccessKey);
});

test('CloudTrail refuses a scope of another service', async () => {
  const { call } = services[2]!;
  const signed = sign(call(), { identity: owner, service: 'logs' });
  expect(await refusalOf(await send(signed, call().body))).toMatchObject({
    code: 'InvalidSignatureException',
    status: 400,
    message: "Credential should be scoped to correct service: 'cloudtrail'.",
  });
});

test('S3 wants the hash of the body in a header', async () => {
  const signed = sign(
    { url: `${aws.endpoint}/${BUCKET}` },
    { identity: owner, unsigned: ['x-amz-content-sha256'] },
  );
  const answer = await send(signed, undefined, { headers: { 'x-amz-content-sha256': undefined } });
  expect(await refusalOf(answer)).toMatchObject({ code: 'InvalidRequest', status: 400 });
});

test.each([
  ['AWS4-HMAC-SHA1 x', 'InvalidRequest'],
  ['Bearer token', 'InvalidArgument'],
  ['Basic YTpi', 'InvalidArgument'],
])('S3 does not take %j', async (authorization, code) => {
  const answer = await fetch(`${aws.endpoint}/${BUCKET}`, { headers: { authorization } });
  expect(await refusalOf(answer)).toMatchObject({ code, status: 400 });
});
