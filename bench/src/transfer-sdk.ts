// What people write with the plain SDK: `node transfer-sdk.js up|down|sync FOLDER-OR-FILE BUCKET PREFIX`.
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, paginateListObjectsV2, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';

const AT_ONCE = 16;
const LARGE = 8 * 1024 * 1024;
const [action, local = '', Bucket = '', prefix = ''] = process.argv.slice(2);
const s3 = new S3Client({ forcePathStyle: true });

async function each<T>(
  items: AsyncIterable<T> | Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const item of items) {
    const job: Promise<void> = work(item).finally(() => running.delete(job));
    running.add(job);
    if (running.size >= AT_ONCE) await Promise.race(running);
  }
  await Promise.all(running);
}

async function filesOf(path: string): Promise<string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function upload(path: string): Promise<void> {
  const { size } = await stat(path);
  const Key = prefix + (path === local ? 'large' : relative(local, path));
  const Body = createReadStream(path);
  if (size > LARGE)
    await new Upload({ client: s3, params: { Bucket, Key, Body }, queueSize: 8, partSize: LARGE }).done();
  else await s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: size }));
}

async function download(Key: string): Promise<void> {
  const path = Key === `${prefix}large` ? local : join(local, Key.slice(prefix.length));
  await mkdir(dirname(path), { recursive: true });
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  await pipeline(Body as Readable, createWriteStream(path));
}

async function* objects() {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket, Prefix: prefix }))
    yield* Contents;
}

if (action === 'up') await each(await filesOf(local), upload);
else if (action === 'down') {
  await each(objects(), ({ Key }) => download(Key!));
} else {
  const there = new Map<string, { size: number; time: number }>();
  for await (const { Key, Size, LastModified } of objects())
    there.set(Key!.slice(prefix.length), { size: Size!, time: LastModified!.getTime() });
  await each(await filesOf(local), async (path) => {
    const { size, mtimeMs } = await stat(path);
    const object = there.get(relative(local, path));
    if (!object || object.size !== size || object.time < mtimeMs) await upload(path);
  });
}
