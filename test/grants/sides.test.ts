import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreatePolicyCommand, CreateRoleCommand, GetRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { APP, BUCKET, DATA, GrantStage, OTHER, policy } from './stage.ts';

let stage: GrantStage;
async function set(config: Parameters<typeof GrantStage.set>[0] = {}): Promise<void> {
  stage = await GrantStage.set(config);
  vi.stubEnv('AWS_CONFIG_FILE', stage.aws.profiles);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', stage.aws.credentialsFile);
}
afterEach(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

const GRANT = {
  name: 'reader',
  bucket: `data/${BUCKET}`,
  to: 'app',
  principals: ['role/report-service'],
  access: { read: ['reports/*'] },
};

describe('one side at a time', () => {
  test.each(['role', 'bucket-policy'])(
    'by %s: two people, each with one profile, and a file between them',
    async (route) => {
      await set();
      const before = await stage.accounts();
      // The owner's profile for the source is one that does not exist, and the other way round.
      stage.configure([{ ...GRANT, route }], { app: { id: APP, profile: 'none' } });
      const destination = await stage.grant('apply', '--side', 'destination');
      expect(destination).toMatchObject({ exit: 0, err: '' });
      const file = join(stage.folder, 'crossbucket-source.md');
      const handed = readFileSync(file, 'utf8');
      expect(destination.out).toContain(file);
      expect(handed).toContain(`## In account ${APP}`);
      expect(handed).not.toContain(`## In account ${DATA}`);
      expect(handed).toContain(
        route === 'role' ? `arn:aws:iam::${DATA}:role/reader` : `arn:aws:s3:::${BUCKET}/reports/*`,
      );

      stage.configure([{ ...GRANT, route }], { data: { id: DATA, profile: 'none' } });
      const source = await stage.grant('apply', '--side', 'source');
      expect(source).toMatchObject({ exit: 0, err: '' });
      expect(existsSync(join(stage.folder, 'crossbucket-destination.md'))).toBe(true);

      stage.configure([{ ...GRANT, route }]);
      expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
      expect(await stage.grant('verify')).toMatchObject({ exit: 0 });
      expect(await stage.grant('revoke', '--all', '--side', 'destination')).toMatchObject({
        exit: 0,
        err: '',
      });
      expect(await stage.grant('revoke', '--all', '--side', 'source')).toMatchObject({ exit: 0, err: '' });
      expect(await stage.accounts()).toBe(before);
    },
  );
});

describe('what the destination asks for', () => {
  test('boundary, path, session length, tags, organization, network and a text as external id', async () => {
    await set();
    const { Policy } = await stage.iam(DATA).send(
      new CreatePolicyCommand({
        PolicyName: 'fence',
        PolicyDocument: policy({ Effect: 'Allow', Action: 's3:*', Resource: '*' }),
      }),
    );
    stage.configure([
      {
        ...GRANT,
        role: {
          name: 'shared-reader',
          path: '/shared/',
          boundary: Policy!.Arn!,
          maxSession: '2h',
          externalId: 'acme-7f3a',
          tags: { team: 'data' },
        },
        conditions: {
          organization: 'o-a1b2c3d4e5',
          mfa: true,
          sourceIp: ['203.0.113.0/24'],
          vpcEndpoint: ['vpce-1a2b'],
        },
      },
    ]);
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    const { Role } = await stage.iam(DATA).send(new GetRoleCommand({ RoleName: 'shared-reader' }));
    expect(Role).toMatchObject({
      Path: '/shared/',
      MaxSessionDuration: 7200,
      PermissionsBoundary: { PermissionsBoundaryArn: Policy!.Arn! },
    });
    expect(Role!.Tags).toEqual(
      expect.arrayContaining([
        { Key: 'team', Value: 'data' },
        { Key: 'crossbucket:grant', Value: 'reader' },
      ]),
    );
    const { Statement } = JSON.parse(decodeURIComponent(Role!.AssumeRolePolicyDocument!)) as {
      Statement: { Condition: unknown }[];
    };
    expect(Statement[0]!.Condition).toEqual({
      StringEquals: {
        'sts:ExternalId': 'acme-7f3a',
        'aws:PrincipalOrgID': 'o-a1b2c3d4e5',
        'aws:SourceVpce': 'vpce-1a2b',
      },
      Bool: { 'aws:MultiFactorAuthPresent': 'true' },
      IpAddress: { 'aws:SourceIp': '203.0.113.0/24' },
    });
    expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
    const verified = await stage.grant('verify');
    expect(verified.err).toContain('no calls were made: the grant asks for a second factor');
    // Every part of the role can be changed, and put back.
    const before = await stage.accounts();
    stage.configure([
      {
        ...GRANT,
        role: { name: 'shared-reader', path: '/shared/', externalId: 'acme-8', tags: { team: 'other' } },
      },
    ]);
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).not.toBe(before);
    expect(await stage.grant('apply', '--rollback')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).toBe(before);
  });

  test('a key of a third account: its policy is changed too', async () => {
    await set();
    await stage.encrypt({ account: OTHER });
    stage.configure([GRANT]);
    expect(await stage.grant('apply')).toMatchObject({
      exit: 2,
      out: expect.stringContaining('is not in crossbucket.yaml'),
    });
    stage.configure([GRANT], { keys: { id: OTHER, profile: 'other' } });
    const applied = await stage.grant('apply', '--json');
    expect(applied).toMatchObject({ exit: 0 });
    const [{ roleArn, externalId }] = (
      JSON.parse(applied.out) as { grants: { roleArn: string; externalId: string }[] }
    ).grants as [{ roleArn: string; externalId: string }];
    const keys = await stage.assume(await stage.service(), roleArn, externalId);
    await stage.s3As(keys).send(new GetObjectCommand({ Bucket: BUCKET, Key: 'reports/q1.csv' }));
  });
});

