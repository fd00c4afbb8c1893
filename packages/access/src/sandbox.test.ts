import { readFileSync } from 'node:fs';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { explainDenials, fromCrossAccountRole, openBucket, type BucketOptions } from './index.ts';
import { emptyHome } from './testing/empty-home.ts';

const SOURCE = '111111111111';
const DESTINATION = '222222222222';
const BUCKET = 'acme-reports';
const ROLE = `arn:aws:iam::${DESTINATION}:role/reports-reader`;
const EXTERNAL_ID = 'crossbucket-test';
const KEY = 'reports/2026/q1 résumé.csv';

const allow = (Action: string[], Resource: string[]) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource }],
});
const bucketArns = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`];

let aws: Sandbox;
let clock: SandboxClock;

beforeAll(async () => {
  emptyHome();
  clock = new SandboxClock();
  const app = {
    name: 'app',
    accessKeyId: 'AKIAAPP0000000000001',
    secretAccessKey: 'app-secret-app-secret-app-secret-app-sec',
    policies: {
      assume: allow(['sts:AssumeRole'], [ROLE]),
      read: allow(['s3:GetObject', 's3:ListBucket'], bucketArns),
    },
  };
  aws = await startSandbox({ accounts: [{ id: SOURCE, users: [app] }, { id: DESTINATION }], clock });
  vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
  vi.stubEnv('AWS_CONFIG_FILE', aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', aws.credentialsFile);
  await grantRole();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

const owner = () => ({ region: 'us-east-1', credentials: aws.account(DESTINATION).root });
const source = () => aws.account(SOURCE).users['app']!;

async function grantRole() {
  const s3 = new S3Client(owner());
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  const iam = new IAMClient(owner());
  const trust = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: `arn:aws:iam::${SOURCE}:root` },
      Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
    },
  };
  await iam.send(
    new CreateRoleCommand({ RoleName: 'reports-reader', AssumeRolePolicyDocument: JSON.stringify(trust) }),
  );
  const PolicyDocument = JSON.stringify(allow(['s3:GetObject', 's3:ListBucket'], bucketArns));
  await iam.send(
    new PutRolePolicyCommand({ RoleName: 'reports-reader', PolicyName: 'read', PolicyDocument }),
  );
  await openBucket({ bucket: BUCKET, credentials: aws.account(DESTINATION).root }).put(KEY, 'a,b\n1,2\n');
}

const asReader = (options: Partial<BucketOptions> = {}) =>
  openBucket({ bucket: BUCKET, roleArn: ROLE, externalId: EXTERNAL_ID, credentials: source(), ...options });
const errorOf = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const keysOf = async (bucket = asReader()) => {
  const keys = [];
  for await (const { key } of bucket.list()) keys.push(key);
  return keys;
};
/** Each call has a record in both accounts. */
const assumeRoleCalls = () =>
  aws
    .records('management')
    .filter((record) => record.eventName === 'AssumeRole' && record.recipientAccountId === DESTINATION)
    .length;

describe('the role route', () => {
  test('lists and reads what the role may, and nothing more', async () => {
    const bucket = asReader();
    expect(await keysOf(bucket)).toEqual([KEY]);
    expect(await (await bucket.get(KEY)).text()).toBe('a,b\n1,2\n');
    expect(await bucket.head(KEY)).toMatchObject({ size: 8 });
    expect(await errorOf(bucket.put('reports/new', 'x'))).toMatchObject({
      code: 'access-denied',
      denial: { action: 's3:PutObject', reason: { cause: 'identity-policy-missing-allow' } },
      command: `crossbucket explain s3:PutObject s3://${BUCKET}/reports/new --via ${ROLE} --external-id ${EXTERNAL_ID} --expected-owner 222222222222`,
    });
    expect(await errorOf(bucket.get('reports/none'))).toMatchObject({ code: 'no-such-key' });
  });

  test('is closed without the external id', async () => {
    expect(await errorOf(keysOf(asReader({ externalId: undefined })))).toMatchObject({
      code: 'assume-role-denied',
      message: expect.stringContaining(ROLE),
    });
  });

  test('refuses a bucket of the same name that belongs to somebody else', async () => {
    expect(await errorOf(keysOf(asReader({ expectedOwner: SOURCE })))).toMatchObject({
      code: 'access-denied',
    });
  });

  test('a scope narrows the session to one prefix', async () => {
    const scope = {
      bucket: BUCKET,
      prefix: 'reports/2025/',
      access: ['read', 'list'] as ('read' | 'list')[],
    };
    const role = { roleArn: ROLE, externalId: EXTERNAL_ID, scope };
    const bucket = openBucket({ bucket: BUCKET, role, credentials: source() });
    expect(await errorOf(bucket.get(KEY))).toMatchObject({ denial: { reason: { layer: 'session-policy' } } });
    expect(await errorOf(keysOf(bucket))).toMatchObject({ code: 'access-denied' });
    for await (const entry of bucket.list({ prefix: 'reports/2025/' })) expect(entry).toBeUndefined();
  });

  test('a profile is all that is needed', async () => {
    const profile = /\[([^\]]+)\]\s[^[]*AKIAAPP/.exec(readFileSync(aws.credentialsFile, 'utf8'))?.[1];
    expect(profile).toBeDefined();
    vi.stubEnv('AWS_ENDPOINT_URL', '');
    try {
      expect(await keysOf(asReader({ credentials: undefined, profile }))).toEqual([KEY]);
    } finally {
      vi.stubEnv('AWS_ENDPOINT_URL', aws.endpoint);
    }
  });
});

