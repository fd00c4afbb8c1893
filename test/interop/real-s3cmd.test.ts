import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION } from './clients.ts';
import { FILES, makeFolder, run } from './commands.ts';

/** Debian's, 2.3. */
const S3CMD = '/usr/bin/s3cmd';
const BUCKET = 's3cmd-bucket';
let aws: Sandbox;
let folder: string;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  folder = makeFolder(FILES);
  const { accessKeyId, secretAccessKey } = aws.account(DESTINATION).root;
  const host = new URL(aws.endpoint).host;
  const config = {
    access_key: accessKeyId,
    secret_key: secretAccessKey,
    host_base: host,
    host_bucket: host,
    use_https: 'False',
    bucket_location: 'us-east-1',
    multipart_chunk_size_mb: '5',
    progress_meter: 'False',
  };
  const lines = Object.entries(config).map(([name, value]) => `${name} = ${value}`);
  writeFileSync(join(folder, '.s3cfg'), ['[default]', ...lines, ''].join('\n'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await aws.close();
});

/** Runs a command; it must succeed. */
async function s3cmd(...args: string[]): Promise<string> {
  const { code, out, err } = await run(S3CMD, args, { cwd: folder });
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return out;
}

describe.skipIf(!existsSync(S3CMD))(`s3cmd (${S3CMD}, skipped where it is not installed)`, () => {
  test('uploads a folder and gets it back, byte for byte', async () => {
    await s3cmd('mb', `s3://${BUCKET}`);
    await s3cmd('put', '--recursive', 'papers', `s3://${BUCKET}/`);
    mkdirSync(join(folder, 'back'));
    await s3cmd('get', '--recursive', `s3://${BUCKET}/papers/`, 'back/');
    for (const [name, bytes] of Object.entries(FILES))
      expect(readFileSync(join(folder, 'back', name)).equals(bytes), name).toBe(true);
    expect(await s3cmd('sync', 'papers/', `s3://${BUCKET}/papers/`)).not.toContain('upload:');
  });

  test('says what an object is, copies, moves and changes it', async () => {
    const at = `s3://${BUCKET}/papers/a.txt`;
    await s3cmd('put', 'papers/a.txt', at, '--add-header=x-amz-meta-team:reports', '--mime-type=text/csv');
    const info = await s3cmd('info', at);
    expect(info).toMatch(/MIME type: text\/csv/);
    expect(info).toMatch(/x-amz-meta-team: reports/);
    await s3cmd('cp', at, `s3://${BUCKET}/copies/ü +%.txt`);
    await s3cmd('mv', `s3://${BUCKET}/papers/big.bin`, `s3://${BUCKET}/copies/big.bin`);
    await s3cmd('modify', '--add-header=Cache-Control: no-store', at);
    const { s3 } = clientsOf(aws, aws.account(DESTINATION).root);
    expect(await s3.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'papers/a.txt' }))).toMatchObject({
      CacheControl: 'no-store',
      Metadata: { team: 'reports' },
    });
    const listed = await s3cmd('ls', '--recursive', `s3://${BUCKET}/copies/`);
    expect(listed).toContain('copies/ü +%.txt');
    expect(listed).toContain(`${FILES['big.bin']!.length}`);
  });

  test('finds no upload under way, and removes all', async () => {
    expect((await s3cmd('multipart', `s3://${BUCKET}`)).trim().split('\n')).toHaveLength(2);
    await s3cmd('rb', '--recursive', '--force', `s3://${BUCKET}`);
    expect(await s3cmd('ls')).toBe('');
  });
});
