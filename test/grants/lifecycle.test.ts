import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { APP, BUCKET, DATA, FOREIGN, GrantStage, policy, type Keys } from './stage.ts';

let stage: GrantStage;
beforeEach(async () => {
  stage = await GrantStage.set();
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

const READER = {
  name: 'reports-reader',
  bucket: `data/${BUCKET}`,
  to: 'app',
  principals: ['role/report-service'],
  access: { read: ['reports/*'], list: ['reports/*'] },
};

interface Applied {
  ok: boolean;
  grants: { roleArn?: string; externalId?: string }[];
  steps: { document: string; outcome: string }[];
  backup: string;
}

async function sessionOf(applied: Applied): Promise<Keys> {
  const [{ roleArn, externalId }] = applied.grants as [{ roleArn?: string; externalId?: string }];
  const service = await stage.service();
  return roleArn === undefined ? service : stage.assume(service, roleArn, externalId);
}

/** What the session can do, by name of the call. */
async function tryOut(keys: Keys): Promise<Record<string, string>> {
  const s3 = stage.s3As(keys);
  const attempt = async (call: () => Promise<unknown>) => {
    try {
      await call();
      return 'allowed';
    } catch (error) {
      return (error as Error).name;
    }
  };
  return {
    get: await attempt(() => s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'reports/q1.csv' }))),
    list: await attempt(() => s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'reports/' }))),
    put: await attempt(() =>
      s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'reports/new.csv', Body: 'x' })),
    ),
    'get elsewhere': await attempt(() =>
      s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'secret/plan.txt' })),
    ),
    'list all': await attempt(() => s3.send(new ListObjectsV2Command({ Bucket: BUCKET }))),
  };
}

const READS = {
  get: 'allowed',
  list: 'allowed',
  put: 'AccessDenied',
  'get elsewhere': 'AccessDenied',
  'list all': 'AccessDenied',
};

interface Row {
  by: string;
  call: string;
  expected: string;
  actual: string;
  ok: boolean;
}

const rowsOf = (checks: Row[], by: string) =>
  checks
    .filter((check) => check.by === by)
    .map(
      ({ call, actual }) => `${call.replaceAll(/probe-(outside-)?[0-9a-f]{12}/g, 'probe-$1ID')}: ${actual}`,
    );

const S3_CALLS = (read = 'crossbucket-probe-ID') => [
  'ListObjectsV2 s3://acme-reports/reports/: allowed',
  `GetObject s3://acme-reports/reports/${read}: allowed`,
  'GetObject s3://acme-reports/crossbucket-probe-outside-ID: denied',
  'PutObject s3://acme-reports/reports/crossbucket-probe-ID: denied',
  'PutObject s3://acme-reports/crossbucket-probe-outside-ID: denied',
  'ListObjectsV2 s3://acme-reports/crossbucket-probe-outside-ID/: denied',
  'DeleteObject s3://acme-reports/reports/crossbucket-probe-ID: denied',
  'DeleteObject s3://acme-reports/crossbucket-probe-outside-ID: denied',
];

const ASSUME = ['AssumeRole: allowed', 'AssumeRole without the external id: denied'];

async function objects(): Promise<string[]> {
  const { Contents = [] } = await stage.s3(DATA).send(new ListObjectsV2Command({ Bucket: BUCKET }));
  return Contents.map(({ Key }) => Key!);
}

describe.each([
  ['role', 'none'],
  ['role', 'delegated'],
  ['role', 'own'],
  ['bucket-policy', 'none'],
  ['bucket-policy', 'delegated'],
  ['bucket-policy', 'own'],
] as const)('route %s, key: %s', (route, key) => {
  test('plan, apply, use, plan again, drift, revoke', async () => {
    const keys = key === 'none' ? [] : [await stage.encrypt({ delegated: key === 'delegated' })];
    stage.configure([{ ...READER, route }]);
    const before = await stage.accounts(keys);

    const plan = await stage.grant('plan');
    expect(plan.err).toBe('');
    expect(plan.exit).toBe(1);
    expect(await stage.accounts(keys)).toBe(before);

    const applied = await stage.grant('apply', '--json');
    expect(applied).toMatchObject({ exit: 0 });
    const report = JSON.parse(applied.out) as Applied;
    expect(report.ok).toBe(true);
    expect(JSON.parse((await stage.bucketPolicy())!).Statement[0]).toEqual(FOREIGN);
    expect(await tryOut(await sessionOf(report))).toEqual(READS);

    expect(await stage.grant('plan')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('Nothing to do'),
    });
    expect(await stage.grant('drift')).toMatchObject({ exit: 0 });

    const verified = await stage.grant('verify', '--json');
    const { checks, notes } = JSON.parse(verified.out) as { checks: Row[]; notes: unknown[] };
    expect(checks.filter(({ ok }) => !ok)).toEqual([]);
    expect({ exit: verified.exit, notes }).toEqual({ exit: 0, notes: [] });
    expect(rowsOf(checks, 'calls')).toEqual([
      ...(route === 'role' ? ASSUME : []),
      // An owner who may not use the key cannot put an object to read.
      ...S3_CALLS(key === 'own' ? 'q1.csv' : undefined),
    ]);
    expect(await objects()).toEqual(['reports/q1.csv', 'reports/q2.csv', 'secret/plan.txt']);

    const revoked = await stage.grant('revoke', '--all');
    expect(revoked).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts(keys)).toBe(before);
    expect(await stage.grant('revoke', '--all')).toMatchObject({ exit: 0 });
  });
});

