import {
  CreateBucketCommand,
  PutBucketCorsCommand,
  PutObjectCommand,
  type CORSRule,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, SOURCE } from './clients.ts';

// What browsers do for pages of other origins.

const Bucket = 'pages';
const RULES: CORSRule[] = [
  {
    AllowedOrigins: ['https://*.example.com', 'https://app.example'],
    AllowedMethods: ['GET', 'PUT'],
    AllowedHeaders: ['x-amz-*', 'Content-Type'],
    ExposeHeaders: ['ETag', 'x-amz-request-id'],
    MaxAgeSeconds: 300,
  },
  { AllowedOrigins: ['*'], AllowedMethods: ['HEAD'] },
];
const ANY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method';

let aws: Sandbox;
beforeAll(async () => {
  aws = await startSandbox();
  const { s3 } = clientsOf(aws, aws.account(SOURCE).root);
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new CreateBucketCommand({ Bucket: 'closed' }));
  await s3.send(new PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules: RULES } }));
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'text' }));
});
afterAll(() => aws.close());

const ask = (headers: Record<string, string>, path = `${Bucket}/a`) =>
  fetch(`${aws.endpoint}/${path}`, { method: 'OPTIONS', headers });
const sharing = ({ headers }: Response) =>
  Object.fromEntries([...headers].filter(([name]) => /^(access-control-|vary$)/.test(name)));
const from = (origin: string, method: string, headers?: string) => ({
  origin,
  'access-control-request-method': method,
  ...(headers !== undefined && { 'access-control-request-headers': headers }),
});

describe('a preflight request', () => {
  test('is told what the first rule allows that matches', async () => {
    const answer = await ask(from('https://www.example.com', 'PUT', 'Content-Type, X-Amz-Acl'));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('');
    expect(sharing(answer)).toEqual({
      'access-control-allow-origin': 'https://www.example.com',
      'access-control-allow-methods': 'GET, PUT',
      'access-control-allow-headers': 'content-type, x-amz-acl',
      'access-control-allow-credentials': 'true',
      'access-control-expose-headers': 'ETag, x-amz-request-id',
      'access-control-max-age': '300',
      vary: ANY,
    });
  });

  test('of any origin is told so', async () => {
    expect(sharing(await ask(from('http://anywhere', 'HEAD'), Bucket))).toEqual({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'HEAD',
      vary: ANY,
    });
  });

  test.each<[string, Record<string, string>, string, number, string, string]>([
    ['no origin', {}, Bucket, 400, 'BadRequest', 'Origin request header needed'],
    ['no method', { origin: 'https://app.example' }, Bucket, 400, 'BadRequest', 'Request-Method: null'],
    ['another origin', from('https://example.com', 'GET'), Bucket, 403, 'AccessForbidden', 'not allowed'],
    ['another method', from('https://app.example', 'POST'), Bucket, 403, 'AccessForbidden', 'not allowed'],
    ['another header', from('https://app.example', 'GET', 'x-a'), Bucket, 403, 'AccessForbidden', 'not all'],
    ['a bucket without rules', from('https://a', 'GET'), 'closed', 403, 'AccessForbidden', 'not enabled'],
    ['no bucket', from('https://a', 'GET'), 'none', 403, 'AccessForbidden', 'not enabled'],
    ['no path', from('https://a', 'GET'), '', 403, 'AccessForbidden', 'not enabled'],
  ])('is refused: %s', async (_, headers, path, status, code, message) => {
    const answer = await ask(headers, path);
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(text).toContain(`<Code>${code}</Code>`);
    expect(text).toContain(message);
    expect(sharing(answer)).toEqual({});
  });
});

describe('a request itself', () => {
  const get = (origin: string, method = 'GET') =>
    fetch(`${aws.endpoint}/${Bucket}/a`, { method, headers: { origin } });

  test('is answered with what a page may read, be it an error', async () => {
    const answer = await get('https://app.example');
    expect(answer.status).toBe(403);
    expect(sharing(answer)).toMatchObject({
      'access-control-allow-origin': 'https://app.example',
      'access-control-expose-headers': 'ETag, x-amz-request-id',
      vary: ANY,
    });
  });

  test('of an origin or a method that no rule names is answered without', async () => {
    expect(sharing(await get('https://other'))).toEqual({});
    expect(sharing(await get('https://app.example', 'DELETE'))).toEqual({});
    expect((await fetch(`${aws.endpoint}/%zz`, { headers: { origin: 'https://a' } })).status).toBe(400);
  });
});