test('a bucket of another region, with keys of all kinds of letters', async () => {
  await set();
  const name = 'acme.far-away';
  const s3 = new S3Client({
    ...stage.as(stage.aws.account(DATA).root),
    region: 'eu-west-1',
    forcePathStyle: true,
  });
  await s3.send(
    new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
  );
  const prefixes = ['日本/', 'Überblick & mehr/', "it's 100%/"];
  for (const prefix of prefixes)
    await s3.send(new PutObjectCommand({ Bucket: name, Key: `${prefix}x`, Body: prefix }));
  const patterns = prefixes.map((prefix) => `${prefix}*`);
  stage.configure([
    { ...GRANT, bucket: `data/${name}`, access: { read: patterns, list: patterns } },
    {
      ...GRANT,
      name: 'by-policy',
      route: 'bucket-policy',
      bucket: `data/${name}`,
      access: { write: patterns },
    },
  ]);
  const before = await stage.accounts();
  expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
  const verified = await stage.grant('verify');
  expect(verified, verified.out).toMatchObject({ exit: 0, err: '' });
  expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
  expect(await stage.grant('export', '--format', 'terraform')).toMatchObject({ exit: 0 });
  expect(await stage.grant('revoke', '--all')).toMatchObject({ exit: 0, err: '' });
  expect(await stage.accounts()).toBe(before);
});

test('principals that AWS only just made are waited for', async () => {
  await set({ consistency: { delay: 1 } });
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await stage.encrypt({ delegated: false });
  stage.configure([GRANT]);
  // The key policy names the role that the same apply has just made.
  const out = expect.stringContaining('waiting: AWS does not know a principal in the key policy');
  expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '', out });
  expect(await stage.grant('plan')).toMatchObject({ exit: 0 });
});

test('live sessions end with a revoke that is asked to, also of a role that stays', async () => {
  await set();
  const trust = { Sid: 'Theirs', Effect: 'Allow', Principal: { AWS: DATA }, Action: 'sts:AssumeRole' };
  await stage
    .iam(DATA)
    .send(new CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: policy(trust) }));
  stage.configure([{ ...GRANT, role: { adopt: true, externalId: false } }]);
  await stage.grant('apply');
  const keys = await stage.assume(await stage.service(), `arn:aws:iam::${DATA}:role/reader`);
  const read = () => stage.s3As(keys).send(new GetObjectCommand({ Bucket: BUCKET, Key: 'reports/q1.csv' }));
  await read();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(await stage.grant('revoke', 'reader', '--end-sessions')).toMatchObject({ exit: 0, err: '' });
  await expect(read()).rejects.toMatchObject({
    name: 'AccessDenied',
    message: expect.stringContaining('explicit deny'),
  });
});
