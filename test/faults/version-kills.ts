import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteBucketCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { expect } from 'vitest';
import { ChildSandbox } from './child-sandbox.ts';
import { VersionHistory } from './version-history.ts';

const ACCOUNT = '222222222222';
const Bucket = 'killed-versions';
const WRITERS = 12;
const KEPT = 8;

/** Kills a sandbox that keeps versions so many times, and checks each time that it has what it acknowledged. */
export async function killWhileVersioning(rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-kill-versions-'));
  const histories = Array.from(
    { length: WRITERS },
    (_, index) => new VersionHistory(Bucket, `key-${index}/`),
  );
  let sandbox: ChildSandbox | undefined;
  try {
    sandbox = await ChildSandbox.start(['--data', folder]);
    const first = sandbox.s3(ACCOUNT);
    await first.send(new CreateBucketCommand({ Bucket }));
    const VersioningConfiguration = { Status: 'Enabled' } as const;
    await first.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    for (let round = 0; round < rounds; round++) {
      await killAfter(sandbox, histories, 30 + (round % 7) * 11);
      sandbox = await ChildSandbox.start(['--data', folder]);
      expect(readdirSync(join(folder, 'staging'))).toEqual([]);
      const s3 = sandbox.s3(ACCOUNT);
      await Promise.all(histories.map((history) => history.check(s3)));
      // So that a check costs as much after many rounds as after one.
      await Promise.all(histories.map((history) => history.keep(s3, KEPT)));
    }
    const last = sandbox.s3(ACCOUNT);
    await Promise.all(histories.map((history) => history.keep(last, 0)));
    expect(readdirSync(join(folder, 'blobs'))).toEqual([]);
    await last.send(new DeleteBucketCommand({ Bucket }));
  } finally {
    await sandbox?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function killAfter(
  sandbox: ChildSandbox,
  histories: readonly VersionHistory[],
  acknowledged: number,
): Promise<void> {
  const s3 = sandbox.s3(ACCOUNT);
  let left = acknowledged;
  let reach = (): void => {};
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const count = (): void => {
    left -= 1;
    if (left === 0) reach();
  };
  const writers = histories.map((history) => history.write(s3, count));
  await reached;
  await sandbox.kill();
  await Promise.all(writers);
}
