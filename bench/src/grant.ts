import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox } from '@crossbucket/sandbox';
import { median, printRows } from './report.ts';

const [APP, DATA] = ['111111111111', '222222222222'] as const;
const BUCKETS = 20;
const GRANTS = 100;
const SERVICES = 10;
const ROUNDS = 3;

const COMMAND = fileURLToPath(new URL('../../packages/crossbucket/bin/crossbucket.js', import.meta.url));

/** The command as a user runs it, from process start, against a sandbox in another process. */
export async function benchGrant(): Promise<void> {
  const aws = await startSandbox({
    accounts: [
      { id: APP, name: 'app' },
      { id: DATA, name: 'data' },
    ],
  });
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  try {
    const as = (account: string) => ({
      region: 'us-east-1',
      endpoint: aws.endpoint,
      credentials: aws.account(account).root,
    });
    await setStage(new S3Client(as(DATA)), new IAMClient(as(APP)));
    const env = {
      ...process.env,
      AWS_CONFIG_FILE: aws.profiles,
      AWS_SHARED_CREDENTIALS_FILE: aws.credentialsFile,
    };
    const plan = async (count: number): Promise<number> => {
      const file = join(folder, `${count}.yaml`);
      writeFileSync(file, JSON.stringify(specOf(count)));
      const times: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const started = performance.now();
        await run(['grant', 'plan', '--config', file, '--json'], env);
        times.push(performance.now() - started);
      }
      return median(times);
    };
    printRows('Grants, on the sandbox', [
      {
        name: `plan of ${GRANTS} grants over ${BUCKETS} buckets`,
        value: await plan(GRANTS),
        unit: 'ms',
        yardstick: { name: 'a plan of 1', value: await plan(1) },
      },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
    await aws.close();
  }
}

const policy = (statement: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });

async function setStage(s3: S3Client, iam: IAMClient): Promise<void> {
  for (let index = 0; index < BUCKETS; index++) {
    const Bucket = `acme-${index}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    const Policy = policy({
      Sid: 'Other',
      Principal: { AWS: DATA },
      Action: 's3:GetObject',
      Resource: `arn:aws:s3:::${Bucket}/*`,
    });
    await s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
  }
  const AssumeRolePolicyDocument = policy({ Principal: { AWS: APP }, Action: 'sts:AssumeRole' });
  for (let index = 0; index < SERVICES; index++)
    await iam.send(new CreateRoleCommand({ RoleName: `service-${index}`, AssumeRolePolicyDocument }));
}

/** Half of the grants by each route. */
function specOf(count: number): object {
  const grants = Array.from({ length: count }, (_, index) => ({
    name: `grant-${index}`,
    bucket: `data/acme-${index % BUCKETS}`,
    to: 'app',
    principals: [`role/service-${index % SERVICES}`],
    access: { read: [`part-${index}/*`], list: [`part-${index}/*`] },
    route: index % 2 === 0 ? 'role' : 'bucket-policy',
  }));
  return { accounts: { app: { id: APP, profile: 'app' }, data: { id: DATA, profile: 'data' } }, grants };
}

/** A plan with changes exits 1. */
function run(argv: string[], env: NodeJS.ProcessEnv): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [COMMAND, ...argv], { env, maxBuffer: 2 ** 28 }, (error, _, err) => {
      if (error?.code === 1) resolve();
      else reject(new Error(`exit ${error?.code}: ${err}`));
    });
  });
}
