import { gunzipSync, gzipSync } from 'node:zlib';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { run } from '../packages/crossbucket/src/cli/main.ts';

const APP = '111111111111';
const DATA = '222222222222';
const LOGS = 'acme-trail';
const region = 'us-east-1';
const style = { bold: String, dim: String, green: String, red: String };
const ENV = ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE', 'AWS_PROFILE', 'XDG_CACHE_HOME', 'AWS_REGION'];
const before = Object.fromEntries(ENV.map((name) => [name, process.env[name]]));

let aws: Sandbox;
let folder: string;
let owner: S3Client;
let reader: S3Client;
let clock: SandboxClock;

const document = (...statements: object[]) =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements });
const ROLE = `arn:aws:iam::${DATA}:role/reader`;

async function crossbucket(...argv: string[]) {
  let [out, err] = ['', ''];
  const into = (put: (text: string) => void) =>
    new Writable({
      write(chunk: Buffer, _, done) {
        put(chunk.toString());
        done();
      },
    });
  const sinks = {
    out: into((text) => {
      out += text;
    }),
    err: into((text) => {
      err += text;
    }),
  };
  const exit = await run(argv, { ...sinks, style });
  return { exit, out, err };
}

/** The role of the data account, assumed by the user of the other. */
async function openSession(RoleSessionName: string): Promise<S3Client> {
  const at = { endpoint: aws.endpoint, region };
  const user = { accessKeyId: 'AKIAAPPUSER000000000', secretAccessKey: 'app-user-secret' };
  const sts = new STSClient({ ...at, credentials: user });
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName }));
  const credentials = {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  };
  return new S3Client({ ...at, forcePathStyle: true, credentials });
}

beforeAll(async () => {
  clock = new SandboxClock();
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-audit-e2e-'));
  aws = await startSandbox({
    clock,
    config: {
      accounts: [
        {
          id: APP,
          users: [
            { name: 'app-user', accessKeyId: 'AKIAAPPUSER000000000', secretAccessKey: 'app-user-secret' },
          ],
        },
        { id: DATA },
      ],
    },
  });
  const at = { endpoint: aws.endpoint, region, forcePathStyle: true };
  const root = aws.account(DATA).root;
  owner = new S3Client({ ...at, credentials: root });
  await owner.send(new CreateBucketCommand({ Bucket: LOGS }));
  await owner.send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
  const service = { Service: 'cloudtrail.amazonaws.com' };
  await owner.send(
    new PutBucketPolicyCommand({
      Bucket: LOGS,
      Policy: document({
        Effect: 'Allow',
        Principal: service,
        Action: ['s3:GetBucketAcl', 's3:PutObject'],
        Resource: [`arn:aws:s3:::${LOGS}`, `arn:aws:s3:::${LOGS}/AWSLogs/*`],
      }),
    }),
  );
  const trails = new CloudTrailClient({ ...at, credentials: root });
  await trails.send(
    new CreateTrailCommand({ Name: 'audit', S3BucketName: LOGS, EnableLogFileValidation: true }),
  );
  await trails.send(
    new PutEventSelectorsCommand({
      TrailName: 'audit',
      EventSelectors: [
        {
          ReadWriteType: 'All',
          IncludeManagementEvents: true,
          DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::acme-reports/'] }],
        },
      ],
    }),
  );
  await trails.send(new StartLoggingCommand({ Name: 'audit' }));
  const iam = new IAMClient({ ...at, credentials: root });
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'reader',
      AssumeRolePolicyDocument: document({
        Effect: 'Allow',
        Principal: { AWS: APP },
        Action: 'sts:AssumeRole',
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'reader',
      PolicyName: 'all',
      PolicyDocument: document({ Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' }),
    }),
  );
  const appIam = new IAMClient({ ...at, credentials: aws.account(APP).root });
  await appIam.send(
    new PutUserPolicyCommand({
      UserName: 'app-user',
      PolicyName: 'assume',
      PolicyDocument: document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: ROLE }),
    }),
  );
  reader = await openSession('nightly');
  await owner.send(new PutObjectCommand({ Bucket: 'acme-reports', Key: 'reports/one.csv', Body: '1,2,3' }));
  for (let i = 0; i < 3; i++)
    await (
      await reader.send(new GetObjectCommand({ Bucket: 'acme-reports', Key: 'reports/one.csv' }))
    ).Body!.transformToString();
  await reader
    .send(new PutObjectCommand({ Bucket: 'acme-reports', Key: 'x', Body: 'x' }))
    .catch(() => undefined);
  clock.advance(3_600_000);
  await aws.deliverTrails();
  Object.assign(process.env, {
    AWS_CONFIG_FILE: join(aws.profiles, ''),
    XDG_CACHE_HOME: join(folder, 'cache'),
  });
});
afterAll(async () => {
  for (const name of ENV) {
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  }
  await aws.close();
  rmSync(folder, { recursive: true });
});

