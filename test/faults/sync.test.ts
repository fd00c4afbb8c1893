import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clientsOf, DESTINATION, failureOf } from '../interop/clients.ts';
import { ChildSandbox } from './child-sandbox.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-sync-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const put = (s3: S3Client, Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket: 'synced', Key, Body }));
const get = async (s3: S3Client, Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket: 'synced', Key }))).Body!.transformToString();
const large = (letter: string) => letter.repeat(200_000);

describe('the sync of a file', () => {
  let aws: Sandbox;
  let s3: S3Client;

  /** Puts something in the place of every file's sync. */
  async function replaceSync(sync: () => Promise<void>): Promise<void> {
    const file = await open(join(folder, 'any'), 'w');
    vi.spyOn(Object.getPrototypeOf(file) as FileHandle, 'sync').mockImplementation(sync);
    await file.close();
  }

  beforeEach(async () => {
    aws = await startSandbox({ data: folder });
    ({ s3 } = clientsOf(aws, aws.account(DESTINATION).root));
    await s3.send(new CreateBucketCommand({ Bucket: 'synced' }));
    await put(s3, 'large', large('a'));
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await aws.close();
  });

  test('that is slow keeps its object from being acknowledged, and from being seen', async () => {
    let finish = (): void => {};
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let begun = (): void => {};
    const began = new Promise<void>((resolve) => (begun = resolve));
    await replaceSync(() => {
      begun();
      return finished;
    });
    let acknowledged = false;
    const writing = put(s3, 'large', large('b')).then(() => (acknowledged = true));
    await began;
    expect(await get(s3, 'large')).toBe(large('a'));
    expect(acknowledged).toBe(false);
    finish();
    await writing;
    expect(await get(s3, 'large')).toBe(large('b'));
  });

  test('that fails fails its object alone', async () => {
    await replaceSync(() =>
      Promise.reject(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })),
    );
    expect(await failureOf(put(s3, 'large', large('b')))).toMatchObject({
      code: 'ServiceUnavailable',
      status: 503,
      message: expect.stringContaining('could not be written (EIO)'),
    });
    expect(await failureOf(put(s3, 'other', large('b')))).toMatchObject({ code: 'ServiceUnavailable' });
    vi.restoreAllMocks();
    expect(await get(s3, 'large')).toBe(large('a'));
    expect(await failureOf(get(s3, 'other'))).toMatchObject({ code: 'NoSuchKey' });
    expect(readdirSync(join(folder, 'staging'))).toEqual([]);
    expect(readdirSync(join(folder, 'blobs'))).toHaveLength(1);
    await put(s3, 'large', large('c'));
    expect(await get(s3, 'large')).toBe(large('c'));
  });
});

const STRACE = '/usr/bin/strace';

/** Whether this process may look into another one: not everywhere, even where strace is installed. */
function canTrace(): boolean {
  const other = spawn('sleep', ['10'], { stdio: 'ignore' });
  const { stderr } = spawnSync(STRACE, ['-p', String(other.pid)], { timeout: 300, encoding: 'utf8' });
  other.kill();
  return stderr?.includes('attached') ?? false;
}
const traces = canTrace();

describe.skipIf(!traces)(
  `the sync of the database${traces ? '' : ' (skipped: strace is not there or may not attach)'}`,
  () => {
    let sandbox: ChildSandbox;
    let s3: S3Client;
    let tracer: ChildProcess | undefined;

    beforeEach(async () => {
      sandbox = await ChildSandbox.start(['--data', folder]);
      s3 = sandbox.s3(DESTINATION);
      await s3.send(new CreateBucketCommand({ Bucket: 'synced' }));
      await put(s3, 'before', 'a');
      await put(s3, 'deleted', 'a');
    });
    afterEach(async () => {
      tracer?.kill();
      await sandbox.kill();
    });

    /** Has the kernel do something else for every sync of data, from now on. */
    async function inject(what: string): Promise<void> {
      const args = [
        '-f',
        '-p',
        String(sandbox.pid),
        '-o',
        '/dev/null',
        '-e',
        'trace=fdatasync',
        '-e',
        `inject=fdatasync:${what}`,
      ];
      tracer = spawn(STRACE, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      const [said] = (await once(tracer.stderr!, 'data')) as [Buffer];
      expect(said.toString()).toContain('attached');
    }

    test('that is slow keeps what it is for from being acknowledged', async () => {
      await inject('delay_enter=1500000');
      const writing = put(s3, 'slow', 'b').then(() => 'acknowledged');
      expect(await Promise.race([writing, after(500, 'not yet')])).toBe('not yet');
      expect(await writing).toBe('acknowledged');
    });

    test('that fails fails every write from then on; reads go on, and a restart has what was acknowledged', async () => {
      await inject('error=EIO');
      const failed = {
        code: 'ServiceUnavailable',
        status: 503,
        message: expect.stringContaining('a write to the data folder failed'),
      };
      const remove = s3.send(new DeleteObjectCommand({ Bucket: 'synced', Key: 'deleted' }));
      const attempts = [put(s3, 'before', 'b'), put(s3, 'failed', 'b'), put(s3, 'large', large('b')), remove];
      for (const failure of await Promise.all(attempts.map((attempt) => failureOf(attempt))))
        expect(failure).toMatchObject(failed);
      expect(await failureOf(put(s3, 'after', 'c'))).toMatchObject(failed);
      for (const key of ['before', 'deleted']) expect(await get(s3, key)).toBe('a');
      expect(sandbox.isRunning).toBe(true);
      tracer!.kill();
      await once(tracer!, 'close');
      expect(await failureOf(put(s3, 'after', 'd'))).toMatchObject(failed);
      await sandbox.kill();
      sandbox = await ChildSandbox.start(['--data', folder]);
      s3 = sandbox.s3(DESTINATION);
      for (const key of ['before', 'deleted']) expect(await get(s3, key)).toBe('a');
      expect(await failureOf(get(s3, 'failed'))).toMatchObject({ code: 'NoSuchKey' });
      await put(s3, 'after', 'e');
      expect(await get(s3, 'after')).toBe('e');
    });
  },
);
