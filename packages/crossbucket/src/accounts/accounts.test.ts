import {
  CreateRoleCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { authorizeCall } from '@crossbucket/policy';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseDocument } from './documents.ts';
import { AccountReader, connect, readWorld } from './index.ts';

const APP = '111111111111';
const DATA = '222222222222';
const ROLE = `arn:aws:iam::${DATA}:role/readers/reports-reader`;

const policy = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Action: string, Resource: string) => ({ Effect: 'Allow', Action, Resource });

let aws: Sandbox;
let key: string;

beforeAll(async () => {
  aws = await startSandbox({
    config: {
      accounts: [
        { id: APP, name: 'app', users: [{ name: 'service' }] },
        { id: DATA, name: 'data', users: [{ name: 'auditor' }] },
        { id: '999999999999', name: 'management' },
      ],
      organization: {
        management: '999999999999',
        root: {
          accounts: [APP],
          units: [
            {
              name: 'data',
              accounts: [DATA],
              serviceControl: {
                'no-deletes': {
                  Version: '2012-10-17',
                  Statement: [{ Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' }],
                },
              },
            },
          ],
        },
      },
    },
  });
  vi.stubEnv('AWS_CONFIG_FILE', aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', aws.credentialsFile);
  const as = (account: string) => ({
    region: 'us-east-1',
    endpoint: aws.endpoint,
    credentials: aws.account(account).root,
  });
  const iam = new IAMClient(as(DATA));
  await iam.send(
    new CreateRoleCommand({
      RoleName: 'reports-reader',
      Path: '/readers/',
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { AWS: APP },
        Action: 'sts:AssumeRole',
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'reports-reader',
      PolicyName: 'read',
      PolicyDocument: policy(allow('s3:*', 'arn:aws:s3:::acme-reports/*')),
    }),
  );
  await new IAMClient(as(APP)).send(
    new PutUserPolicyCommand({
      UserName: 'service',
      PolicyName: 'assume',
      PolicyDocument: policy(allow('sts:AssumeRole', ROLE)),
    }),
  );
  const made = await new KMSClient(as(DATA)).send(new CreateKeyCommand({}));
  key = made.KeyMetadata!.Arn!;
  const s3 = new S3Client(as(DATA));
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
  await new S3Client({ ...as(DATA), region: 'eu-west-1' }).send(
    new CreateBucketCommand({
      Bucket: 'acme-far',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    }),
  );
  await s3.send(
    new PutBucketEncryptionCommand({
      Bucket: 'acme-reports',
      ServerSideEncryptionConfiguration: {
        Rules: [
          {
            ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: key },
            BucketKeyEnabled: true,
          },
        ],
      },
    }),
  );
  await s3.send(
    new PutBucketPolicyCommand({
      Bucket: 'acme-reports',
      Policy: policy({
        ...allow('s3:GetObject', 'arn:aws:s3:::acme-reports/*'),
        Principal: { AWS: `arn:aws:iam::${APP}:user/service` },
      }),
    }),
  );
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await aws.close();
});

const reader = async (profile: string) => new AccountReader(await connect({ profile }));

describe('connecting by profile', () => {
  test('finds the endpoint of a profile that is not the default one, and says who we are', async () => {
    const connection = await connect({ name: 'data', id: DATA, profile: 'data-auditor' });
    expect(connection).toMatchObject({
      id: DATA,
      name: 'data',
      caller: `arn:aws:iam::${DATA}:user/auditor`,
      region: 'us-east-1',
    });
  });

  test.each<[string, Parameters<typeof connect>[0], string, string]>([
    ['a profile that is not there', { profile: 'dta' }, 'unknown-profile', 'there is no profile `dta`'],
    [
      'credentials of another account',
      { id: APP, name: 'app', profile: 'data' },
      'wrong-account',
      `account ${APP} (app): profile \`data\` belongs to account ${DATA}`,
    ],
    [
      'a key that AWS does not know',
      {
        id: APP,
        credentials: { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'x' },
        endpoint: 'sandbox',
      },
      'credentials-rejected',
      `account ${APP}: AWS refuses the default credentials`,
    ],
    [
      'nobody at the endpoint',
      { id: APP, profile: 'app', endpoint: 'http://127.0.0.1:9' },
      'unreachable',
      `account ${APP}: STS cannot be reached`,
    ],
  ])('%s', async (_, address, code, message) => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '1');
    const endpoint = address.endpoint === 'sandbox' ? aws.endpoint : address.endpoint;
    const failure = await connect({ ...address, endpoint }).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ code, help: expect.any(String) });
    expect((failure as Error).message).toContain(message);
  });
});

