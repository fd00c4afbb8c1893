import { createHash, type Hash } from 'node:crypto';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChildSandbox } from '../faults/child-sandbox.ts';
import { sign } from '../interop/signer.ts';

const ACCOUNT = '222222222222';
const SIZE = 5 * 1024 ** 3;
const MOST_RESIDENT = 120 * 1024 ** 2;

let folder: string;
let sandbox: ChildSandbox;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-large-'));
  sandbox = await ChildSandbox.start(['--data', folder]);
  await sandbox.s3(ACCOUNT).send(new CreateBucketCommand({ Bucket: 'large' }));
});
afterAll(async () => {
  await sandbox?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const call = (method: string, headers: Record<string, string> = {}) =>
  sign(
    { method, url: `${sandbox.readiness.endpoint}/large/k`, headers },
    { identity: sandbox.rootOf(ACCOUNT), payload: 'UNSIGNED-PAYLOAD' },
  );
/** The most that was ever resident, in bytes. */
const peak = () =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${sandbox.pid}/status`, 'utf8'))![1]) * 1024;

test('an object of 5 GiB streams in and out of bounded memory', async () => {
  const chunk = Buffer.alloc(1024 ** 2, 'crossbucket');
  const sent = createHash('md5');
  const put = call('PUT', { 'content-length': String(SIZE) });
  const upload = request(put.url, { method: 'PUT', headers: put.headers });
  const stored = once(upload, 'response') as Promise<[IncomingMessage]>;
  for (let at = 0; at < SIZE; at += chunk.length) {
    chunk.writeUInt32BE(at / chunk.length);
    sent.update(chunk);
    // A copy: what is written is sent later.
    if (!upload.write(Buffer.from(chunk))) await once(upload, 'drain');
  }
  upload.end();
  const [answer] = await stored;
  answer.resume();
  expect(answer.statusCode).toBe(200);
  const md5 = sent.digest('hex');
  expect(answer.headers.etag).toBe(`"${md5}"`);

  const get = call('GET');
  const download = request(get.url, { headers: get.headers });
  download.end();
  const [body] = (await once(download, 'response')) as [IncomingMessage];
  const received: Hash = createHash('md5');
  for await (const bytes of body) received.update(bytes as Buffer);
  expect(received.digest('hex')).toBe(md5);
  console.log(`${Math.round(peak() / 1024 ** 2)} MiB resident at most`);
  expect(peak()).toBeLessThan(MOST_RESIDENT);
}, 1_200_000);
