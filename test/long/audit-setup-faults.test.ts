import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudTrailClient, DeleteTrailCommand, StopLoggingCommand } from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { crossbucket } from '../../packages/crossbucket/src/cli/testing/command-line.ts';
import { FaultProxy, type Fault } from '../grants/fault-proxy.ts';

const DATA = '222222222222';
const region = 'eu-west-1';

let aws: Sandbox;
let proxy: FaultProxy;
let folder: string;
let tries = 0;

beforeAll(async () => {
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) vi.stubEnv(name, undefined);
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-setup-faults-'));
  aws = await startSandbox({ accounts: [DATA] });
  proxy = await FaultProxy.before(aws.endpoint);
  vi.stubEnv('AWS_CONFIG_FILE', proxy.profiles(aws.profiles, folder, aws.endpoint));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', aws.credentialsFile);
  const s3 = new S3Client({
    region,
    endpoint: aws.endpoint,
    forcePathStyle: true,
    credentials: aws.account(DATA).root,
  });
  await s3.send(
    new CreateBucketCommand({
      Bucket: 'acme-reports',
      CreateBucketConfiguration: { LocationConstraint: region },
    }),
  );
}, 60_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([proxy.close(), aws.close()]);
  rmSync(folder, { recursive: true });
});

const setup = (name: string, ...more: string[]) =>
  crossbucket(
    ...words(`audit setup --profile ${DATA} --region ${region} --bucket acme-reports --name ${name}`),
    ...words(`--logs ${name}-logs --settle 0.01`),
    ...more,
  );
const words = (line: string) => line.split(' ');

const apply = (name: string) =>
  setup(name, '--apply', '--yes', '--backup', join(folder, `backup-${++tries}.json`));

/** An account takes five trails. */
async function forget(Name: string): Promise<void> {
  const client = new CloudTrailClient({
    region,
    endpoint: aws.endpoint,
    credentials: aws.account(DATA).root,
  });
  await client.send(new StopLoggingCommand({ Name }));
  await client.send(new DeleteTrailCommand({ Name }));
}

test.each<Fault>(['lost', 'answer lost', 'AWS fails', 'denied'])(
  '%s, at every single call: a second try finishes what the first began',
  { timeout: 600_000 },
  async (fault) => {
    const kind = fault.replace(' ', '-').toLowerCase();
    proxy.arm();
    expect(await apply(`whole-${kind}`)).toMatchObject({ exit: 0, err: '' });
    const calls = [...proxy.calls];
    await forget(`whole-${kind}`);
    expect(calls.length).toBeGreaterThan(15);
    for (const at of calls.keys()) {
      const name = `try-${kind}-${at}`;
      proxy.arm(at, fault);
      const first = await apply(name);
      expect([calls[at]!.name, first.exit, first.err]).toEqual([
        calls[at]!.name,
        expect.toBeOneOf([0, 3, 4, 2]),
        expect.not.stringContaining('TypeError'),
      ]);
      proxy.arm();
      expect([calls[at]!.name, await apply(name)]).toMatchObject([calls[at]!.name, { exit: 0, err: '' }]);
      expect(await setup(name)).toMatchObject({ exit: 0, out: expect.stringContaining('Nothing to do') });
      await forget(name);
    }
  },
);
