import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, vi } from 'vitest';
import { run } from '../../packages/crossbucket/src/cli/main.ts';
import type { Explanation } from '../../packages/crossbucket/src/explain/explanation.ts';
import { Breaker } from './mutation.ts';
import { workingSetup } from './setup.ts';
import { setStage, type Stage } from './stage.ts';

export let stage: Stage;
/** Where the command runs, and leaves its backups. */
export let folder: string;

/** The setup that works, for the command lines of a file of tests. */
export function useStage(): void {
  beforeAll(async () => {
    stage = await setStage();
    folder = mkdtempSync(join(tmpdir(), 'explain-'));
    vi.spyOn(process, 'cwd').mockReturnValue(folder);
    vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
    await stage.aws.close();
  });
}

export async function crossbucket(...argv: string[]): Promise<{ exit: number; out: string; err: string }> {
  const texts = { out: '', err: '' };
  const into = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _, done) {
        texts[name] += chunk.toString();
        done();
      },
    });
  const style = { bold: String, dim: String, green: String, red: String };
  const exit = await run(argv, { out: into('out'), err: into('err'), style });
  return { exit, ...texts };
}

export async function explain(...argv: string[]): Promise<Explanation> {
  const { out, err } = await crossbucket('explain', ...argv, '--json');
  if (out === '') throw new Error(err);
  return JSON.parse(out) as Explanation;
}

export const OBJECT = 's3://acme-reports/reports/q1.csv';
export const READS = ['--profile', 'app', '--profile', 'data', '--profile', 'management'];

/** Breaks the bucket policy for as long as a test takes. */
export async function whileBroken(work: () => Promise<void>): Promise<void> {
  const breaker = new Breaker(stage);
  const setup = workingSetup('bucket-policy', stage);
  const { policy } = setup.world.accounts['222222222222']!.buckets['acme-reports']!;
  (policy!.document.Statement as { Resource: string }[])[0]!.Resource = 'arn:aws:s3:::acme-reports/archive/*';
  await breaker.stand(setup);
  try {
    await work();
  } finally {
    await new Breaker(stage, undefined, setup).stand(workingSetup('bucket-policy', stage));
  }
}

export const serviceClient = () =>
  new S3Client({
    region: 'us-east-1',
    endpoint: stage.aws.endpoint,
    credentials: stage.key,
    forcePathStyle: true,
    maxAttempts: 1,
  });
export const get = new GetObjectCommand({ Bucket: 'acme-reports', Key: 'reports/q1.csv' });
