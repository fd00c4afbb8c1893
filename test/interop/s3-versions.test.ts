import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, failureOf, type Clients } from './clients.ts';
import { failedHeaders } from './headers.ts';
import { refusalOf, send, sign } from './signer.ts';

let aws: Sandbox;
let s3: Clients['s3'];
let made = 0;

beforeAll(async () => {
  aws = await startSandbox();
  ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
});
afterAll(() => aws.close());

type Mode = 'Enabled' | 'Suspended';

const setVersioning = (Bucket: string, Status: Mode) =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
async function newBucket(mode?: Mode): Promise<string> {
  const Bucket = `versions-${++made}`;
  await s3.send(new CreateBucketCommand({ Bucket }));
  if (mode) await setVersioning(Bucket, mode);
  return Bucket;
}
const put = (Bucket: string, Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const get = (Bucket: string, Key: string, VersionId?: string) =>
  s3.send(new GetObjectCommand({ Bucket, Key, VersionId }));
const head = (Bucket: string, Key: string, VersionId?: string) =>
  s3.send(new HeadObjectCommand({ Bucket, Key, VersionId }));
const remove = (Bucket: string, Key: string, VersionId?: string) =>
  s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
const textOf = async (Bucket: string, Key: string, VersionId?: string) =>
  (await get(Bucket, Key, VersionId)).Body!.transformToString();

describe('versioning', () => {
  test('is off at first, then on or suspended, and never off again', async () => {
    const Bucket = await newBucket();
    const status = async () => (await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status;
    expect(await status()).toBeUndefined();
    await setVersioning(Bucket, 'Enabled');
    expect(await status()).toBe('Enabled');
    await setVersioning(Bucket, 'Suspended');
    expect(await status()).toBe('Suspended');
    const failure = await failureOf(
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: {} })),
    );
    expect(failure).toMatchObject({ code: 'IllegalVersioningConfigurationException', status: 400 });
    expect(await failureOf(setVersioning(Bucket, 'Off' as Mode))).toMatchObject({ code: 'MalformedXML' });
    const mfa = { Status: 'Enabled', MFADelete: 'Enabled' } as const;
    expect(
      await failureOf(s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: mfa }))),
    ).toMatchObject({ code: 'NotImplemented', status: 501 });
    expect(await status()).toBe('Suspended');
  });

  test('leaves a bucket that never had it without version ids', async () => {
    const Bucket = await newBucket();
    expect((await put(Bucket, 'k', 'one')).VersionId).toBeUndefined();
    expect((await head(Bucket, 'k')).VersionId).toBeUndefined();
    expect(await textOf(Bucket, 'k', 'null')).toBe('one');
    const { DeleteMarker, VersionId } = await remove(Bucket, 'k');
    expect({ DeleteMarker, VersionId }).toEqual({ DeleteMarker: undefined, VersionId: undefined });
    expect(await failureOf(get(Bucket, 'k'))).toMatchObject({ code: 'NoSuchKey', status: 404 });
  });

  test('keeps each version, and what was there before as the null version', async () => {
    const Bucket = await newBucket();
    await put(Bucket, 'k', 'before');
    await setVersioning(Bucket, 'Enabled');
    expect((await head(Bucket, 'k')).VersionId).toBe('null');
    const { VersionId: first } = await put(Bucket, 'k', 'first');
    const { VersionId: second } = await put(Bucket, 'k', 'second');
    expect(first).not.toBe(second);
    expect((await get(Bucket, 'k')).VersionId).toBe(second);
    expect(await textOf(Bucket, 'k')).toBe('second');
    expect(await textOf(Bucket, 'k', first)).toBe('first');
    expect(await textOf(Bucket, 'k', 'null')).toBe('before');
    expect((await head(Bucket, 'k', first)).VersionId).toBe(first);
  });

  test('a deletion leaves a delete marker, and what goes with the marker is the deletion', async () => {
    const Bucket = await newBucket('Enabled');
    const { VersionId: first } = await put(Bucket, 'k', 'first');
    const { DeleteMarker, VersionId: marker } = await remove(Bucket, 'k');
    expect(DeleteMarker).toBe(true);
    const hidden = await failedHeaders(get(Bucket, 'k'));
    expect(hidden).toMatchObject({
      status: 404,
      code: 'NoSuchKey',
      headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker },
    });
    expect(await failedHeaders(head(Bucket, 'k'))).toMatchObject({
      status: 404,
      headers: { 'x-amz-delete-marker': 'true' },
    });
    const byId = { status: 405, headers: { 'x-amz-delete-marker': 'true', allow: 'DELETE' } };
    expect(await failedHeaders(get(Bucket, 'k', marker))).toMatchObject({
      ...byId,
      code: 'MethodNotAllowed',
    });
    const headed = await failedHeaders(head(Bucket, 'k', marker));
    expect(headed).toMatchObject(byId);
    expect(headed.headers['last-modified']).toMatch(/GMT$/);
    const copied = (CopySource: string) =>
      s3.send(new CopyObjectCommand({ Bucket, Key: 'copy', CopySource }));
    expect(await failureOf(copied(`${Bucket}/k?versionId=${marker}`))).toMatchObject({
      code: 'InvalidRequest',
      status: 400,
    });
    expect(await failureOf(copied(`${Bucket}/k`))).toMatchObject({ code: 'NoSuchKey', status: 404 });
    expect(await textOf(Bucket, 'k', first)).toBe('first');
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).KeyCount).toBe(0);
    const undone = await remove(Bucket, 'k', marker);
    expect({ marker: undone.DeleteMarker, id: undone.VersionId }).toEqual({ marker: true, id: marker });
    expect(await textOf(Bucket, 'k')).toBe('first');
  });

  test('a key that never was gets a delete marker too', async () => {
    const Bucket = await newBucket('Enabled');
    expect((await remove(Bucket, 'never')).DeleteMarker).toBe(true);
    expect(await failureOf(s3.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({
      code: 'BucketNotEmpty',
      status: 409,
      message: 'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    });
  });

  test('a version that is deleted is gone for good, and the one before it takes its place', async () => {
    const Bucket = await newBucket('Enabled');
    const { VersionId: first } = await put(Bucket, 'k', 'first');
    const { VersionId: second } = await put(Bucket, 'k', 'second');
    const gone = await remove(Bucket, 'k', second);
    expect({ marker: gone.DeleteMarker, id: gone.VersionId }).toEqual({ marker: undefined, id: second });
    expect(await textOf(Bucket, 'k')).toBe('first');
    expect(await failureOf(get(Bucket, 'k', second))).toMatchObject({ code: 'NoSuchVersion', status: 404 });
    // Once more is no error.
    expect((await remove(Bucket, 'k', second)).VersionId).toBe(second);
    await remove(Bucket, 'k', first);
    expect(await failureOf(get(Bucket, 'k'))).toMatchObject({ code: 'NoSuchKey' });
    await s3.send(new DeleteBucketCommand({ Bucket }));
  });

  test('while suspended, writes and deletions take the place of the null version alone', async () => {
    const Bucket = await newBucket('Enabled');
    const { VersionId: kept } = await put(Bucket, 'k', 'kept');
    await setVersioning(Bucket, 'Suspended');
    expect((await put(Bucket, 'k', 'null one')).VersionId).toBe('null');
    await put(Bucket, 'k', 'null two');
    expect(await textOf(Bucket, 'k', 'null')).toBe('null two');
    expect(await textOf(Bucket, 'k', kept)).toBe('kept');
    const marker = await remove(Bucket, 'k');
    expect({ marker: marker.DeleteMarker, id: marker.VersionId }).toEqual({ marker: true, id: 'null' });
    expect(await failureOf(get(Bucket, 'k', 'null'))).toMatchObject({ status: 405 });
    expect(await textOf(Bucket, 'k', kept)).toBe('kept');
    await setVersioning(Bucket, 'Enabled');
    const { VersionId: newest } = await put(Bucket, 'k', 'newest');
    expect(await textOf(Bucket, 'k')).toBe('newest');
    expect(await failureOf(get(Bucket, 'k', 'null'))).toMatchObject({ status: 405 });
    await remove(Bucket, 'k', 'null');
    await remove(Bucket, 'k', newest);
    expect(await textOf(Bucket, 'k')).toBe('kept');
  });

  test.each([
    ['', 'Version id cannot be the empty string'],
    ['not-an-id', 'Invalid version id specified'],
  ])('the version id %j is no id', async (id, message) => {
    const Bucket = await newBucket('Enabled');
    await put(Bucket, 'k', 'text');
    for (const call of [get, remove])
      expect(await failureOf(call(Bucket, 'k', id))).toMatchObject({
        code: 'InvalidArgument',
        status: 400,
        message,
      });
    expect(await failureOf(head(Bucket, 'k', id))).toMatchObject({ status: 400 });
  });

  test('a version id of another key is none of this one', async () => {
    const Bucket = await newBucket('Enabled');
    await put(Bucket, 'a', 'a');
    const { VersionId } = await put(Bucket, 'b', 'b');
    expect(await failureOf(get(Bucket, 'a', VersionId))).toMatchObject({ code: 'NoSuchVersion' });
  });

  test('many versions written at once are all kept, each whole', async () => {
    const Bucket = await newBucket('Enabled');
    const texts = Array.from({ length: 40 }, (_, index) => `text ${index}`);
    const ids = await Promise.all(texts.map(async (text) => (await put(Bucket, 'k', text)).VersionId));
    expect(new Set(ids).size).toBe(texts.length);
    expect(await Promise.all(ids.map((id) => textOf(Bucket, 'k', id)))).toEqual(texts);
  });

  test('a write names no version', async () => {
    const Bucket = await newBucket('Enabled');
    const { VersionId } = await put(Bucket, 'k', 'text');
    const url = `${aws.endpoint}/${Bucket}/k?versionId=${encodeURIComponent(VersionId!)}`;
    const identity = aws.account(DESTINATION).root;
    const refusal = await refusalOf(await send(sign({ method: 'PUT', url, body: 'x' }, { identity }), 'x'));
    expect(refusal).toMatchObject({
      status: 400,
      code: 'InvalidArgument',
      message: 'This operation does not accept a version-id.',
    });
  });

  test.each([
    ['PUT', '?versioning='],
    ['PUT', '?lifecycle='],
    ['PUT', '?object-lock='],
    ['PUT', '?tagging='],
    ['PUT', '/k?retention='],
    ['PUT', '/k?legal-hold='],
    ['POST', '?delete='],
  ])('%s %s needs a body', async (method, path) => {
    const Bucket = `empty-${++made}`;
    await s3.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
    await put(Bucket, 'k', 'text');
    const url = `${aws.endpoint}/${Bucket}${path}`;
    const headers = { 'content-md5': '1B2M2Y8AsgTpgAmY7PhCfg==' };
    const call = sign({ method, url, headers }, { identity: aws.account(DESTINATION).root });
    expect(await refusalOf(await send(call))).toMatchObject({
      status: 400,
      code: 'MissingRequestBodyError',
    });
  });

  test.each(['many', '1.5', '-1', '2147483648'])('max-keys of %s is no number of keys', async (text) => {
    const Bucket = await newBucket();
    const identity = aws.account(DESTINATION).root;
    for (const query of ['', 'list-type=2&', 'versions=&']) {
      const call = sign({ url: `${aws.endpoint}/${Bucket}?${query}max-keys=${text}` }, { identity });
      const refusal = await refusalOf(await send(call));
      expect(refusal).toMatchObject({ status: 400, code: 'InvalidArgument' });
      expect(refusal.text).toContain(`<ArgumentName>max-keys</ArgumentName><ArgumentValue>${text}<`);
    }
  });
});
