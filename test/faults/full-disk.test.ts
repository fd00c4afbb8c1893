import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readdirSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateUserCommand, DeleteUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DESTINATION, failureOf, type Failure } from '../interop/clients.ts';
import { ChildSandbox, Ended } from './child-sandbox.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossbucket-full-'));
const MEGABYTE = 1024 * 1024;

/** A file system of 24 MB; only root may mount one, and not everywhere. */
function mount(): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return (error as Error).message.split('\n')[0];
  }
}
const problem = mount();

afterAll(() => {
  if (problem === undefined) execFileSync('umount', [folder]);
  rmdirSync(folder);
});

const name =
  problem === undefined ? 'a full disk' : `a full disk (skipped: no small file system: ${problem})`;

describe.skipIf(problem !== undefined)(name, () => {
  let data: string;
  let sandbox: ChildSandbox;
  let s3: S3Client;
  /** SHA-256 of what was acknowledged, by key. */
  let stored: Map<string, string>;

  beforeEach(async () => {
    data = join(folder, 'data');
    stored = new Map();
    await start();
    await s3.send(new CreateBucketCommand({ Bucket: 'full' }));
  });
  afterEach(async () => {
    await sandbox.kill();
    rmSync(data, { recursive: true });
  });

  async function start(): Promise<void> {
    sandbox = await ChildSandbox.start(['--data', data]);
    s3 = sandbox.s3(DESTINATION);
  }
  const iam = () =>
    new IAMClient({
      region: 'us-east-1',
      endpoint: sandbox.readiness.endpoint,
      credentials: sandbox.rootOf(DESTINATION),
      maxAttempts: 1,
    });

  async function put(key: string, size: number): Promise<void> {
    const body = randomBytes(size);
    await s3.send(new PutObjectCommand({ Bucket: 'full', Key: key, Body: body }));
    stored.set(key, createHash('sha256').update(body).digest('hex'));
  }
  const remove = async (key: string) => {
    await s3.send(new DeleteObjectCommand({ Bucket: 'full', Key: key }));
    stored.delete(key);
  };

  /** Writes, eight at once, until the disk is full; gives how that was said, each time. */
  async function fill(size: number): Promise<Failure[]> {
    const failures: Failure[] = [];
    await Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let turn = 0; failures.length < 8; turn++) {
          const failed = await put(`${size}/${writer}/${turn}`, size).then(
            () => undefined,
            (error: unknown) => failureOf(Promise.reject(error as Error)),
          );
          if (failed) failures.push(failed);
        }
      }),
    );
    return failures;
  }

  async function checkAll(): Promise<void> {
    for (const [key, hash] of stored) {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'full', Key: key }));
      expect(
        createHash('sha256')
          .update(await Body!.transformToByteArray())
          .digest('hex'),
        key,
      ).toBe(hash);
    }
  }

  test.each([
    ['small', 50_000],
    ['large', MEGABYTE],
  ])('refuses %s objects clearly, loses none, and works again when there is room', async (_, size) => {
    const failures = await fill(size);
    for (const failure of failures)
      expect(failure).toMatchObject({
        code: 'ServiceUnavailable',
        status: 503,
        message: expect.stringContaining('the disk that holds the data folder is full'),
      });
    expect(stored.size * size).toBeGreaterThan(8 * MEGABYTE);
    expect(sandbox.isRunning).toBe(true);
    expect(readdirSync(join(data, 'staging'))).toEqual([]);

    // One by one, until there is no room for a single one more.
    for (let turn = 0; ; turn++) {
      const refused = await put(`last/${turn}`, size).catch((error: Error) => error.name);
      if (refused !== undefined) break;
    }
    const count = Math.ceil((4 * MEGABYTE) / size);
    for (const key of [...stored.keys()].slice(0, count)) await remove(key);
    for (let turn = 0; turn < count / 2; turn++) await put(`after/${turn}`, size);
    await checkAll();

    await sandbox.kill();
    await start();
    await checkAll();
    expect(sandbox.errors).toBe('');
  });

  test('lets many objects and their versions be deleted at once', async () => {
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await s3.send(new PutBucketVersioningCommand({ Bucket: 'full', VersioningConfiguration }));
    await fill(50_000);
    const keys = [...stored.keys()].map((Key) => ({ Key }));
    const removeMany = (Objects: ObjectIdentifier[]) =>
      s3.send(new DeleteObjectsCommand({ Bucket: 'full', Delete: { Objects } }));
    const hidden = await removeMany(keys);
    expect(hidden.Errors).toBeUndefined();
    expect(hidden.Deleted).toHaveLength(keys.length);
    const { Versions, DeleteMarkers } = await s3.send(new ListObjectVersionsCommand({ Bucket: 'full' }));
    const all = [...Versions!, ...DeleteMarkers!].map(({ Key, VersionId }) => ({ Key: Key!, VersionId }));
    expect(all).toHaveLength(2 * keys.length);
    expect((await removeMany(all)).Errors).toBeUndefined();
    stored.clear();
    for (let turn = 0; turn < keys.length / 2; turn++) await put(`after/${turn}`, 50_000);
    await checkAll();
    expect(sandbox.errors).toBe('');
  });

  test('refuses changes of IAM whole, and lets what is there be deleted', async () => {
    const client = iam();
    await client.send(new CreateUserCommand({ UserName: 'before' }));
    await fill(60_000);
    // As large as a user gets, so that what the puts have left is soon used up.
    const Tags = Array.from({ length: 50 }, (_, tag) => ({ Key: `tag-${tag}`, Value: 'x'.repeat(256) }));
    const failures: Failure[] = [];
    for (let index = 0; failures.length === 0 && index < 2000; index++)
      await client
        .send(new CreateUserCommand({ UserName: `user-${index}`, Tags }))
        .catch(async (error: unknown) => {
          failures.push(await failureOf(Promise.reject(error as Error)));
        });
    expect(failures[0]).toMatchObject({ code: 'ServiceUnavailable', status: 503 });
    const names = async () => {
      const users: (string | undefined)[] = [];
      let Marker: string | undefined;
      do {
        const page = await iam().send(new ListUsersCommand({ MaxItems: 1000, Marker }));
        users.push(...page.Users!.map(({ UserName }) => UserName));
        ({ Marker } = page);
      } while (Marker !== undefined);
      return users;
    };
    const before = await names();
    await client.send(new DeleteUserCommand({ UserName: 'before' }));
    await sandbox.kill();
    await start();
    expect(await names()).toEqual(before.filter((name) => name !== 'before'));
    await checkAll();
  });

  test('to the last byte lets nothing start, says so, and hurts nothing', async () => {
    await put('kept', MEGABYTE);
    await sandbox.stop();
    const filler = openSync(join(folder, 'filler'), 'w');
    try {
      for (;;) writeSync(filler, Buffer.alloc(4096));
    } catch (error) {
      expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
    } finally {
      closeSync(filler);
    }
    const ended = await start().catch((error: unknown) => error);
    rmSync(join(folder, 'filler'));
    if (ended !== undefined) {
      expect(ended).toBeInstanceOf(Ended);
      const { code, message } = ended as Ended;
      expect(code).toBe(3);
      expect(message).toMatch(/^error: .*\nhelp: .*\n$/);
      await start();
    }
    await checkAll();
  });
});
