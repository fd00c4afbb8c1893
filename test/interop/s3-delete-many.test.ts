import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketAclCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type DeleteObjectsCommandInput,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { arnsOf, clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeUser } from './principals.ts';
import { refusalOf, send, sign } from './signer.ts';

let aws: Sandbox;
let s3: Clients['s3'];
let made = 0;

beforeAll(async () => {
  aws = await startSandbox();
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
});
afterAll(() => aws.close());

async function newBucket(versioned = false): Promise<string> {
  const Bucket = `delete-many-${++made}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (versioned)
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  return Bucket;
}
const put = (Bucket: string, Key: string) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
const removeMany = (
  Bucket: string,
  Objects: ObjectIdentifier[],
  extra: Partial<DeleteObjectsCommandInput['Delete']> = {},
  client = s3,
) => client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, ...extra } }));
const keysOf = async (Bucket: string) =>
  ((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);

describe('deleting many', () => {
  test('deletes them, and what never was counts as deleted', async () => {
    const Bucket = await newBucket();
    const keys = ['a', 'b/c', ' odd & <key>', '\u{1F600}'];
    await Promise.all([...keys, 'kept'].map((key) => put(Bucket, key)));
    const { Deleted, Errors } = await removeMany(
      Bucket,
      [...keys, 'never'].map((Key) => ({ Key })),
    );
    expect(Deleted).toEqual([...keys, 'never'].map((Key) => ({ Key })));
    expect(Errors).toBeUndefined();
    expect(await keysOf(Bucket)).toEqual(['kept']);
  });

  test('says nothing of what it deleted where it is asked to be quiet', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'a');
    const { Deleted, Errors } = await removeMany(Bucket, [{ Key: 'a' }], { Quiet: true });
    expect({ Deleted, Errors }).toEqual({ Deleted: undefined, Errors: undefined });
    expect(await keysOf(Bucket)).toEqual([]);
  });

  test('leaves delete markers, and deletes versions and markers for good', async () => {
    const Bucket = await newBucket(true);
    const { VersionId } = await put(Bucket, 'a');
    await put(Bucket, 'b');
    const { Deleted: marked } = await removeMany(Bucket, [{ Key: 'a' }, { Key: 'b' }]);
    expect(marked).toEqual([
      { Key: 'a', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) as string },
      { Key: 'b', DeleteMarker: true, DeleteMarkerVersionId: expect.any(String) as string },
    ]);
    const marker = marked![1]!.DeleteMarkerVersionId!;
    const { Deleted } = await removeMany(Bucket, [
      { Key: 'a', VersionId },
      { Key: 'b', VersionId: marker },
    ]);
    expect(Deleted).toEqual([
      { Key: 'a', VersionId },
      { Key: 'b', VersionId: marker, DeleteMarker: true, DeleteMarkerVersionId: marker },
    ]);
    expect(await keysOf(Bucket)).toEqual(['b']);
  });

  test('answers for each by itself: by the policy, by the version id, by the length of the key', async () => {
    const Bucket = await newBucket(true);
    await Promise.all(['mine/a', 'theirs/b'].map((key) => put(Bucket, key)));
    const { VersionId } = await put(Bucket, 'mine/a');
    const root = clientsOf(aws, aws.account(SOURCE).root);
    const cleaner = await makeUser(aws, root, 'cleaner', [{ Action: 's3:*', Resource: '*' }]);
    const Principal = { AWS: cleaner.arn };
    const Policy = documentOf({
      Principal,
      Action: 's3:DeleteObject',
      Resource: `${arnsOf(Bucket)[0]}/mine/*`,
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    const long = `mine/${'x'.repeat(1024)}`;
    const { Deleted, Errors } = await removeMany(
      Bucket,
      [{ Key: 'mine/a' }, { Key: 'theirs/b' }, { Key: 'mine/a', VersionId }, { Key: long }],
      { Quiet: false },
      cleaner.clients.s3,
    );
    expect(Deleted).toMatchObject([{ Key: 'mine/a', DeleteMarker: true }]);
    expect(Errors).toEqual([
      { Key: 'theirs/b', Code: 'AccessDenied', Message: 'Access Denied' },
      { Key: 'mine/a', VersionId, Code: 'AccessDenied', Message: 'Access Denied' },
      { Key: long, Code: 'KeyTooLongError', Message: 'Your key is too long' },
    ]);
    const bad = await removeMany(Bucket, [{ Key: 'mine/a', VersionId: 'bad' }]);
    expect(bad.Errors).toMatchObject([{ Key: 'mine/a', VersionId: 'bad', Code: 'InvalidArgument' }]);
  });

  test('deletes only what still is what the caller thinks', async () => {
    const Bucket = await newBucket();
    const { ETag } = await put(Bucket, 'a');
    const { Errors } = await removeMany(Bucket, [{ Key: 'a', ETag: '"other"' }]);
    expect(Errors).toMatchObject([{ Key: 'a', Code: 'PreconditionFailed' }]);
    await removeMany(Bucket, [{ Key: 'a', ETag: ETag! }]);
    expect(await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'a' })))).toMatchObject({
      status: 404,
    });
  });

  test('takes a thousand at once, and no more', async () => {
    const Bucket = await newBucket();
    const objects = Array.from({ length: 1000 }, (_, index) => ({ Key: `k${index}` }));
    expect((await removeMany(Bucket, objects)).Deleted).toHaveLength(1000);
    expect(await failureOf(removeMany(Bucket, [...objects, { Key: 'more' }]))).toMatchObject({
      code: 'MalformedXML',
      status: 400,
    });
    expect(await failureOf(removeMany(Bucket, []))).toMatchObject({ code: 'MalformedXML' });
    expect(await failureOf(removeMany(Bucket, [{ Key: '' }]))).toMatchObject({ code: 'MalformedXML' });
  });

  test.each([
    ['', 'InvalidRequest'],
    ['AAAAAAAAAAAAAAAAAAAAAA==', 'BadDigest'],
    ['short', 'InvalidDigest'],
  ])('needs to know what the body must be: Content-MD5 %j', async (md5, code) => {
    const Bucket = await newBucket();
    await put(Bucket, 'a');
    const call = {
      method: 'POST',
      url: `${aws.endpoint}/${Bucket}?delete=`,
      body: '<Delete><Object><Key>a</Key></Object></Delete>',
      ...(md5 !== '' && { headers: { 'content-md5': md5 } }),
    };
    const signed = sign(call, { identity: aws.account(DESTINATION).root });
    const refusal = await refusalOf(await send(signed, call.body));
    expect(refusal).toMatchObject({ status: 400, code });
    expect(await keysOf(Bucket)).toEqual(['a']);
  });

  test('lets whoever may write to the bucket delete what is theirs', async () => {
    const Bucket = await newBucket();
    const Rules = [{ ObjectOwnership: 'ObjectWriter' as const }];
    await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules } }));
    const others = clientsOf(aws, aws.account(SOURCE).root).s3;
    const { Owner } = await others.send(new ListBucketsCommand({}));
    await s3.send(new PutBucketAclCommand({ Bucket, GrantWrite: `id=${Owner!.ID}` }));
    const write = (Key: string) => others.send(new PutObjectCommand({ Bucket, Key, Body: Key }));
    await Promise.all([put(Bucket, 'ours'), write('theirs'), write('theirs-too')]);
    const { Deleted, Errors } = await removeMany(
      Bucket,
      [{ Key: 'ours' }, { Key: 'theirs' }],
      { Quiet: false },
      others,
    );
    expect(Deleted).toEqual([{ Key: 'theirs' }]);
    expect(Errors).toMatchObject([{ Key: 'ours', Code: 'AccessDenied' }]);
    await others.send(new DeleteObjectCommand({ Bucket, Key: 'theirs-too' }));
    expect(await keysOf(Bucket)).toEqual(['ours']);
  });
});
