import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox } from '@crossbucket/sandbox';
import { expect } from 'vitest';
import { Dice, malformedRequest } from './requests.ts';
import { throwAll } from './throw.ts';
import { playAll } from './tricks.ts';

const ACCOUNT = '222222222222';
const Bucket = 'malformed';

/** What a campaign came to. */
export interface Report {
  /** By status, `none` where the connection ended without an answer. */
  statuses: Record<string, number>;
  /** Different codes of errors. */
  codes: Set<string>;
  /** What the sandbox itself did not expect. */
  internal: unknown[];
}

/** Throws malformed requests at a sandbox, which must go on, know what to say to each, and leave its folder alone. */
export async function runCampaign(count: number, seed: number): Promise<Report> {
  const parent = mkdtempSync(join(tmpdir(), 'crossbucket-malformed-'));
  const aws = await startSandbox({ accounts: [ACCOUNT], data: join(parent, 'data') });
  const report: Report = { statuses: {}, codes: new Set(), internal: [] };
  const onInternal = (message: unknown) => void report.internal.push((message as { error: unknown }).error);
  subscribe('crossbucket:sandbox:internal-error', onInternal);
  try {
    const { endpoint } = aws;
    const credentials = aws.account(ACCOUNT).root;
    const s3 = new S3Client({
      region: 'us-east-1',
      endpoint,
      credentials,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    await s3.send(new CreateBucketCommand({ Bucket }));
    // One that no request names keeps the bucket from being deleted.
    for (const Key of ['k', 'kept']) await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'content' }));
    const dice = new Dice(seed);
    const requests = function* (): Generator<Buffer> {
      for (let sent = 0; sent < count; sent++) yield malformedRequest(dice, credentials, Bucket);
    };
    await throwAll(Number(new URL(endpoint).port), requests(), ({ status, code }) => {
      const name = String(status ?? 'none');
      report.statuses[name] = (report.statuses[name] ?? 0) + 1;
      if (code !== undefined) report.codes.add(code);
    });
    // Of clients that misbehave beyond what they say: each needs a connection of its own, and some are waited for.
    await playAll(
      Math.ceil(count / 20),
      dice,
      { endpoint, identity: credentials, bucket: Bucket },
      (status) => {
        report.statuses[status ?? 'none'] = (report.statuses[status ?? 'none'] ?? 0) + 1;
      },
    );
    await stagingIsEmpty(join(parent, 'data', 'staging'));
    const fresh = 'made-afterwards';
    await s3.send(new CreateBucketCommand({ Bucket: fresh }));
    await s3.send(new PutObjectCommand({ Bucket: fresh, Key: 'k', Body: 'alive' }));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: fresh, Key: 'k' }));
    expect(await Body!.transformToString()).toBe('alive');
    expect(readdirSync(parent)).toEqual(['data']);
    return report;
  } finally {
    unsubscribe('crossbucket:sandbox:internal-error', onInternal);
    await aws.close();
    rmSync(parent, { recursive: true });
  }
}

/** What clients left half-sent is removed when their connections are seen to end. */
async function stagingIsEmpty(folder: string): Promise<void> {
  for (let tries = 0; tries < 100 && readdirSync(folder).length > 0; tries++) await sleep(50);
  expect(readdirSync(folder)).toEqual([]);
}
