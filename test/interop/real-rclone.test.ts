import { createHash } from 'node:crypto';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION } from './clients.ts';
import { FILES, makeFolder, run } from './commands.ts';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';

/** Debian's, 1.60. */
const RCLONE = '/usr/bin/rclone';
const BUCKET = 'rclone-bucket';
let aws: Sandbox;
let folder: string;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  folder = makeFolder(FILES);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.close();
});

/** Runs a command; it must succeed. */
async function rclone(...args: string[]): Promise<string> {
  const { accessKeyId, secretAccessKey } = aws.account(DESTINATION).root;
  const env = {
    RCLONE_CONFIG: join(folder, 'rclone.conf'),
    RCLONE_CONFIG_S_TYPE: 's3',
    RCLONE_CONFIG_S_PROVIDER: 'Other',
    RCLONE_CONFIG_S_ENDPOINT: aws.endpoint,
    RCLONE_CONFIG_S_REGION: 'us-east-1',
    RCLONE_CONFIG_S_ACCESS_KEY_ID: accessKeyId,
    RCLONE_CONFIG_S_SECRET_ACCESS_KEY: secretAccessKey,
    // Buckets have no ACLs, as on AWS, where this one goes through all the same.
    RCLONE_CONFIG_S_ACL: 'bucket-owner-full-control',
    RCLONE_CONFIG_S_BUCKET_ACL: 'private',
    RCLONE_S3_UPLOAD_CUTOFF: '5M',
    RCLONE_S3_CHUNK_SIZE: '5M',
  };
  const { code, out, err } = await run(RCLONE, args, { cwd: folder, env });
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return out;
}

const keys = async () => {
  const { s3 } = clientsOf(aws, aws.account(DESTINATION).root);
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key!);
};

describe.skipIf(!existsSync(RCLONE))(`rclone (${RCLONE}, skipped where it is not installed)`, () => {
  test('copies a folder to a bucket, byte for byte', async () => {
    await rclone('mkdir', `s:${BUCKET}`);
    await rclone('copy', 'papers', `s:${BUCKET}/data`);
    expect(await keys()).toEqual(
      Object.keys(FILES)
        .map((name) => `data/${name}`)
        .toSorted(),
    );
    await rclone('check', '--download', 'papers', `s:${BUCKET}/data`);
    const listed = JSON.parse(await rclone('lsjson', '-R', '--hash', '--files-only', `s:${BUCKET}/data`)) as {
      Path: string;
      Size: number;
      Hashes: { md5: string };
    }[];
    for (const { Path, Size, Hashes } of listed) {
      expect(Size).toBe(FILES[Path]!.length);
      expect(Hashes.md5).toBe(createHash('md5').update(FILES[Path]!).digest('hex'));
    }
  });

  test('copies and moves within the bucket, and syncs what changed', async () => {
    await rclone('copyto', `s:${BUCKET}/data/big.bin`, `s:${BUCKET}/copied`);
    await rclone('moveto', `s:${BUCKET}/copied`, `s:${BUCKET}/moved +ü`);
    rmSync(join(folder, 'papers/a.txt'));
    writeFileSync(join(folder, 'papers/new.txt'), 'new\n');
    await rclone('sync', 'papers', `s:${BUCKET}/data`);
    expect(await keys()).toEqual([
      'data/big.bin',
      'data/empty',
      'data/new.txt',
      'data/sub dir/ü+/b%&=1.txt',
      'moved +ü',
    ]);
    expect(await rclone('cat', '--offset', '1', '--count', '2', `s:${BUCKET}/data/new.txt`)).toBe('ew');
  });

  test('shares an object by a link, dates it, and purges the bucket', async () => {
    const link = await rclone('link', '--expire', '1h', `s:${BUCKET}/data/new.txt`);
    expect(await (await fetch(link.trim())).text()).toBe('new\n');
    await rclone('touch', '-t', '2020-01-02T03:04:05', `s:${BUCKET}/data/new.txt`);
    expect(await rclone('lsl', `s:${BUCKET}/data/new.txt`)).toContain('2020-01-02 03:04:05');
    expect(await rclone('backend', 'list-multipart-uploads', `s:${BUCKET}`)).toContain('[]');
    await rclone('purge', `s:${BUCKET}`);
    expect(await rclone('lsd', 's:')).toBe('');
  });
});
