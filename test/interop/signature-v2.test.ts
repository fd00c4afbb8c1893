import { createHmac } from 'node:crypto';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import S3v2 from 'aws-sdk/clients/s3.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, type Clients, type Identity } from './clients.ts';
import { refusalOf } from './signer.ts';

const Bucket = 'signed-v2';
const Key = 'a dir/ü +%.txt';
let aws: Sandbox;
let owner: Identity;
let s3: Clients['s3'];
let old: S3v2;
beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  owner = aws.account(DESTINATION).root;
  ({ s3 } = clientsOf(aws, owner));
  await s3.send(new CreateBucketCommand({ Bucket }));
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'text' }));
  old = new S3v2({
    endpoint: aws.endpoint,
    region: 'us-east-1',
    credentials: owner,
    s3ForcePathStyle: true,
    signatureVersion: 'v2',
    maxRetries: 0,
  });
});
afterAll(() => aws.close());

const signature = (text: string, secret = owner.secretAccessKey) =>
  createHmac('sha1', secret).update(text).digest('base64');

describe('Signature Version 2', () => {
  test('signs the calls of an old client', async () => {
    await old
      .putObject({ Bucket, Key: 'old', Body: 'old', Metadata: { team: 'reports' }, ContentType: 'a/b' })
      .promise();
    const got = await old.getObject({ Bucket, Key: 'old', ResponseContentType: 'c/d' }).promise();
    expect(got).toMatchObject({
      Body: Buffer.from('old'),
      Metadata: { team: 'reports' },
      ContentType: 'c/d',
    });
    await old
      .putObjectTagging({ Bucket, Key: 'old', Tagging: { TagSet: [{ Key: 'a', Value: 'b' }] } })
      .promise();
    const { UploadId } = await old.createMultipartUpload({ Bucket, Key: 'parts' }).promise();
    const part = { Bucket, Key: 'parts', UploadId: UploadId!, PartNumber: 1, Body: 'part' };
    const { ETag } = await old.uploadPart(part).promise();
    const MultipartUpload = { Parts: [{ ETag, PartNumber: 1 }] };
    await old
      .completeMultipartUpload({ Bucket, Key: 'parts', UploadId: UploadId!, MultipartUpload })
      .promise();
    const { Contents } = await old.listObjectsV2({ Bucket }).promise();
    expect(Contents!.map((object) => object.Key)).toEqual([Key, 'old', 'parts']);
  });

  test('presigns what an SDK presigns that does not say how', async () => {
    const url = old.getSignedUrl('getObject', { Bucket, Key, Expires: 60, ResponseContentType: 'text/csv' });
    expect(url).toContain('AWSAccessKeyId=');
    const answer = await fetch(url);
    expect([await answer.text(), answer.headers.get('content-type')]).toEqual(['text', 'text/csv']);
    expect(await refusalOf(await fetch(url.replace('text%2Fcsv', 'text%2Fhtml')))).toMatchObject({
      status: 403,
      code: 'SignatureDoesNotMatch',
    });
    expect(await refusalOf(await fetch(url, { method: 'DELETE' }))).toMatchObject({
      code: 'SignatureDoesNotMatch',
    });
    const put = old.getSignedUrl('putObject', {
      Bucket,
      Key: 'put',
      Metadata: { a: '1' },
      ContentType: 'a/b',
    });
    const upload = (type: string) =>
      fetch(put, { method: 'PUT', body: 'x', headers: { 'content-type': type } });
    expect((await upload('other')).status).toBe(403);
    expect((await upload('a/b')).status).toBe(200);
    expect(await s3.send(new HeadObjectCommand({ Bucket, Key: 'put' }))).toMatchObject({
      Metadata: { a: '1' },
      ContentType: 'a/b',
    });
  });

  const query = (changes: Record<string, string> = {}, ends = Math.floor(Date.now() / 1000) + 60) => {
    const text = `GET\n\n\n${ends}\n/${Bucket}/old`;
    const parameters = {
      AWSAccessKeyId: owner.accessKeyId,
      Expires: String(ends),
      Signature: signature(text),
    };
    return fetch(
      `${aws.endpoint}/${Bucket}/old?${new URLSearchParams({ ...parameters, ...changes }).toString()}`,
    );
  };
  test.each<[string, () => Promise<Response>, number, string]>([
    ['that has ended', () => query({}, 1_500_000_000), 403, 'AccessDenied'],
    ['that ends at no time', () => query({ Expires: 'soon' }), 403, 'AccessDenied'],
    ['that ends later than was signed', () => query({ Expires: '4000000000' }), 403, 'SignatureDoesNotMatch'],
    ['without a signature', () => query({ Signature: '' }), 403, 'AccessDenied'],
    ['of nobody', () => query({ AWSAccessKeyId: 'AKIANOBODY' }), 403, 'InvalidAccessKeyId'],
    [
      'with a header of Amazon that it does not sign',
      () => query({ 'x-amz-meta-a': '1' }),
      403,
      'SignatureDoesNotMatch',
    ],
    ['for what it does not sign', () => query({ retention: '' }), 400, 'InvalidRequest'],
  ])('one %s is refused', async (_, call, status, code) => {
    expect(await refusalOf(await call())).toMatchObject({ status, code });
  });

  test.each(['', '/'])('of a bucket may sign its address with this after it: %j', async (slash) => {
    const ends = Math.floor(Date.now() / 1000) + 60;
    const parameters = {
      AWSAccessKeyId: owner.accessKeyId,
      Expires: String(ends),
      Signature: signature(`GET\n\n\n${ends}\n/${Bucket}${slash}?versioning`),
    };
    const list = `${aws.endpoint}/${Bucket}?versioning&${new URLSearchParams(parameters).toString()}`;
    expect((await fetch(list)).status).toBe(200);
  });

  test('in a header has its date', async () => {
    const get = (date: string) =>
      fetch(`${aws.endpoint}/${Bucket}/old`, {
        headers: {
          'x-amz-date': date,
          authorization: `AWS ${owner.accessKeyId}:${signature(`GET\n\n\n\nx-amz-date:${date}\n/${Bucket}/old`)}`,
        },
      });
    expect((await get(new Date().toUTCString())).status).toBe(200);
    expect(await refusalOf(await get(new Date(Date.now() - 3_600_000).toUTCString()))).toMatchObject({
      status: 403,
      code: 'RequestTimeTooSkewed',
    });
    expect((await refusalOf(await get('now'))).status).toBe(403);
  });

  test('signs the policy of a form', async () => {
    const policy = Buffer.from(
      JSON.stringify({
        expiration: new Date(Date.now() + 60_000).toISOString(),
        conditions: [{ bucket: Bucket }, ['starts-with', '$key', 'form/']],
      }),
    ).toString('base64');
    const post = (secret?: string) => {
      const form = new FormData();
      const fields = {
        key: 'form/1',
        AWSAccessKeyId: owner.accessKeyId,
        policy,
        signature: signature(policy, secret),
      };
      for (const [name, value] of Object.entries(fields)) form.append(name, value);
      form.append('file', new Blob(['posted']));
      return fetch(`${aws.endpoint}/${Bucket}`, { method: 'POST', body: form });
    };
    expect((await post()).status).toBe(204);
    expect((await refusalOf(await post('other'))).code).toBe('SignatureDoesNotMatch');
  });
});
