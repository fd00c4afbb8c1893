import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openBucket, type Bucket } from '@crossbucket/access';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'crossbucket-no-room-'));
const MiB = 1024 * 1024;
const OWNER = '222222222222';

/** Only root may mount one, and not everywhere. */
function mount(): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'pipe' });
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

const name = problem === undefined ? 'a full disk' : `a full disk (skipped: ${problem})`;

describe.skipIf(problem !== undefined)(name, () => {
  const bytes = randomBytes(3 * MiB);
  const partSize = 256 * 1024;
  let aws: Sandbox;
  let bucket: Bucket;

  beforeAll(async () => {
    aws = await startSandbox({ accounts: [OWNER] });
    const options = { region: 'us-east-1', credentials: aws.account(OWNER).root };
    const s3 = new S3Client({ ...options, endpoint: aws.endpoint, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
    bucket = openBucket({ bucket: 'acme-reports', ...options, clientConfig: { endpoint: aws.endpoint } });
    await bucket.put('large', bytes);
    await bucket.put('small', bytes.subarray(0, 100_000));
  });
  afterAll(() => aws.close());

  const fill = (size: number) => writeFileSync(join(folder, 'filler'), Buffer.alloc(size));
  const names = () => readdirSync(folder).filter((file) => file !== 'filler');

  test('is told before a large download begins', async () => {
    fill(2 * MiB);
    await expect(bucket.download('large', join(folder, 'file'), { partSize })).rejects.toMatchObject({
      code: 'disk-full',
      help: expect.stringContaining('make room'),
    });
    expect(existsSync(join(folder, 'file'))).toBe(false);
  });

  test('that fills up meanwhile ends it with what to do, and with room it goes on', async () => {
    rmSync(join(folder, 'filler'), { force: true });
    const events: string[] = [];
    const download = () =>
      bucket.download('large', join(folder, 'file'), {
        partSize,
        concurrency: 1,
        onEvent(event) {
          events.push(event.type);
          if (events.length === 8) fill(3 * MiB);
        },
      });
    await expect(download()).rejects.toMatchObject({ code: 'disk-full' });
    expect(existsSync(join(folder, 'file'))).toBe(false);
    rmSync(join(folder, 'filler'));
    expect((await download()).resumed).toBeGreaterThan(0);
    expect(readFileSync(join(folder, 'file')).equals(bytes)).toBe(true);
    rmSync(join(folder, 'file'));
    expect(names()).toEqual([]);
  });

  test('leaves nothing of a small file', async () => {
    fill(4 * MiB - 50_000);
    await expect(bucket.download('small', join(folder, 'small'))).rejects.toMatchObject({
      code: 'disk-full',
    });
    expect(names()).toEqual([]);
  });
});
