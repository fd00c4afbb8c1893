import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudTrailClient,
  CreateTrailCommand,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  PutEventSelectorsCommand,
  StartLoggingCommand,
} from '@aws-sdk/client-cloudtrail';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadBucketCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { crossbucket } from '../packages/crossbucket/src/cli/testing/command-line.ts';

const APP = '111111111111';
const DATA = '222222222222';
const OTHER = '333333333333';
const LOGS = `crossbucket-trail-${DATA}`;
const region = 'us-east-1';
const user = (account: string, name: string) => ({
  accessKeyId: `AKIA${name.toUpperCase()}${account}`,
  secretAccessKey: `secret-of-${name}`,
});

let aws: Sandbox;
let folder: string;
const at = () => ({ endpoint: aws.endpoint, region, forcePathStyle: true });
const s3 = (account: string) => new S3Client({ ...at(), credentials: aws.account(account).root });
const trails = (account: string) => new CloudTrailClient({ ...at(), credentials: aws.account(account).root });
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-setup-'));
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) vi.stubEnv(name, undefined);
  const userOf = (account: string, name: string) => ({ name, ...user(account, name) });
  aws = await startSandbox({
    config: {
      accounts: [
        { id: APP, users: [userOf(APP, 'reader')] },
        { id: DATA, users: [userOf(DATA, 'least')] },
        { id: OTHER },
      ],
    },
  });
  for (const Bucket of ['acme-reports', 'acme-raw']) await s3(DATA).send(new CreateBucketCommand({ Bucket }));
  for (const Bucket of ['other-data', 'other-logs'])
    await s3(OTHER).send(new CreateBucketCommand({ Bucket }));
  const profile = (
    name: string,
    { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string },
  ) =>
    `[profile ${name}]\nregion = ${region}\nendpoint_url = ${aws.endpoint}\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  const config = join(folder, 'config');
  writeFileSync(
    config,
    profile('data', aws.account(DATA).root) +
      profile('other', aws.account(OTHER).root) +
      profile('least', user(DATA, 'least')),
  );
  vi.stubEnv('AWS_CONFIG_FILE', config);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
  rmSync(folder, { recursive: true });
});

interface Printed {
  source: string;
  changes: { name: string; action: string; after: string }[];
  notes: string[];
  costs: Record<string, unknown>;
  steps: { document: string; outcome: string }[];
  backup: string;
}
let backups = 0;

async function setup(profile: string, ...argv: string[]) {
  const options = argv.includes('--apply')
    ? ['--yes', '--settle', '0.05', '--backup', join(folder, `backup-${++backups}.json`)]
    : [];
  const ended = await crossbucket('audit', 'setup', '--profile', profile, '--json', ...argv, ...options);
  return { ...ended, printed: (ended.out === '' ? {} : JSON.parse(ended.out)) as Printed };
}

/** All of an account that setting up may change. */
async function stateOf(account: string, ...buckets: string[]) {
  const { trailList = [] } = await trails(account).send(new DescribeTrailsCommand({}));
  const selectors = trailList.map(({ Name }) =>
    trails(account).send(new GetEventSelectorsCommand({ TrailName: Name! })),
  );
  const policies = buckets.map((Bucket) =>
    s3(account)
      .send(new GetBucketPolicyCommand({ Bucket }))
      .then(
        ({ Policy }) => Policy,
        (error: Error) => error.name,
      ),
  );
  return JSON.stringify([
    trailList,
    (await Promise.all(selectors)).map((found) => [found.EventSelectors, found.AdvancedEventSelectors]),
    await Promise.all(policies),
  ]);
}

test('misuse and what is not theirs changes nothing', async () => {
  const before = await stateOf(DATA);
  for (const [argv, exit, message] of [
    [[], 2, 'there is no bucket to log'],
    [['--bucket', 'nowhere-at-all'], 2, 'there is no bucket `nowhere-at-all`'],
    [['--bucket', 'a/../b'], 2, 'is no name of a bucket'],
    [['--bucket', 'acme-reports', '--name', 'a b'], 2, 'is no name of a trail'],
    [['--bucket', 'other-data'], 2, 'belongs to another account'],
    [['--bucket', 'acme-reports', '--logs', 'other-logs'], 2, 'belongs to another account'],
    [['--bucket', 'acme-reports', '--logs', 'acme-reports'], 2, 'without an end'],
    [['--bucket', 'acme-reports', '--rollback', join(folder, 'none.json')], 2, 'is no backup'],
  ] as const) {
    const ended = await setup('data', ...argv);
    expect([ended.exit, ended.out, ended.err]).toEqual([exit, '', expect.stringContaining(message)]);
    expect(ended.err).toContain('help: ');
  }
  const denied = await setup('least', '--bucket', 'acme-reports');
  expect(denied).toMatchObject({
    exit: 3,
    out: '',
    err: expect.stringMatching(/not authorized|may not|AccessDenied/),
  });
  const asked = await crossbucket(
    'audit',
    'setup',
    '--profile',
    'data',
    '--bucket',
    'acme-reports',
    '--apply',
  );
  expect(asked).toMatchObject({ exit: 2, err: expect.stringContaining('there is nobody to ask') });
  expect(await stateOf(DATA)).toBe(before);
});

test('plan, apply by whoever has the least policy, and audit access answers from what comes', async () => {
  const plan = await setup('data', '--bucket', 'acme-reports');
  expect(plan).toMatchObject({ exit: 1, err: '' });
  expect(plan.printed.changes.map(({ action, name }) => `${action} ${name}`)).toEqual([
    `create bucket ${LOGS}`,
    `create bucket policy of ${LOGS}`,
    'create trail crossbucket-audit',
  ]);
  expect(plan.printed.costs).toMatchObject({
    dataEvents: 1,
    page: 'https://aws.amazon.com/cloudtrail/pricing/',
  });
  await expect(s3(DATA).send(new HeadBucketCommand({ Bucket: LOGS }))).rejects.toMatchObject({
    name: 'NotFound',
  });
  const text = await crossbucket('audit', 'setup', '--profile', 'data', '--bucket', 'acme-reports');
  expect(text).toMatchObject({
    exit: 1,
    out: expect.stringContaining('AWS charges $1.00 for a million calls'),
  });

  const { out } = await crossbucket('permissions', 'audit', 'setup', '--json');
  const [{ policy }] = JSON.parse(out) as [{ policy: { Statement: { Action: string[] }[] } }];
  const iam = new IAMClient({ ...at(), credentials: aws.account(DATA).root });
  const allow = (statements: object[]) =>
    iam.send(
      new PutUserPolicyCommand({
        UserName: 'least',
        PolicyName: 'setup',
        PolicyDocument: document(...statements),
      }),
    );
  // Without one right, what was done until then stays, and is gone on from.
  await allow(
    policy.Statement.map((statement) => ({
      ...statement,
      Action: statement.Action.filter((action) => action !== 'cloudtrail:PutEventSelectors'),
    })),
  );
  const part = await setup('least', '--bucket', 'acme-reports', '--apply');
  expect(part).toMatchObject({ exit: 4, err: expect.stringContaining('PutEventSelectors') });
  expect(part.printed.steps.map(({ outcome }) => outcome)).toEqual(['written', 'written', 'failed']);
  await allow(policy.Statement);
  const rest = await setup('least', '--bucket', 'acme-reports', '--apply');
  expect([rest.exit, rest.printed.steps]).toMatchObject([
    0,
    [{ document: 'trail crossbucket-audit', outcome: 'written' }],
  ]);
  for (const again of [[], ['--apply']])
    expect(await setup('least', '--bucket', 'acme-reports', ...again)).toMatchObject({
      exit: 0,
      printed: { changes: [] },
    });

  const { PublicAccessBlockConfiguration: block } = await s3(DATA).send(
    new GetPublicAccessBlockCommand({ Bucket: LOGS }),
  );
  expect(Object.values(block!)).toEqual([true, true, true, true]);
  const arn = `arn:aws:cloudtrail:${region}:${DATA}:trail/crossbucket-audit`;
  const { Policy } = await s3(DATA).send(new GetBucketPolicyCommand({ Bucket: LOGS }));
  expect(JSON.parse(Policy!)).toMatchObject({
    Statement: [
      {
        Principal: { Service: 'cloudtrail.amazonaws.com' },
        Action: 's3:GetBucketAcl',
        Resource: `arn:aws:s3:::${LOGS}`,
        Condition: { StringEquals: { 'aws:SourceArn': arn } },
      },
      {
        Action: 's3:PutObject',
        Resource: `arn:aws:s3:::${LOGS}/AWSLogs/${DATA}/*`,
        Condition: { StringEquals: { 'aws:SourceArn': arn, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      },
    ],
  });

  const reader = `arn:aws:iam::${APP}:user/reader`;
  await s3(DATA).send(
    new PutBucketPolicyCommand({
      Bucket: 'acme-reports',
      Policy: document({
        Effect: 'Allow',
        Principal: { AWS: reader },
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::acme-reports/*',
      }),
    }),
  );
  const appIam = new IAMClient({ ...at(), credentials: aws.account(APP).root });
  const mayRead = document({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
  await appIam.send(
    new PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'read', PolicyDocument: mayRead }),
  );
  await s3(DATA).send(new PutObjectCommand({ Bucket: 'acme-reports', Key: 'in/one.csv', Body: 'one' }));
  const client = new S3Client({ ...at(), credentials: user(APP, 'reader') });
  await client.send(new GetObjectCommand({ Bucket: 'acme-reports', Key: 'in/one.csv' }));
  await client.send(new GetObjectCommand({ Bucket: 'acme-raw', Key: 'in/one.csv' })).catch(() => undefined);
  await aws.deliverTrails();
  const access = await crossbucket(
    'audit',
    'access',
    '--source',
    rest.printed.source,
    '--profile',
    'data',
    '--json',
  );
  expect(JSON.parse(access.out)).toMatchObject({
    access: [
      {
        source_account: APP,
        route: 'bucket-policy',
        bucket: 'acme-reports',
        prefix: 'in/',
        action: 'GetObject',
        calls: 1,
      },
    ],
  });
});

test('a further bucket joins the first one, and a trail that others tuned keeps what they chose', async () => {
  const theirs = {
    Name: 'writes of functions',
    FieldSelectors: [
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::Lambda::Function'] },
    ],
  };
  const TrailName = 'crossbucket-audit';
  const { AdvancedEventSelectors: ours = [] } = await trails(DATA).send(
    new GetEventSelectorsCommand({ TrailName }),
  );
  await trails(DATA).send(
    new PutEventSelectorsCommand({ TrailName, AdvancedEventSelectors: [theirs, ...ours] }),
  );
  const { exit, printed } = await setup(
    'data',
    '--bucket',
    'acme-raw',
    '--bucket',
    'acme-reports',
    '--apply',
  );
  expect([exit, printed.changes.length]).toEqual([0, 1]);
  const after = await trails(DATA).send(new GetEventSelectorsCommand({ TrailName }));
  expect(after.AdvancedEventSelectors).toHaveLength(3);
  expect(after.AdvancedEventSelectors![0]).toEqual(theirs);
  expect(after.AdvancedEventSelectors![2]!.FieldSelectors).toContainEqual({
    Field: 'resources.ARN',
    StartsWith: ['arn:aws:s3:::acme-reports/', 'arn:aws:s3:::acme-raw/'],
  });
});

test('an account that logs already: its trail is taken, by its own form of selectors, and put back by --rollback', async () => {
  const service = { Service: 'cloudtrail.amazonaws.com' };
  const Policy = document({
    Sid: 'Theirs',
    Effect: 'Allow',
    Principal: service,
    Action: ['s3:GetBucketAcl', 's3:PutObject'],
    Resource: ['arn:aws:s3:::other-logs', 'arn:aws:s3:::other-logs/*'],
  });
  await s3(OTHER).send(new PutBucketPolicyCommand({ Bucket: 'other-logs', Policy }));
  await trails(OTHER).send(new CreateTrailCommand({ Name: 'theirs', S3BucketName: 'other-logs' }));
  await trails(OTHER).send(new StartLoggingCommand({ Name: 'theirs' }));
  const EventSelectors = [
    { ReadWriteType: 'All' as const, IncludeManagementEvents: true },
    {
      ReadWriteType: 'WriteOnly' as const,
      IncludeManagementEvents: false,
      DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::other-data/'] }],
    },
  ];
  await trails(OTHER).send(new PutEventSelectorsCommand({ TrailName: 'theirs', EventSelectors }));
  const before = await stateOf(OTHER, 'other-logs');
  const { exit, printed } = await setup('other', '--bucket', 'other-data', '--apply');
  expect([exit, printed.source, printed.changes.map(({ name }) => name)]).toEqual([
    0,
    's3://other-logs',
    ['trail theirs'],
  ]);
  expect(printed.notes).toEqual([expect.stringContaining('no digests')]);
  const after = await trails(OTHER).send(new GetEventSelectorsCommand({ TrailName: 'theirs' }));
  expect(after.EventSelectors).toMatchObject([
    ...EventSelectors,
    {
      ReadWriteType: 'All',
      IncludeManagementEvents: false,
      DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::other-data/'] }],
    },
  ]);
  expect((await setup('other', '--bucket', 'other-data')).exit).toBe(0);
  expect(await setup('other', '--bucket', 'other-data', '--logs', 'elsewhere-logs')).toMatchObject({
    exit: 2,
  });
  const back = await crossbucket(
    'audit',
    'setup',
    '--profile',
    'other',
    '--rollback',
    printed.backup,
    '--yes',
  );
  expect(back).toMatchObject({ exit: 0, err: '' });
  expect(await stateOf(OTHER, 'other-logs')).toBe(before);
  const { IsLogging } = await trails(OTHER).send(new GetTrailStatusCommand({ Name: 'theirs' }));
  expect(IsLogging).toBe(true);

  // One of their own choice, into a bucket whose policy says something else already.
  const named = await setup('other', '--bucket', 'other-data', '--name', 'second', '--logs', 'other-logs');
  expect(named.printed.changes.map(({ name }) => name)).toEqual(['trail second']);
  expect(named.printed.notes).toEqual([expect.stringContaining('`theirs` logs here already')]);
});
