import { createReadStream, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { Client, CopyDestinationOptions, CopySourceOptions } from 'minio';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DESTINATION } from './clients.ts';
import { FILES, makeFolder } from './commands.ts';

const BUCKET = 'minio-bucket';
let aws: Sandbox;
let folder: string;
let client: Client;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  folder = makeFolder(FILES);
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = aws.account(DESTINATION).root;
  const { hostname, port } = new URL(aws.endpoint);
  client = new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: false,
    accessKey,
    secretKey,
    partSize: 5 * 1024 ** 2,
  });
  await client.makeBucket(BUCKET);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.close();
});

const bytesOf = async (key: string) => Buffer.concat(await (await client.getObject(BUCKET, key)).toArray());
const list = (prefix = '') =>
  new Promise<string[]>((resolve, reject) => {
    const names: string[] = [];
    const stream = client.listObjectsV2(BUCKET, prefix, true);
    stream.on('data', ({ name }) => names.push(name!));
    stream.on('end', () => resolve(names)).on('error', reject);
  });

test('the minio client puts files and streams, small and in parts, and gets them back', async () => {
  expect(await client.bucketExists(BUCKET)).toBe(true);
  for (const [name, bytes] of Object.entries(FILES)) {
    await client.fPutObject(BUCKET, name, join(folder, 'papers', name), { 'x-amz-meta-team': 'reports' });
    expect((await bytesOf(name)).equals(bytes), name).toBe(true);
  }
  // A stream of a length that nobody says.
  await client.putObject(BUCKET, 'streamed', createReadStream(join(folder, 'papers/big.bin')));
  expect((await bytesOf('streamed')).equals(FILES['big.bin']!)).toBe(true);
  const stat = await client.statObject(BUCKET, 'big.bin');
  expect(stat).toMatchObject({ size: FILES['big.bin']!.length, metaData: { team: 'reports' } });
  const part = await client.getPartialObject(BUCKET, 'big.bin', 5_242_870, 20);
  expect(Buffer.concat(await part.toArray()).equals(FILES['big.bin']!.subarray(5_242_870, 5_242_890))).toBe(
    true,
  );
  expect(await list()).toEqual([...Object.keys(FILES), 'streamed'].toSorted());
  await expect(client.statObject(BUCKET, 'none')).rejects.toMatchObject({ code: 'NotFound' });
});

test('it copies, composes and tags', async () => {
  const copy = async (from: string, to: string) =>
    client.copyObject(
      new CopySourceOptions({ Bucket: BUCKET, Object: from }),
      new CopyDestinationOptions({ Bucket: BUCKET, Object: to }),
    );
  await copy('a.txt', 'copies/ü +.txt');
  expect((await bytesOf('copies/ü +.txt')).toString()).toBe('hello\n');
  await client.composeObject(
    new CopyDestinationOptions({ Bucket: BUCKET, Object: 'composed' }),
    ['big.bin', 'a.txt'].map((Object) => new CopySourceOptions({ Bucket: BUCKET, Object })),
    {},
  );
  expect((await bytesOf('composed')).equals(Buffer.concat([FILES['big.bin']!, FILES['a.txt']!]))).toBe(true);
  await client.setObjectTagging(BUCKET, 'a.txt', { team: 'reports' });
  expect(await client.getObjectTagging(BUCKET, 'a.txt')).toEqual([{ Key: 'team', Value: 'reports' }]);
});

test('it presigns a GET, a PUT and a form', async () => {
  expect(await (await fetch(await client.presignedGetObject(BUCKET, 'a.txt', 60))).text()).toBe('hello\n');
  const put = await fetch(await client.presignedPutObject(BUCKET, 'presigned', 60), {
    method: 'PUT',
    body: 'put',
  });
  expect(put.status).toBe(200);
  const policy = client.newPostPolicy();
  policy.setBucket(BUCKET);
  policy.setKey('posted');
  policy.setExpires(new Date(Date.now() + 60_000));
  policy.setContentType('text/csv');
  policy.setContentLengthRange(1, 100);
  const { postURL, formData } = await client.presignedPostPolicy(policy);
  const form = new FormData();
  for (const [name, value] of Object.entries(formData)) form.append(name, String(value));
  form.append('file', new Blob(['posted']));
  expect((await fetch(postURL, { method: 'POST', body: form })).status).toBe(204);
  expect((await bytesOf('posted')).toString()).toBe('posted');
});

test('it gives up an upload, and removes everything', async () => {
  await client.initiateNewMultipartUpload(BUCKET, 'broken', {});
  const uploads = await client.listIncompleteUploads(BUCKET, '', true).toArray();
  expect(uploads.map(({ key }: { key: string }) => key)).toEqual(['broken']);
  await client.removeIncompleteUpload(BUCKET, 'broken');
  expect(await client.listIncompleteUploads(BUCKET, '', true).toArray()).toEqual([]);
  await client.removeObjects(BUCKET, await list());
  expect(await list()).toEqual([]);
  await client.removeBucket(BUCKET);
  expect(await client.listBuckets()).toEqual([]);
});