describe('reading', () => {
  test('what a question concerns, each document once', async () => {
    const data = await reader('data');
    const [role, bucket] = await Promise.all([
      data.principal(`arn:aws:sts::${DATA}:assumed-role/reports-reader/me`),
      data.bucket('acme-reports'),
      data.key('acme', 'us-east-1'),
      data.publicAccessBlock(),
    ]);
    const { calls } = data;
    await Promise.all([
      data.principal(ROLE),
      data.bucket('acme-reports'),
      data.key(bucket!.encryption!.key!),
    ]);
    expect(data.calls).toBe(calls + 4); // the key, its policy, grants and aliases
    expect(role).toMatchObject({
      kind: 'role',
      arn: ROLE,
      policies: [{ name: 'read' }],
      maxSessionDuration: 3600,
    });
    expect(data.holdersOf(role!.policies[0]!)).toEqual([{ kind: 'role', name: 'reports-reader' }]);
    expect(data.text('inline-policy role/reports-reader/read')).toBe(
      policy(allow('s3:*', 'arn:aws:s3:::acme-reports/*')),
    );
    expect(bucket).toMatchObject({
      name: 'acme-reports',
      region: 'us-east-1',
      ownership: 'BucketOwnerEnforced',
      encryption: { algorithm: 'aws:kms', key, bucketKey: true },
    });
    expect(data.snapshot()).toMatchObject({
      id: DATA,
      keys: { [key]: { managedBy: 'CUSTOMER', state: 'Enabled' } },
    });
    expect(data.snapshot().unknown).toBeUndefined();
  });

  test('a bucket of another region, and buckets that are not there or not ours', async () => {
    const data = await reader('data');
    expect(await data.bucket('acme-far')).toMatchObject({ region: 'eu-west-1' });
    expect(await data.bucket('acme-nowhere')).toBeUndefined();
    const app = await reader('app');
    expect(await app.bucket('acme-reports')).toBeUndefined();
    expect(app.snapshot().buckets).toEqual({});
  });

  test('nobody of that name is no unknown fact', async () => {
    const data = await reader('data');
    expect(await data.principal(`arn:aws:iam::${DATA}:role/nobody`)).toBeUndefined();
    expect(await data.principal(`arn:aws:iam::${DATA}:user/nobody`)).toBeUndefined();
    expect(data.snapshot()).toMatchObject({ principals: {} });
    expect(data.snapshot().unknown).toBeUndefined();
  });

  test('missing rights are named, and are no failure', async () => {
    const auditor = await reader('data-auditor');
    await Promise.all([
      auditor.principal(ROLE),
      auditor.bucket('acme-reports'),
      auditor.publicAccessBlock(),
      auditor.everyone(),
    ]);
    const { unknown = [], buckets } = auditor.snapshot();
    expect(buckets).toEqual({ 'acme-reports': { name: 'acme-reports', region: 'us-east-1' } });
    expect(unknown.map(({ what, action }) => [what, action])).toEqual(
      expect.arrayContaining([
        [`principal ${ROLE}`, expect.stringMatching(/^iam:/)],
        [`trust-policy ${ROLE}`, 'iam:GetRole'],
        ['bucket-policy acme-reports', 's3:GetBucketPolicy'],
        ['public-access-block', 's3:GetAccountPublicAccessBlock'],
        ['principals', 'iam:GetAccountAuthorizationDetails'],
      ]),
    );
  });

  test('the whole account comes out as its parts do', async () => {
    const [whole, parts] = [await reader('data'), await reader('data')];
    await whole.everything();
    await Promise.all([
      parts.principal(ROLE),
      parts.principal(`arn:aws:iam::${DATA}:user/auditor`),
      parts.bucket('acme-far'),
      parts.bucket('acme-reports'),
    ]);
    const { principals, buckets } = parts.snapshot();
    const { maxSessionDuration: _, ...role } = principals[ROLE]!;
    expect(whole.snapshot()).toMatchObject({ principals: { ...principals, [ROLE]: role }, buckets });
  });
});

describe('the organization', () => {
  test('is read through the management account, and decides', async () => {
    const readers = [await reader('app'), await reader('data'), await reader('management')];
    await readers[1]!.principal(ROLE);
    await readers[1]!.bucket('acme-reports');
    const world = await readWorld(readers);
    expect(world.organization).toMatchObject({ managementAccount: '999999999999' });
    expect(world.organization?.accounts[DATA]?.serviceControl).toHaveLength(3);
    const call = {
      service: 's3',
      principal: `arn:aws:sts::${DATA}:assumed-role/reports-reader/me`,
      input: { Bucket: 'acme-reports', Key: 'k' },
    };
    expect(authorizeCall(world, { ...call, operation: 'DeleteObject' }).causes[0]?.code).toBe(
      'scp-explicit-deny',
    );
    expect(world.accounts[DATA]!.unknown).toBeUndefined();
  });

  test('without it, SCPs and RCPs are unknown, and so is what they might deny', async () => {
    const readers = [await reader('data')];
    await readers[0]!.principal(ROLE);
    await readers[0]!.bucket('acme-reports');
    const world = await readWorld(readers);
    expect(world.accounts[DATA]!.unknown?.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['scp', 'rcp']),
    );
    const call = {
      service: 's3',
      operation: 'DeleteObject',
      principal: `arn:aws:sts::${DATA}:assumed-role/reports-reader/me`,
      input: { Bucket: 'acme-reports', Key: 'k' },
    };
    expect(authorizeCall(world, call).outcome).toBe('depends');
  });
});

test.each(['', '{"Statement": [', '[]', 'null', '{"Version": "2012-10-17"}'])(
  'what is no policy is named by account and document: %j',
  (text) => {
    expect(() => parseDocument(DATA, 'bucket-policy acme-reports', text)).toThrow(
      expect.objectContaining({
        code: 'malformed-document',
        message: expect.stringContaining(`account ${DATA}, bucket-policy acme-reports`),
        help: expect.any(String),
      }),
    );
  },
);