test('the bucket-policy route needs no role', async () => {
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${SOURCE}:root` },
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: bucketArns,
    },
  });
  await new S3Client(owner()).send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
  const bucket = openBucket({ bucket: BUCKET, credentials: source(), expectedOwner: DESTINATION });
  expect(await keysOf(bucket)).toEqual([KEY]);
});

describe('under load', () => {
  const options = (sessionName: string) => ({
    roleArn: ROLE,
    externalId: EXTERNAL_ID,
    credentials: source(),
    sessionName,
  });

  test('1,000 requests over 50 clients, cold, make one AssumeRole', async () => {
    const before = assumeRoleCalls();
    const clients = Array.from(
      { length: 50 },
      () =>
        new S3Client({
          region: 'us-east-1',
          credentials: fromCrossAccountRole(options('fifty')),
          forcePathStyle: true,
        }),
    );
    const reads = Array.from({ length: 1000 }, (_, i) =>
      clients[i % 50]!.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY })).then(({ Body }) =>
        Body!.transformToString(),
      ),
    );
    expect(new Set(await Promise.all(reads))).toEqual(new Set(['a,b\n1,2\n']));
    expect(assumeRoleCalls() - before).toBe(1);
  });

  test('a clock that jumps past expiry again and again costs one AssumeRole each time, and no request', async () => {
    const role = options('jumps');
    const bucket = openBucket({ bucket: BUCKET, role });
    await keysOf(bucket);
    for (let jump = 0; jump < 5; jump++) {
      const before = assumeRoleCalls();
      clock.advance(2 * 3_600_000);
      const all = await Promise.all(Array.from({ length: 20 }, async () => (await bucket.get(KEY)).text()));
      expect(new Set(all)).toEqual(new Set(['a,b\n1,2\n']));
      expect(assumeRoleCalls() - before).toBe(1);
    }
  });

  test('so does it for any client with explainDenials', async () => {
    const credentials = fromCrossAccountRole(options('explained'));
    const client = explainDenials(new S3Client({ region: 'us-east-1', credentials, forcePathStyle: true }));
    const get = () => client.send(new GetObjectCommand({ Bucket: BUCKET, Key: KEY }));
    await get();
    clock.advance(2 * 3_600_000);
    await expect(get()).resolves.toBeDefined();
    await expect(client.send(new GetObjectCommand({ Bucket: 'not-there', Key: 'k' }))).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });
});
