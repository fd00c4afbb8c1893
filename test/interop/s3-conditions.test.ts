import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';

const BUCKET = 'conditions';
let aws: Sandbox;
let s3: Clients['s3'];

beforeAll(async () => {
  aws = await startSandbox();
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => aws.close());

const at = (Key: string) => ({ Bucket: BUCKET, Key });
const put = (Key: string, Body: string, extra: Partial<PutObjectCommandInput> = {}) =>
  s3.send(new PutObjectCommand({ ...at(Key), Body, ...extra }));
const textOf = async (Key: string) =>
  (await s3.send(new GetObjectCommand(at(Key)))).Body!.transformToString();
const failed = { code: 'PreconditionFailed', status: 412 };

describe('reads', () => {
  let etag: string;
  let modified: Date;
  const read = (extra: object) => s3.send(new GetObjectCommand({ ...at('read'), ...extra }));
  const hour = (offset: number) => new Date(modified.getTime() + offset * 3_600_000);

  beforeAll(async () => {
    ({ ETag: etag = '' } = await put('read', 'text'));
    ({ LastModified: modified = new Date(0) } = await s3.send(new HeadObjectCommand(at('read'))));
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
  const cases: [string, () => object, 'ok' | 'NotModified' | 'PreconditionFailed'][] = [
    ['If-Match of its ETag', () => ({ IfMatch: etag }), 'ok'],
    ['If-Match of anything', () => ({ IfMatch: '*' }), 'ok'],
    ['If-Match of another', () => ({ IfMatch: '"abc"' }), 'PreconditionFailed'],
    ['If-None-Match of another', () => ({ IfNoneMatch: '"abc"' }), 'ok'],
    ['If-None-Match of its ETag', () => ({ IfNoneMatch: etag }), 'NotModified'],
    ['If-None-Match of a list with it', () => ({ IfNoneMatch: `"abc", ${etag}` }), 'NotModified'],
    ['If-Modified-Since before it', () => ({ IfModifiedSince: hour(-1) }), 'ok'],
    ['If-Modified-Since its own second', () => ({ IfModifiedSince: modified }), 'NotModified'],
    ['If-Unmodified-Since after it', () => ({ IfUnmodifiedSince: hour(1) }), 'ok'],
    ['If-Unmodified-Since before it', () => ({ IfUnmodifiedSince: hour(-1) }), 'PreconditionFailed'],
    [
      'If-Match, true, beside If-Unmodified-Since, false',
      () => ({ IfMatch: etag, IfUnmodifiedSince: hour(-1) }),
      'ok',
    ],
    [
      'If-None-Match, false, beside If-Modified-Since, true',
      () => ({ IfNoneMatch: etag, IfModifiedSince: hour(-1) }),
      'NotModified',
    ],
  ];

  test.each(cases)('%s', async (_, conditions, outcome) => {
    if (outcome === 'ok') {
      expect(await (await read(conditions())).Body!.transformToString()).toBe('text');
      await expect(s3.send(new HeadObjectCommand({ ...at('read'), ...conditions() }))).resolves.toBeDefined();
      return;
    }
    const status = outcome === 'NotModified' ? 304 : 412;
    expect((await failureOf(read(conditions()))).status).toBe(status);
    expect((await failureOf(s3.send(new HeadObjectCommand({ ...at('read'), ...conditions() })))).status).toBe(
      status,
    );
  });

  test('a failed one names its condition', async () => {
    expect(await failureOf(read({ IfMatch: '"abc"' }))).toMatchObject(failed);
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
describe('writes', () => {
  test('If-None-Match: * writes only what is not there', async () => {
    await put('once', 'first', { IfNoneMatch: '*' });
    expect(await failureOf(put('once', 'second', { IfNoneMatch: '*' }))).toMatchObject(failed);
    expect(await textOf('once')).toBe('first');
    await s3.send(new DeleteObjectCommand(at('once')));
    await put('once', 'third', { IfNoneMatch: '*' });
    expect(await textOf('once')).toBe('third');
    expect(await failureOf(put('once', 'x', { IfNoneMatch: '"abc"' }))).toMatchObject({
      code: 'NotImplemented',
      status: 501,
    });
  });

  test('If-Match writes only over what was read', async () => {
    const { ETag } = await put('swap', 'one');
    const swapped = await put('swap', 'two', { IfMatch: ETag! });
    expect(await failureOf(put('swap', 'lost', { IfMatch: ETag! }))).toMatchObject(failed);
    expect(await textOf('swap')).toBe('two');
    expect(swapped.ETag).not.toBe(ETag);
    expect(await failureOf(put('not there', 'x', { IfMatch: ETag! }))).toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    });
  });

  test('If-Match deletes only what was read', async () => {
    const { ETag } = await put('delete', 'x');
    const remove = (IfMatch: string) => s3.send(new DeleteObjectCommand({ ...at('delete'), IfMatch }));
    expect(await failureOf(remove('"abc"'))).toMatchObject(failed);
    expect(await textOf('delete')).toBe('x');
    await remove(ETag!);
    expect(await failureOf(textOf('delete'))).toMatchObject({ code: 'NoSuchKey' });
  });

  test.each(['small', 'large'])('of many at once, small or large, exactly one creates: %s', async (size) => {
    const body = (index: number) => `${index}`.repeat(size === 'small' ? 10 : 100_000);
    const attempts = Array.from({ length: 8 }, (_, index) =>
      put(`race ${size}`, body(index), { IfNoneMatch: '*' }),
    );
    const results = await Promise.allSettled(attempts);
    const won = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(won).toHaveLength(1);
    expect(await textOf(`race ${size}`)).toBe(body(won[0]!));
  });

  test('of many that swap at once, each success built on the one before', async () => {
    await put('counter', '0');
    const increment = async (): Promise<number> => {
      for (let tries = 1; ; tries++) {
        const { Body, ETag } = await s3.send(new GetObjectCommand(at('counter')));
        const next = Number(await Body!.transformToString()) + 1;
        try {
          await put('counter', `${next}`, { IfMatch: ETag! });
          return tries;
        } catch (error) {
          expect((error as Error).name).toBe('PreconditionFailed');
        }
      }
    };
    await Promise.all(Array.from({ length: 5 }, increment));
    expect(await textOf('counter')).toBe('5');
  });
});
