import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  UploadPartCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ChildSandbox } from './child-sandbox.ts';

const ACCOUNT = '222222222222';
const Bucket = 'killed-uploads';
const WRITERS = 6;

let folder: string;
let sandbox: ChildSandbox | undefined;
let s3: S3Client;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-kill-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => sandbox?.kill());

const start = async () => {
  sandbox = await ChildSandbox.start(['--data', folder]);
  s3 = sandbox.s3(ACCOUNT);
};
const blobs = () => readdirSync(join(folder, 'blobs'));
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

/** An upload as its client knows it: what was acknowledged, and what it was about to ask for when the process went. */
interface Known {
  key: string;
  id: string;
  /** By number, the ETags that a part may have. */
  parts: Map<number, Set<string>>;
  state: 'open' | 'completing' | 'complete' | 'aborting' | 'aborted';
  whole: Buffer;
}

const uploads: Known[] = [];
/** Keys whose upload was asked for and not answered: it may be there or not. */
const unanswered = new Set<string>();
/** On both sides of the size from which bodies are files of their own. */
const last = [randomBytes(1000), randomBytes(70_000), randomBytes(200_000)];

/** Uploads, completes and aborts without end, until the process is gone. */
async function write(writer: number, round: number, acknowledged: () => void): Promise<void> {
  try {
    for (let turn = 0; ; turn++) {
      const key = `${round}/${writer}/${turn}`;
      unanswered.add(key);
      const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: key }));
      unanswered.delete(key);
      const body = last[(turn + writer) % last.length]!;
      const upload: Known = { key, id: UploadId!, parts: new Map(), state: 'open', whole: body };
      uploads.push(upload);
      const at = { Bucket, Key: key, UploadId };
      for (const [number, part] of [
        [5, randomBytes(66_000)],
        [2, body],
        [2, body],
      ] as const) {
        const allowed = upload.parts.get(number) ?? new Set([undefined as never]);
        upload.parts.set(number, allowed.add(md5(part)));
        const { ETag } = await s3.send(new UploadPartCommand({ ...at, PartNumber: number, Body: part }));
        upload.parts.set(number, new Set([ETag!.replaceAll('"', '')]));
      }
      if (turn % 3 === 0) {
        upload.state = 'completing';
        const Parts = [{ PartNumber: 2, ETag: md5(body) }];
        await s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts } }));
        upload.state = 'complete';
      } else if (turn % 3 === 1) {
        upload.state = 'aborting';
        await s3.send(new AbortMultipartUploadCommand(at));
        upload.state = 'aborted';
      }
      acknowledged();
    }
  } catch {
    // killed
  }
}

async function check(upload: Known): Promise<void> {
  const at = { Bucket, Key: upload.key, UploadId: upload.id };
  const listed = await s3.send(new ListPartsCommand(at)).catch((error: Error) => error);
  const isOpen = !(listed instanceof Error);
  if (upload.state === 'open') expect(isOpen, upload.key).toBe(true);
  if (upload.state === 'complete' || upload.state === 'aborted') expect(isOpen, upload.key).toBe(false);
  if (isOpen) {
    upload.state = 'open';
    const found = new Map(
      (listed.Parts ?? []).map(({ PartNumber, ETag }) => [PartNumber!, ETag!.replaceAll('"', '')]),
    );
    for (const [number, allowed] of upload.parts) expect(allowed, upload.key).toContain(found.get(number));
    return;
  }
  expect(listed.name).toBe('NoSuchUpload');
  if (upload.state === 'aborting' || upload.state === 'aborted') return;
  upload.state = 'complete';
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: upload.key }));
  expect(upload.whole.equals(await Body!.transformToByteArray()), upload.key).toBe(true);
}

test.each([1, 2])('uploads outlive the end of the process: round %i', async (round) => {
  await start();
  if (round === 1) await s3.send(new CreateBucketCommand({ Bucket }));
  let count = 0;
  await new Promise<void>((resolve) => {
    const acknowledged = () => ++count === 6 * round && resolve();
    for (let writer = 0; writer < WRITERS; writer++) void write(writer, round, acknowledged);
  });
  await sandbox!.kill();

  await start();
  await Promise.all(uploads.map(check));
  await sandbox!.stop();
});

test('what is open goes on; in the end nothing is left of it', async () => {
  await start();
  const open = uploads.filter(({ state }) => state === 'open');
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket }));
  const begun = Uploads.filter(({ Key }) => unanswered.has(Key!));
  const answered = Uploads.filter((upload) => !begun.includes(upload)).map(({ UploadId }) => UploadId!);
  expect(answered.toSorted()).toEqual(open.map(({ id }) => id).toSorted());
  expect(begun.length).toBeLessThanOrEqual(unanswered.size);
  for (const { Key, UploadId } of begun)
    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  await Promise.all(
    open.map(async (upload, index) => {
      const at = { Bucket, Key: upload.key, UploadId: upload.id };
      if (index % 2 === 0) {
        await s3.send(new AbortMultipartUploadCommand(at));
        return;
      }
      const { ETag } = await s3.send(new UploadPartCommand({ ...at, PartNumber: 9, Body: last[1] }));
      const Parts = [{ PartNumber: 9, ETag }];
      await s3.send(new CompleteMultipartUploadCommand({ ...at, MultipartUpload: { Parts } }));
      upload.state = 'complete';
      upload.whole = last[1]!;
      await check(upload);
    }),
  );
  const complete = uploads.filter(({ state }) => state === 'complete');
  expect(blobs()).toHaveLength(complete.filter(({ whole }) => whole.length > 65_536).length);
  await Promise.all(complete.map(({ key: Key }) => s3.send(new DeleteObjectCommand({ Bucket, Key }))));
  expect(blobs()).toEqual([]);
});
