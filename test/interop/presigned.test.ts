import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assume, clientsOf, DESTINATION, documentOf, SOURCE, type Identity } from './clients.ts';
import { presign, refusalOf } from './signer.ts';

const BUCKET = 'presigned';
let aws: Sandbox;
let clock: SandboxClock;
let owner: Identity;
let object: string;

beforeAll(async () => {
  clock = new SandboxClock();
  const policies = {
    assume: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
    },
  };
  aws = await startSandbox({
    clock,
    accounts: [{ id: SOURCE, users: [{ name: 'app', policies }] }, DESTINATION],
  });
  owner = aws.account(DESTINATION).root;
  const { s3 } = clientsOf(aws, owner);
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a key+.txt', Body: 'text' }));
  object = `${aws.endpoint}/${BUCKET}/a%20key%2B.txt`;
});
afterAll(() => aws.close());

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
const answerTo = async (url: string, init?: RequestInit) => refusalOf(await fetch(url, init));

describe('a presigned URL', () => {
  test('reads with nothing but fetch', async () => {
    const answer = await fetch(presign({ url: object }, { identity: owner }));
    expect([answer.status, await answer.text()]).toEqual([200, 'text']);
    const head = await fetch(presign({ url: object, method: 'HEAD' }, { identity: owner }), {
      method: 'HEAD',
    });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '4']);
    const part = await fetch(presign({ url: object }, { identity: owner }), {
      headers: { range: 'bytes=1-2' },
    });
    expect([part.status, await part.text()]).toEqual([206, 'ex']);
  });

  test('asks for response headers in its query', async () => {
    const wanted = `${object}?response-content-type=text%2Fcsv`;
    const answer = await fetch(presign({ url: wanted }, { identity: owner }));
    expect(answer.headers.get('content-type')).toBe('text/csv');
  });

  test('states in its query what else is in headers, as SDKs put it there', async () => {
    const url = `${aws.endpoint}/${BUCKET}/hoisted`;
    const query = new URLSearchParams({
      'x-amz-meta-team': 'reports',
      'X-Amz-Tagging': 'a=1',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-checksum-crc32': 'a+NERQ==',
      'x-amz-sdk-checksum-algorithm': 'CRC32',
    });
    const put = presign({ method: 'PUT', url: `${url}?${query.toString()}` }, { identity: owner });
    const upload = (body: string, at = put) => fetch(at, { method: 'PUT', body });
    expect(await refusalOf(await upload('x'))).toMatchObject({ code: 'BadDigest' });
    expect((await upload('new')).status).toBe(200);
    const { headers } = await fetch(presign({ url }, { identity: owner }));
    expect(headers.get('x-amz-meta-team')).toBe('reports');
    expect(headers.get('x-amz-tagging-count')).toBe('1');
    expect(headers.get('x-amz-storage-class')).toBe('STANDARD_IA');
    expect(await refusalOf(await upload('new', put.replace('reports', 'others')))).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
  });

  test('writes, with the headers that were signed and no others', async () => {
    const url = `${aws.endpoint}/${BUCKET}/uploaded`;
    const put = { method: 'PUT', url, headers: { 'x-amz-meta-team': 'reports' } };
    const signed = presign(put, { identity: owner });
    const upload = (headers: Record<string, string>) =>
      fetch(signed, { method: 'PUT', body: 'new', headers });
    expect((await upload(put.headers)).status).toBe(200);
    expect(await refusalOf(await upload({ 'x-amz-meta-team': 'other' }))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    expect(await refusalOf(await upload({ ...put.headers, 'x-amz-tagging': 'a=1' }))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: 'There were headers present in the request which were not signed',
    });
    const answer = await fetch(presign({ url }, { identity: owner }));
    expect([await answer.text(), answer.headers.get('x-amz-meta-team')]).toEqual(['new', 'reports']);
  });

  test('ends when it says, by real time', async () => {
    const fresh = presign({ url: object }, { identity: owner, date: ago(50), expires: 60 });
    expect((await fetch(fresh)).status).toBe(200);
    const over = presign({ url: object }, { identity: owner, date: ago(61), expires: 60 });
    expect(await answerTo(over)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: 'Request has expired',
    });
    const early = presign({ url: object }, { identity: owner, date: ago(-3600) });
    expect(await answerTo(early)).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: 'Request is not yet valid',
    });
  });

  const altered: [string, (url: string) => string][] = [
    ['another key', (url) => url.replace('a%20key%2B.txt', 'uploaded')],
    ['one more parameter', (url) => `${url}&response-content-type=text%2Fhtml`],
    ['a longer life', (url) => url.replace('X-Amz-Expires=900', 'X-Amz-Expires=90000')],
    [
      'another date',
      (url) =>
        url.replace(
          /X-Amz-Date=\d{8}T\d{6}/,
          `X-Amz-Date=${new Date().toISOString().slice(0, 10).replaceAll('-', '')}T000000`,
        ),
    ],
    ['one digit of its signature', (url) => url.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'))],
    ['a signature that is none', (url) => url.replace(/X-Amz-Signature=.*/, 'X-Amz-Signature=abc')],
    ['a signature that is not ASCII', (url) => url.replace(/X-Amz-Signature=\w/, 'X-Amz-Signature=%C3%A9')],
  ];
  test.each(altered)('altered by %s is refused', async (_, alter) => {
    const url = presign({ url: object }, { identity: owner });
    const other = alter(url);
    expect(other).not.toBe(url);
    expect(await answerTo(other)).toMatchObject({ status: 403, code: 'SignatureDoesNotMatch' });
  });

  test('is for one method', async () => {
    const url = presign({ url: object }, { identity: owner });
    expect(await answerTo(url, { method: 'DELETE' })).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
  });

  const broken: [string, (url: string) => string][] = [
    ['no date', (url) => url.replace(/&X-Amz-Date=[^&]*/, '')],
    ['no lifetime', (url) => url.replace(/&X-Amz-Expires=[^&]*/, '')],
    ['no signature', (url) => url.replace(/&X-Amz-Signature=[^&]*/, '')],
    ['a lifetime of more than a week', (url) => url.replace('X-Amz-Expires=900', 'X-Amz-Expires=604801')],
    ['a lifetime that is no number', (url) => url.replace('X-Amz-Expires=900', 'X-Amz-Expires=soon')],
    ['a negative lifetime', (url) => url.replace('X-Amz-Expires=900', 'X-Amz-Expires=-1')],
    ['a date that is none', (url) => url.replace(/X-Amz-Date=[^&]*/, 'X-Amz-Date=today')],
    ['a credential that is none', (url) => url.replace(/X-Amz-Credential=[^&]*/, 'X-Amz-Credential=AKIA')],
    ['another algorithm', (url) => url.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-MD5')],
  ];
  test.each(broken)('with %s is malformed', async (_, alter) => {
    const url = alter(presign({ url: object }, { identity: owner }));
    expect(await answerTo(url)).toMatchObject({ status: 400, code: 'AuthorizationQueryParametersError' });
  });

  test('beside an Authorization header is one too many', async () => {
    const url = presign({ url: object }, { identity: owner });
    expect(
      await answerTo(url, { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } }),
    ).toMatchObject({
      status: 400,
      code: 'InvalidArgument',
    });
  });

  test('may do what its signer may, when it is used', async () => {
    const nobody = aws.account(SOURCE).users['app']!;
    expect(await answerTo(presign({ url: object }, { identity: nobody }))).toMatchObject({
      status: 403,
      code: 'AccessDenied',
      message: 'Access Denied',
    });
    const unknown = { accessKeyId: 'AKIAUNKNOWN000000000', secretAccessKey: 'x' };
    expect(await answerTo(presign({ url: object }, { identity: unknown }))).toMatchObject({
      status: 403,
      code: 'InvalidAccessKeyId',
    });
  });

  test('by a session carries its token, and ends with it', async () => {
    const { iam } = clientsOf(aws, owner);
    const trust = documentOf({ Action: 'sts:AssumeRole', Principal: { AWS: SOURCE } });
    await iam.send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: trust }));
    const PolicyDocument = documentOf({ Action: 's3:GetObject', Resource: `arn:aws:s3:::${BUCKET}/*` });
    await iam.send(new PutRolePolicyCommand({ RoleName: 'reader', PolicyName: 'read', PolicyDocument }));
    const session = await assume(clientsOf(aws, aws.account(SOURCE).users['app']!).sts, {
      RoleArn: `arn:aws:iam::${DESTINATION}:role/reader`,
      RoleSessionName: 's1',
    });
    const url = presign({ url: object }, { identity: session, expires: 7200 });
    expect((await fetch(url)).status).toBe(200);
    expect(await answerTo(url.replace(/&X-Amz-Security-Token=[^&]*/, ''))).toMatchObject({
      status: 403,
      code: 'InvalidAccessKeyId',
    });
    expect(
      await answerTo(url.replace(/X-Amz-Security-Token=[^&]*/, 'X-Amz-Security-Token=abc')),
    ).toMatchObject({
      status: 400,
      code: 'InvalidToken',
    });
    clock.advance(3_601_000);
    expect(await answerTo(url)).toMatchObject({ status: 400, code: 'ExpiredToken' });
  });
});

test('a presigned GetCallerIdentity tells a third party who signed it', async () => {
  const url = presign(
    { url: `${aws.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15` },
    {
      identity: owner,
      service: 'sts',
      payload: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    },
  );
  const answer = await fetch(url);
  expect(await answer.text()).toContain(`<Arn>arn:aws:iam::${DESTINATION}:root</Arn>`);
  expect(answer.status).toBe(200);
});
