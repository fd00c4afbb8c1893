import {
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  type Tag,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeUser } from './principals.ts';

const Bucket = 'tagged';
let aws: Sandbox;
let s3: Clients['s3'];
beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(() => aws.close());

const put = (Key: string, Tagging?: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x', Tagging }));
const tag = (Key: string, TagSet: Tag[], extra: object = {}) =>
  s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet }, ...extra }));
const tagsOf = async (Key: string, extra: object = {}) =>
  (await s3.send(new GetObjectTaggingCommand({ Bucket, Key, ...extra }))).TagSet;
const count = async (Key: string) => (await s3.send(new HeadObjectCommand({ Bucket, Key }))).TagCount;

describe('tags', () => {
  test('are set with an object or after it, replaced whole, and deleted', async () => {
    await put('a', 'team=reports&with%20space=%C3%BC%2B1&empty=');
    const tags = [
      { Key: 'team', Value: 'reports' },
      { Key: 'with space', Value: 'ü+1' },
      { Key: 'empty', Value: '' },
    ];
    expect(await tagsOf('a')).toEqual(tags);
    expect(await count('a')).toBe(3);
    await tag('a', [{ Key: 'only', Value: 'one' }]);
    expect(await tagsOf('a')).toEqual([{ Key: 'only', Value: 'one' }]);
    const gone = await s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'a' }));
    expect(gone.$metadata.httpStatusCode).toBe(204);
    expect(await tagsOf('a')).toEqual([]);
    expect(await count('a')).toBeUndefined();
    await tag('a', tags);
    await tag('a', []);
    expect(await tagsOf('a')).toEqual([]);
    await put('a');
    expect(await tagsOf('a')).toEqual([]);
  });

  test('of what is not there', async () => {
    const missing = { code: 'NoSuchKey', status: 404 };
    expect(await failureOf(tagsOf('none'))).toMatchObject(missing);
    expect(await failureOf(tag('none', []))).toMatchObject(missing);
    expect(await failureOf(s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'none' })))).toMatchObject(
      missing,
    );
  });

  const many = (length: number) => Array.from({ length }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
  test.each<[string, Tag[], string | undefined]>([
    ['ten', many(10), undefined],
    ['eleven', many(11), 'BadRequest'],
    ['a key of 128 characters', [{ Key: 'ü'.repeat(128), Value: '' }], undefined],
    ['a key of 129 characters', [{ Key: 'k'.repeat(129), Value: '' }], 'InvalidTag'],
    ['an empty key', [{ Key: '', Value: '' }], 'InvalidTag'],
    ['a value of 256 characters', [{ Key: 'k', Value: 'v'.repeat(256) }], undefined],
    ['a value of 257 characters', [{ Key: 'k', Value: 'v'.repeat(257) }], 'InvalidTag'],
    ['one key twice', [...many(1), ...many(1)], 'InvalidTag'],
    ['a key of AWS', [{ Key: 'aws:x', Value: '' }], 'InvalidTag'],
    ['a character that tags do not have', [{ Key: 'a', Value: 'b<c' }], 'InvalidTag'],
  ])('%s', async (_, tags, code) => {
    await put('limits');
    const set = tag('limits', tags);
    if (code === undefined) await set;
    else expect(await failureOf(set)).toMatchObject({ code, status: 400 });
    expect(await tagsOf('limits')).toEqual(code === undefined ? tags : []);
  });

  test.each([
    ['a=1&a=2', 'InvalidArgument'],
    ['=1', 'InvalidArgument'],
    [
      many(11)
        .map(({ Key }) => `${Key}=v`)
        .join('&'),
      'BadRequest',
    ],
    [`${'k'.repeat(129)}=v`, 'InvalidTag'],
  ])('a header %s is refused', async (header, code) => {
    expect(await failureOf(put('never', header))).toMatchObject({ code, status: 400 });
    const upload = new CreateMultipartUploadCommand({ Bucket, Key: 'never', Tagging: header });
    expect(await failureOf(s3.send(upload))).toMatchObject({ code, status: 400 });
  });

  test('each version has its own', async () => {
    const Versioned = 'tagged-versions';
    const at = { Bucket: Versioned, Key: 'k' };
    await s3.send(new CreateBucketCommand({ Bucket: Versioned }));
    await s3.send(
      new PutBucketVersioningCommand({ Bucket: Versioned, VersioningConfiguration: { Status: 'Enabled' } }),
    );
    const first = await s3.send(new PutObjectCommand({ ...at, Body: '1', Tagging: 'v=1' }));
    const second = await s3.send(new PutObjectCommand({ ...at, Body: '2', Tagging: 'v=2' }));
    const set = await s3.send(
      new PutObjectTaggingCommand({
        ...at,
        VersionId: first.VersionId,
        Tagging: { TagSet: [{ Key: 'v', Value: 'first' }] },
      }),
    );
    expect(set.VersionId).toBe(first.VersionId);
    const read = (VersionId?: string) => s3.send(new GetObjectTaggingCommand({ ...at, VersionId }));
    expect(await read()).toMatchObject({ VersionId: second.VersionId, TagSet: [{ Value: '2' }] });
    expect(await read(first.VersionId)).toMatchObject({ TagSet: [{ Value: 'first' }] });
    await s3.send(new DeleteObjectTaggingCommand({ ...at, VersionId: first.VersionId }));
    expect((await read(first.VersionId)).TagSet).toEqual([]);
  });
});

