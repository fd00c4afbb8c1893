import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cli, hasCli } from './cli.ts';
import { DESTINATION } from './clients.ts';
import { FILES, makeFolder } from './commands.ts';

const BUCKET = 'cli-bucket';
/** From 8 MiB on, the command uploads in parts. */
const LARGE = randomBytes(8 * 1024 ** 2 + 1);
const ALL = { ...FILES, 'large.bin': LARGE };
let sandbox: Sandbox;
let folder: string;

beforeAll(async () => {
  sandbox = await startSandbox({ accounts: [{ id: DESTINATION, name: 'data' }] });
  folder = makeFolder(ALL);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await sandbox.close();
});

/** Runs a command; it must succeed. */
async function aws(...words: (string | string[])[]): Promise<string> {
  const { code, out, err } = await cli(sandbox, folder, 'data', ...words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

describe.skipIf(!hasCli)('the AWS CLI', () => {
  // Each command takes a second: those that need not wait for each other run beside each other.
  test('syncs a folder, in parts where a file is large, and gets it back', async () => {
    await aws(`s3 mb s3://${BUCKET}`);
    await aws(`s3 sync papers s3://${BUCKET}/data --only-show-errors`);
    const attributes = `--bucket ${BUCKET} --key data/large.bin --object-attributes ObjectSize ObjectParts`;
    const [, size] = await Promise.all([
      aws(`s3 cp s3://${BUCKET}/data back --recursive --only-show-errors`),
      aws(`s3api get-object-attributes ${attributes} --query [ObjectSize,ObjectParts.TotalPartsCount]`),
      aws(`s3 cp s3://${BUCKET}/data/large.bin s3://${BUCKET}/copy.bin --only-show-errors`),
    ]);
    expect(size).toBe(`${LARGE.length}\t2`);
    for (const [name, bytes] of Object.entries(ALL))
      expect(readFileSync(join(folder, 'back', name)).equals(bytes), name).toBe(true);
  });

  test('syncs what is gone, and removes all', async () => {
    rmSync(join(folder, 'papers/empty'));
    expect(await aws(`s3 sync papers s3://${BUCKET}/data --delete --no-progress`)).toBe(
      `delete: s3://${BUCKET}/data/empty`,
    );
    await aws(`s3 rb s3://${BUCKET} --force`);
  });
});
