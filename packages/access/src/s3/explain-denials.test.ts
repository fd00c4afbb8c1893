import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fromCrossAccountRole } from '../credentials/from-cross-account-role.ts';
import { startServer, type TestServer } from '../testing/http-server.ts';
import { s3Error } from '../testing/s3-xml.ts';
import { signerOf, startSts, type StsServer } from '../testing/sts-server.ts';
import { explainDenials, type ExplainDenialsOptions } from './explain-denials.ts';

const roleArn = 'arn:aws:iam::222222222222:role/explained';
let s3: TestServer;
let sts: StsServer;

beforeEach(async () => {
  s3 = await startServer(() => s3Error(403, 'AccessDenied', 'Access Denied'));
  sts = await startSts();
});
afterEach(() => Promise.all([s3.close(), sts.close()]));

function client(options?: ExplainDenialsOptions) {
  const credentials = fromCrossAccountRole({
    roleArn,
    sessionName: 'me',
    credentials: { accessKeyId: 'AKIASOURCE', secretAccessKey: 's' },
    endpoint: sts.url,
    region: 'eu-west-1',
  });
  const made = new S3Client({ endpoint: s3.url, region: 'eu-west-1', credentials, maxAttempts: 1 });
  return explainDenials(made, options);
}
const get = new GetObjectCommand({ Bucket: 'acme-reports', Key: 'q1.csv' });
const errorOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

test("the error stays the SDK's, and says what to run", async () => {
  const error = await errorOf(client().send(get));
  expect(error).toBeInstanceOf(S3ServiceException);
  const command = `crossbucket explain s3:GetObject s3://acme-reports/q1.csv --via ${roleArn}`;
  expect(error).toMatchObject({
    name: 'AccessDenied',
    denial: { form: 'bare' },
    command,
    message: `Access Denied (s3 does not say why; run: ${command})`,
  });
});

test('the action is that of the operation', async () => {
  expect(await errorOf(client().send(new ListObjectsV2Command({ Bucket: 'b-1' })))).toMatchObject({
    command: expect.stringContaining('s3:ListBucket s3://b-1 '),
  });
  s3.reply = () => ({ status: 403 });
  expect(await errorOf(client().send(new HeadObjectCommand({ Bucket: 'b-1', Key: 'k' })))).toMatchObject({
    command: expect.stringContaining('s3:GetObject s3://b-1/k '),
  });
});

test('a fuller explanation joins the message', async () => {
  const explain = vi.fn(async () => 'the bucket policy of 222222222222 has no statement for this role');
  expect(await errorOf(client({ explain }).send(get))).toMatchObject({
    message: 'Access Denied (the bucket policy of 222222222222 has no statement for this role)',
    explanation: expect.stringContaining('no statement'),
  });
  expect(explain).toHaveBeenCalledWith(
    expect.objectContaining({
      operation: 'GetObject',
      action: 's3:GetObject',
      bucket: 'acme-reports',
      key: 'q1.csv',
      roleArn,
      principal: 'arn:aws:sts::222222222222:assumed-role/explained/me',
      requestId: 'REQ1',
    }),
  );
});

test('an explanation that fails leaves the denial as it is', async () => {
  const explain = () => {
    throw new Error('offline');
  };
  expect(await errorOf(client({ explain }).send(get))).toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('does not say why'),
  });
});

test('other errors pass untouched', async () => {
  s3.reply = () => s3Error(404, 'NoSuchKey', 'gone');
  expect(await errorOf(client().send(get))).toMatchObject({ name: 'NoSuchKey', message: 'gone' });
});

test('applied twice, it explains once; expired credentials are renewed', async () => {
  const twice = explainDenials(client());
  const error = await errorOf(twice.send(get));
  expect((error as Error).message.match(/run:/g)).toHaveLength(1);
  const { length } = sts.calls;
  s3.reply = (_, index) =>
    index === s3.received.length - 1 && index % 2 ? {} : s3Error(400, 'ExpiredToken');
  s3.received.length = 0;
  await twice.send(get);
  expect(sts.calls).toHaveLength(length + 1);
  expect(new Set(s3.received.map(signerOf)).size).toBe(2);
});