test('a rollback puts both accounts back', async () => {
  stage.configure([
    { ...READER, route: 'bucket-policy' },
    { ...READER, name: 'by-role', route: 'role' },
  ]);
  const before = await stage.accounts();
  expect(await stage.grant('apply')).toMatchObject({ exit: 0 });
  expect(await stage.accounts()).not.toBe(before);
  expect(await stage.grant('apply', '--rollback')).toMatchObject({ exit: 0, err: '' });
  expect(await stage.accounts()).toBe(before);
});

test('a backup that cannot be written keeps everything as it is', async () => {
  stage.configure([READER]);
  const before = await stage.accounts();
  const file = join(stage.folder, 'backup.json');
  writeFileSync(file, 'mine');
  const { exit, err } = await stage.grant('apply', '--backup', file);
  expect({ exit, err }).toEqual({ exit: 2, err: expect.stringContaining('it is there already') });
  expect(readFileSync(file, 'utf8')).toBe('mine');
  expect(await stage.accounts()).toBe(before);
});

test('objects that another key encrypts than the bucket’s own are found by looking', async () => {
  const other = await stage.encrypt();
  await stage.putSealed('reports/old.csv');
  const own = await stage.encrypt();
  stage.configure([{ ...READER, route: 'bucket-policy' }]);
  const { out } = await stage.grant('plan', '--json');
  const { changes } = JSON.parse(out) as { changes: { document: string }[] };
  const documents = changes.map(({ document }) => document);
  expect(documents).toEqual(expect.arrayContaining([`key policy of ${own}`, `key policy of ${other}`]));
});

test('verifying leaves nothing in a bucket that keeps versions', async () => {
  const s3 = stage.s3(DATA);
  const VersioningConfiguration = { Status: 'Enabled' as const };
  await s3.send(new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration }));
  const versions = async () => {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(
      new ListObjectVersionsCommand({ Bucket: BUCKET }),
    );
    return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => [Key, VersionId]);
  };
  const access = { read: ['in/*'], write: ['in/*'], delete: ['in/*'], list: ['in/*'], tagging: true };
  stage.configure([{ ...READER, access }]);
  await stage.grant('apply');
  const before = await versions();
  const { exit, out } = await stage.grant('verify', '--json');
  const { checks } = JSON.parse(out) as { checks: Row[] };
  expect(checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(exit).toBe(0);
  expect(rowsOf(checks, 'calls')).toEqual(
    expect.arrayContaining([
      'PutObject s3://acme-reports/in/crossbucket-probe-ID: allowed',
      'GetObject s3://acme-reports/in/crossbucket-probe-ID: allowed',
      'DeleteObject s3://acme-reports/in/crossbucket-probe-ID: allowed',
      'PutObject s3://acme-reports/crossbucket-probe-outside-ID: denied',
      'DeleteObject s3://acme-reports/crossbucket-probe-outside-ID: denied',
    ]),
  );
  expect(await versions()).toEqual(before);
});

test('what verifying does not call is said, and uploads that the grant may not end are ended', async () => {
  const write = ['in/*', 'out/*', 'in/one.csv'];
  stage.configure([{ ...READER, access: { write, multipart: true }, route: 'bucket-policy' }]);
  expect(await stage.grant('apply')).toMatchObject({ exit: 0 });
  const s3 = stage.s3(DATA);
  const { Statement } = JSON.parse((await stage.bucketPolicy())!) as { Statement: object[] };
  const deny = {
    Effect: 'Deny',
    Principal: { AWS: `arn:aws:iam::${APP}:role/report-service` },
    Action: 's3:AbortMultipartUpload',
    Resource: `arn:aws:s3:::${BUCKET}/*`,
  };
  const Policy = policy(...Statement, deny);
  await s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
  const { exit, out } = await stage.grant('verify', '--json', '--patience', '0');
  const { checks, notCalled, notes } = JSON.parse(out) as {
    checks: Row[];
    notCalled: { grant: string; call: string; why: string }[];
    notes: unknown[];
  };
  expect({ exit, notes }).toEqual({ exit: 1, notes: [] });
  expect(rowsOf(checks, 'calls').filter((row) => row.startsWith('Abort'))).toEqual([
    'AbortMultipartUpload s3://acme-reports/in/crossbucket-probe-ID: denied',
    'AbortMultipartUpload s3://acme-reports/out/crossbucket-probe-ID: denied',
  ]);
  expect(notCalled).toContainEqual({
    grant: 'reports-reader',
    call: 'PutObject s3://acme-reports/in/one.csv',
    why: expect.stringContaining('not ours'),
  });
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }));
  expect(Uploads).toEqual([]);
  expect(await stage.grant('verify', '--patience', '0')).toMatchObject({
    out: expect.stringContaining('by the documents alone, and not called'),
  });
});