/** A profile of the data account's root, whichever files the sandbox has written. */
function useProfile(): void {
  const { accessKeyId, secretAccessKey } = aws.account(DATA).root;
  const config = join(folder, 'config');
  writeFileSync(
    config,
    `[profile data]\nregion = ${region}\nendpoint_url = ${aws.endpoint}\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  Object.assign(process.env, { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: join(folder, 'none') });
}

/** `crossbucket audit watch` as a process of its own. */
function watch(...argv: string[]) {
  const bin = join(import.meta.dirname, '../packages/crossbucket/bin/crossbucket.js');
  const options = ['--profile', 'data', '--every', '0.5', '--json'];
  const formatted = argv.includes('--format') ? options.slice(0, -1) : options;
  const child = spawn(process.execPath, [bin, 'audit', 'watch', ...argv, ...formatted]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const lines = () => out.split('\n').slice(0, -1);
  const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 20 });
  return {
    ready: until(() => expect(err).toContain('Watching ')),
    lines: (count: number) => until(() => expect(lines().length, err).toBeGreaterThanOrEqual(count)),
    all: () => out + err,
    async stop() {
      child.kill('SIGINT');
      const [exit] = await once(child, 'exit');
      expect([exit, err]).toEqual([0, expect.stringContaining(' calls\n')]);
      return lines();
    },
  };
}

test("the sandbox's own trail says who came from where by the role, and what was denied", async () => {
  useProfile();
  const { exit, out, err } = await crossbucket(
    'audit',
    'access',
    '--source',
    `s3://${LOGS}`,
    '--profile',
    'data',
    '--bucket',
    'acme-reports',
    '--json',
  );
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  const { access } = JSON.parse(out) as { access: Record<string, unknown>[] };
  expect(access).toMatchObject([
    {
      source_account: APP,
      route: 'role',
      role: ROLE,
      bucket: 'acme-reports',
      prefix: 'reports/',
      action: 'GetObject',
      calls: 3,
      denied: 0,
      bytes_out: 15,
    },
    { action: 'PutObject', calls: 1, denied: 1 },
  ]);
});

test('without a trail, LookupEvents knows the sessions and says what it cannot know', async () => {
  useProfile();
  const { out, err } = await crossbucket(
    'audit',
    'sessions',
    '--source',
    'lookup',
    '--profile',
    'data',
    '--json',
  );
  const { sessions } = JSON.parse(out) as { sessions: Record<string, unknown>[] };
  expect(sessions).toMatchObject([{ role: ROLE, session_name: 'nightly', source_account: APP }]);
  expect(err).toContain('no access to objects can be seen this way');
});