describe('policies that ask for tags', () => {
  let reader: Clients;
  beforeAll(async () => {
    const other = clientsOf(aws, aws.account(SOURCE).root);
    const made = await makeUser(aws, other, 'reader', [{ Action: 's3:*', Resource: '*' }]);
    reader = made.clients;
    const Resource = `arn:aws:s3:::${Bucket}/*`;
    const Principal = { AWS: made.arn };
    const Policy = documentOf(
      {
        Principal,
        Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:DeleteObjectTagging'],
        Resource,
        Condition: { StringEquals: { 's3:ExistingObjectTag/access': 'shared' } },
      },
      {
        Principal,
        Action: ['s3:PutObject', 's3:PutObjectTagging'],
        Resource,
        Condition: {
          StringEquals: { 's3:RequestObjectTag/team': 'reader' },
          'ForAllValues:StringEquals': { 's3:RequestObjectTagKeys': ['team', 'access'] },
        },
      },
    );
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  });
  const denied = { code: 'AccessDenied', status: 403 };

  test('on the object', async () => {
    const get = () => reader.s3.send(new GetObjectCommand({ Bucket, Key: 'existing' }));
    await put('existing', 'access=private');
    expect(await failureOf(get())).toMatchObject(denied);
    await tag('existing', [{ Key: 'access', Value: 'shared' }]);
    await get();
    await reader.s3.send(new DeleteObjectTaggingCommand({ Bucket, Key: 'existing' }));
    expect(await failureOf(get())).toMatchObject(denied);
  });

  test('in the request', async () => {
    const write = (Tagging?: string) =>
      reader.s3.send(new PutObjectCommand({ Bucket, Key: 'requested', Body: 'x', Tagging }));
    expect(await failureOf(write())).toMatchObject(denied);
    expect(await failureOf(write('team=other'))).toMatchObject(denied);
    expect(await failureOf(write('team=reader&extra=1'))).toMatchObject(denied);
    await write('team=reader&access=shared');
    const retag = (TagSet: Tag[]) =>
      reader.s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'requested', Tagging: { TagSet } }));
    expect(await failureOf(retag([{ Key: 'team', Value: 'x' }]))).toMatchObject(denied);
    await retag([{ Key: 'team', Value: 'reader' }]);
    const copy = (Tagging: string) =>
      s3.send(
        new CopyObjectCommand({
          Bucket,
          Key: 'copied',
          CopySource: `${Bucket}/requested`,
          TaggingDirective: 'REPLACE',
          Tagging,
        }),
      );
    await copy('a=1');
    expect(await tagsOf('copied')).toEqual([{ Key: 'a', Value: '1' }]);
  });
});
