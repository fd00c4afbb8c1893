import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudTrailClient,
  CreateTrailCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { CreateBucketCommand, PutBucketPolicyCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { crossbucket } from '../packages/crossbucket/src/cli/testing/command-line.ts';

// From a grant to its use, to the trail of that, and back to a smaller grant: every step is a command line.

const APP = '111111111111';
const DATA = '222222222222';
const DAY = 24 * 3_600_000;

const CONFIG = `
accounts:
  app: { id: "${APP}", profile: app }
  data: { id: "${DATA}", profile: data, region: us-east-1 }
grants:
  - name: reports
    bucket: data/acme-reports
    to: app
    principals: [user/svc, user/never]
    access: # more than anybody needs
      read: ["*"]
      write: ["*"]
      list: ["*"]
      tagging: true
      actions: [s3:GetObjectAcl, s3:GetBucketTagging]
`;

let aws: Sandbox;
let clock: SandboxClock;
let folder: string;
let config: string;

beforeAll(async () => {
  clock = new SandboxClock();
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-audit-loop-'));
  config = join(folder, 'crossbucket.yaml');
  writeFileSync(config, CONFIG);
  aws = await startSandbox({
    clock,
    accounts: [
      { id: APP, name: 'app', users: [{ name: 'svc' }, { name: 'never' }] },
      { id: DATA, name: 'data' },
    ],
  });
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', aws.credentialsFile);
  for (const name of ['XDG_CACHE_HOME', 'XDG_STATE_HOME']) vi.stubEnv(name, join(folder, name));
  const at = { endpoint: aws.endpoint, region: 'us-east-1', credentials: aws.account(DATA).root };
  const s3 = new S3Client({ ...at, forcePathStyle: true });
  for (const Bucket of ['acme-reports', 'acme-trail']) await s3.send(new CreateBucketCommand({ Bucket }));
  const Resource = ['arn:aws:s3:::acme-trail', 'arn:aws:s3:::acme-trail/AWSLogs/*'];
  const Principal = { Service: 'cloudtrail.amazonaws.com' };
  const delivery = { Effect: 'Allow', Principal, Action: ['s3:GetBucketAcl', 's3:PutObject'], Resource };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [delivery] });
  await s3.send(new PutBucketPolicyCommand({ Bucket: 'acme-trail', Policy }));
  const trails = new CloudTrailClient(at);
  await trails.send(new CreateTrailCommand({ Name: 'audit', S3BucketName: 'acme-trail' }));
  const objects = { Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::acme-reports/'] };
  const selector = { ReadWriteType: 'All' as const, IncludeManagementEvents: true, DataResources: [objects] };
  await trails.send(new PutEventSelectorsCommand({ TrailName: 'audit', EventSelectors: [selector] }));
  await trails.send(new StartLoggingCommand({ Name: 'audit' }));
  for (const [Key, Body] of [
    ['reports/one.csv', '1,2,3'],
    ['private/plan.txt', 'secret'],
  ] as const)
    await s3.send(new PutObjectCommand({ Bucket: 'acme-reports', Key, Body }));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  rmSync(folder, { recursive: true });
});

const configured = (...argv: string[]) => crossbucket(...argv, '--config', config);
const as = ['--grant', 'reports', '--profile', 'app-svc'];
const use = {
  read: () => configured('cat', 's3://acme-reports/reports/one.csv', ...as),
  list: () => configured('ls', 's3://acme-reports/reports/', ...as),
};
const idle = {
  other: () => configured('cat', 's3://acme-reports/private/plan.txt', ...as),
  write: () => configured('cp', config, 's3://acme-reports/reports/new.csv', ...as),
};
interface Answer extends Record<string, unknown> {
  observed: { days: number };
  denied: Record<string, unknown>[];
}

const audit = async (question: string, ...more: string[]) => {
  const where = ['--source', 's3://acme-trail', '--profile', 'data'];
  const { exit, out, err } = await crossbucket('audit', question, ...where, '--json', ...more);
  return { exit, err, answer: JSON.parse(out) as Answer };
};

async function deliver(): Promise<void> {
  clock.advance(DAY);
  await aws.deliverTrails();
}

test('grant, use, audit, shrink, apply: the same use still works, and the rest is denied', async () => {
  expect(await configured('grant', 'apply', '--yes')).toMatchObject({ exit: 0 });
  expect(await use.read()).toMatchObject({ exit: 0, out: '1,2,3' });
  expect((await use.list()).out).toContain('one.csv');
  await deliver();

  const { answer: seen } = await audit('access', '--bucket', 'acme-reports');
  // The owner's trail knows whoever assumed the role by account and id alone.
  const [one, other] = [
    { source_account: APP, principal: expect.stringMatching(/^AIDA/), route: 'role', denied: 0 },
    { source_account: APP },
  ];
  expect(seen['access']).toMatchObject([one, other]);
  const { answer: unused } = await audit('grants', '--config', config);
  expect(unused['grants']).toMatchObject([
    {
      principals: [{ arn: `arn:aws:iam::${APP}:user/svc` }],
      absent: [`arn:aws:iam::${APP}:user/never`],
      unused: [{ level: 'write' }],
      unusedActions: ['s3:GetObjectAcl', 's3:GetBucketTagging', 'tagging'],
    },
  ]);

  const hasty = await audit('shrink', 'reports', '--config', config, '--write');
  expect({ exit: hasty.exit, text: readFileSync(config, 'utf8') }).toEqual({ exit: 1, text: CONFIG });
  const days = hasty.answer.observed.days;
  const shrunk = await audit('shrink', 'reports', '--config', config, '--days', String(days), '--write');
  expect(shrunk).toMatchObject({
    exit: 0,
    answer: {
      written: true,
      access: { read: ['reports/*'], list: ['reports/*'] },
      principals: ['user/svc'],
      replay: { denied: [], unclear: [] },
    },
  });
  expect(await configured('grant', 'apply', '--yes')).toMatchObject({ exit: 0 });

  expect(await use.read()).toMatchObject({ exit: 0, out: '1,2,3' });
  expect((await use.list()).out).toContain('one.csv');
  for (const call of Object.values(idle)) {
    const { exit, err } = await call();
    expect({ exit: exit > 0, err }).toEqual({ exit: true, err: expect.stringMatching(/denied/i) });
  }
  await deliver();

  // What is denied now is explained by the accounts as they are, each cause with what would mend it.
  const { exit, answer: after } = await audit('denied', '--config', config, '--bucket', 'acme-reports');
  const { denied } = after;
  expect(exit).toBe(1);
  expect(new Set(denied.map(({ action }) => action))).toEqual(new Set(['GetObject', 'PutObject']));
  for (const group of denied)
    expect(group).toMatchObject({
      outcome_now: 'deny',
      evidence: { agrees: true },
      causes: [{ code: 'identity-policy-missing-allow', account: DATA, fixes: [{ outcome: 'allow' }] }],
    });
}, 60_000);