test('watch: what crosses accounts from now on, from the trail and by LookupEvents, until Ctrl-C', async () => {
  useProfile();
  const trail = watch('--source', `s3://${LOGS}`);
  const lookup = watch('--source', 'lookup', '--format', 'text');
  await Promise.all([trail.ready, lookup.ready]);
  const key = 'reports/\u001B]0;title\u0007\u009B31m.csv';
  await owner.send(new PutObjectCommand({ Bucket: 'acme-reports', Key: key, Body: '1,2' }));
  const session = await openSession('watched');
  await session.send(new GetObjectCommand({ Bucket: 'acme-reports', Key: key }));
  const { accessKeyId, secretAccessKey, sessionToken } = await session.config.credentials();
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const cli = ['--endpoint-url', aws.endpoint, '--region', region, 's3api', 'put-object'];
  await promisify(execFile)('aws', [...cli, '--bucket', 'acme-reports', '--key', 'by-cli'], { env }).catch(
    () => undefined,
  );
  await aws.deliverTrails();
  await trail.lines(3);
  await lookup.lines(1);
  const rows = (await trail.stop()).map((line) => JSON.parse(line) as Record<string, unknown>);
  const byAction = rows.toSorted((one, other) => (String(one['action']) < String(other['action']) ? -1 : 1));
  expect(byAction).toMatchObject([
    { source_account: APP, action: 'AssumeRole', role: ROLE, session_name: 'watched' },
    { source_account: APP, route: 'role', role: ROLE, action: 'GetObject', object_key: key, denied: 0 },
    { source_account: APP, route: 'role', role: ROLE, action: 'PutObject', object_key: 'by-cli', denied: 1 },
  ]);
  const lines = await lookup.stop();
  // The owner's copy knows the caller by account and id alone.
  expect(lines).toEqual([expect.stringMatching(`111111111111 AIDA\\w+  AssumeRole ${ROLE}  from 127.0.0.1`)]);
  for (const { all } of [trail, lookup]) {
    // eslint-disable-next-line no-control-regex -- these are what must not come out
    expect(all()).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
  }
}, 60_000);

test('verify: valid as delivered; then a file is changed, and one is deleted', async () => {
  useProfile();
  const verify = async () => {
    const { exit, out } = await crossbucket(
      'audit',
      'verify',
      '--source',
      `s3://${LOGS}`,
      '--profile',
      'data',
      '--json',
    );
    return {
      exit,
      ...(JSON.parse(out) as {
        valid: boolean;
        digests: number;
        files: number;
        problems: { kind: string }[];
      }),
    };
  };
  const whole = await verify();
  expect(whole).toMatchObject({ exit: 0, valid: true, problems: [] });
  expect(whole.files).toBeGreaterThan(0);
  const { Contents = [] } = await owner.send(new ListObjectsV2Command({ Bucket: LOGS }));
  const bytesOf = async (Key: string) => {
    const { Body } = await owner.send(new GetObjectCommand({ Bucket: LOGS, Key }));
    return Buffer.from(await Body!.transformToByteArray());
  };
  // One that a digest tells of: some came after the last.
  const told: string[] = [];
  for (const { Key } of Contents)
    if (Key!.includes('/CloudTrail-Digest/'))
      for (const { s3Object } of JSON.parse(gunzipSync(await bytesOf(Key!)).toString()).logFiles)
        told.push(s3Object);
  const [first] = told;
  const bytes = await bytesOf(first!);
  const changed = gzipSync(gunzipSync(bytes).toString().replace('"eventTime":"2', '"eventTime":"1'));
  await owner.send(new PutObjectCommand({ Bucket: LOGS, Key: first!, Body: changed }));
  expect(await verify()).toMatchObject({
    exit: 1,
    valid: false,
    problems: [{ kind: 'file-invalid', key: first }],
  });
  await owner.send(new DeleteObjectCommand({ Bucket: LOGS, Key: first! }));
  expect(await verify()).toMatchObject({ exit: 1, problems: [{ kind: 'file-missing', key: first }] });
  await owner.send(new PutObjectCommand({ Bucket: LOGS, Key: first!, Body: bytes }));
  const digest = Contents.map(({ Key }) => Key!).findLast((key) => key.includes('/CloudTrail-Digest/'))!;
  const object = await owner.send(new GetObjectCommand({ Bucket: LOGS, Key: digest }));
  const forged = gzipSync(
    gunzipSync(Buffer.from(await object.Body!.transformToByteArray()))
      .toString()
      .replace(/"hashValue":"./, '"hashValue":"0'),
  );
  await owner.send(
    new PutObjectCommand({ Bucket: LOGS, Key: digest, Body: forged, Metadata: object.Metadata }),
  );
  expect((await verify()).problems.map(({ kind }) => kind)).toContain('digest-invalid');
});
