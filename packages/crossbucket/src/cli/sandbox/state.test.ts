import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import {
  parseConfig,
  readStateFile,
  startSandbox,
  type Credentials,
  type Sandbox,
} from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ChildSandbox } from '../../../../../test/faults/child-sandbox.ts';
import { crossbucket } from '../testing/command-line.ts';

const [APP, DATA] = ['111111111111', '222222222222'] as const;
let folder: string;
let real: Sandbox;
const file = (name: string) => join(folder, name);

const clientOf = (endpoint: string, credentials: Credentials) =>
  new S3Client({ region: 'us-east-1', endpoint, credentials, forcePathStyle: true, maxAttempts: 1 });

/** What a user of the one account gets who reads an object, which is not there, of the other. */
async function readBy(sandbox: Sandbox, user: string): Promise<string> {
  const credentials = sandbox.account(APP).users[user]!;
  return clientOf(sandbox.endpoint, credentials)
    .send(new GetObjectCommand({ Bucket: 'shared-data', Key: 'a' }))
    .then(
      () => 'read',
      (error: Error) => error.name,
    );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-state-'));
  const read =
    '{ Version: "2012-10-17", Statement: [{ Effect: Allow, Action: ["s3:GetObject", "s3:ListBucket"], Resource: "*" }] }';
  const config = `accounts:\n  - { id: "${APP}", name: app, users: [{ name: reader, policies: { read: ${read} } }, { name: nobody }] }\n  - { id: "${DATA}", name: data }\n`;
  real = await startSandbox({ config: await parseConfig(config, 'config.yaml') });
  const owner = clientOf(real.endpoint, real.account(DATA).root);
  await owner.send(new CreateBucketCommand({ Bucket: 'shared-data' }));
  const resources = ['arn:aws:s3:::shared-data', 'arn:aws:s3:::shared-data/*'];
  const statement = { Effect: 'Allow', Principal: { AWS: APP }, Action: 's3:*', Resource: resources };
  await owner.send(
    new PutBucketPolicyCommand({
      Bucket: 'shared-data',
      Policy: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
    }),
  );
  vi.stubEnv('AWS_CONFIG_FILE', real.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', real.credentialsFile);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await real.close();
  rmSync(folder, { recursive: true });
});

describe('sandbox import', () => {
  test('reads accounts into a state that decides as they do', async () => {
    const out = file('real.yaml');
    const argv = ['--from-profile', 'app', '--from-profile', 'data', '--out', out];
    const { exit, err } = await crossbucket('sandbox', 'import', ...argv);
    expect(err).toContain(`written to ${out}`);
    expect(exit).toBe(0);
    expect(statSync(out).mode & 0o777).toBe(0o600);
    await using aws = await startSandbox({ state: await readStateFile(out) });
    for (const user of ['reader', 'nobody']) {
      const now = await readBy(aws, user);
      expect(now).toBe(await readBy(real, user));
      expect(now).toBe(user === 'reader' ? 'NoSuchKey' : 'AccessDenied');
    }
  });

  test('refuses to write over a file, and a profile that is not there', async () => {
    const argv = ['sandbox', 'import', '--from-profile', 'app', '--out', real.profiles];
    expect((await crossbucket(...argv)).exit).toBe(2);
    expect((await crossbucket('sandbox', 'import', '--from-profile', 'none')).exit).toBe(2);
  });
});

describe('sandbox export', () => {
  test('of a folder, of one that runs and began with it, and of its folder again: the same', async () => {
    const { endpoint } = real;
    const running = await crossbucket(
      'sandbox',
      'export',
      '--endpoint',
      endpoint,
      '--token',
      real.controlToken,
    );
    expect(running.exit).toBe(0);
    expect(running.out).toBe(await real.exportState());
    const state = file('state.yaml');
    const written = await crossbucket(
      'sandbox',
      'export',
      '--endpoint',
      endpoint,
      '--token',
      real.controlToken,
      '--out',
      state,
    );
    expect(written.exit).toBe(0);
    expect(readFileSync(state, 'utf8')).toBe(running.out);
    const data = file('data');
    const child = await ChildSandbox.start(['--import', state, '--data', data]);
    expect(child.readiness.accounts.map(({ id }) => id)).toEqual([APP, DATA]);
    await child.stop();
    expect(await crossbucket('sandbox', 'export', '--data', data)).toEqual({
      exit: 0,
      out: running.out,
      err: '',
    });
    const masked = await crossbucket('sandbox', 'export', '--mask', '--data', data);
    expect(masked.out).not.toMatch(/secret: |session: /);
  });

  test.each([
    ['of nothing', [], 2, 'name a folder with `--data DIR`'],
    ['of a folder that is none', ['--data', '/nonexistent'], 2, 'there is no data folder of a sandbox at'],
    ['of one that runs, without its token', ['--endpoint', 'http://127.0.0.1:1'], 2, 'add `--token TOKEN`'],
    ['of one that does not run', ['--endpoint', 'http://127.0.0.1:1', '--token', 'x'], 3, 'cannot reach'],
  ])('%s is refused', async (_, argv, code, message) => {
    const { exit, err, out } = await crossbucket('sandbox', 'export', ...argv);
    expect(err).toContain(message);
    expect([exit, out]).toEqual([code, '']);
  });

  test('a token that is wrong is refused', async () => {
    const { exit, err } = await crossbucket('sandbox', 'export', '--endpoint', real.endpoint, '--token', 'x');
    expect(err).toContain('403');
    expect(exit).toBe(3);
  });
});

test('sandbox --import of a file that is broken begins nothing', async () => {
  const data = file('never');
  const { exit, err } = await crossbucket('sandbox', '--import', real.profiles, '--data', data);
  expect(err).toMatch(/^error: \S+:\d+:\d+: /);
  expect(exit).toBe(2);
  expect(existsSync(data)).toBe(false);
});
