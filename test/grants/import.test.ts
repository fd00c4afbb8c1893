import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parseSpec, type Spec } from '../../packages/crossbucket/src/spec/index.ts';
import { APP, BUCKET, DATA, FOREIGN, GrantStage, OTHER, policy } from './stage.ts';

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

const importing = (...argv: string[]) =>
  stage.crossbucket(
    'grant',
    'import',
    `s3://${BUCKET}`,
    '--profile',
    'data-owner',
    '--source-profile',
    'app',
    ...argv,
  );

test('the walkthrough: a bucket policy for a whole account, and a role', async () => {
  const arns = [`arn:aws:s3:::${BUCKET}`, `arn:aws:s3:::${BUCKET}/*`];
  const Action = ['s3:GetObject', 's3:ListBucket'];
  await stage.s3(DATA).send(
    new PutBucketPolicyCommand({
      Bucket: BUCKET,
      Policy: policy({
        Sid: 'AllowCrossAccountAccess',
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${APP}:root` },
        Action,
        Resource: arns,
      }),
    }),
  );
  const Condition = { StringEquals: { 'sts:ExternalId': 'acme-7f3a' } };
  await stage.iam(DATA).send(
    new CreateRoleCommand({
      RoleName: 'reports-reader',
      AssumeRolePolicyDocument: policy({
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${APP}:role/report-service` },
        Action: 'sts:AssumeRole',
        Condition,
      }),
    }),
  );
  await stage.iam(DATA).send(
    new PutRolePolicyCommand({
      RoleName: 'reports-reader',
      PolicyName: 'read',
      PolicyDocument: policy({ Effect: 'Allow', Action, Resource: arns }),
    }),
  );
  const file = join(stage.folder, 'proposed.yaml');
  expect(await importing('--role', 'reports-reader', '--out', file)).toMatchObject({ exit: 0 });
  const text = readFileSync(file, 'utf8');
  expect(parseSpec(text, file)).toEqual({
    accounts: {
      'data-owner': { id: DATA, profile: 'data-owner', region: 'us-east-1' },
      app: { id: APP, profile: 'app' },
    },
    grants: [
      {
        name: 'acme-reports-reader',
        bucket: `data-owner/${BUCKET}`,
        to: 'app',
        route: 'bucket-policy',
        access: { read: ['*'], list: ['*'] },
      },
      {
        name: 'reports-reader',
        bucket: `data-owner/${BUCKET}`,
        to: 'app',
        principals: ['role/report-service'],
        route: 'role',
        access: { read: ['*'], list: ['*'] },
        role: { name: 'reports-reader', externalId: 'acme-7f3a', maxSession: '60m', adopt: true },
      },
    ],
  });
  expect(await stage.crossbucket('grant', 'plan', '--config', file)).toMatchObject({ exit: 1 });
});

test('what grants made comes back as these grants', async () => {
  const grants = [
    {
      name: 'inbox',
      bucket: `data-owner/${BUCKET}`,
      to: 'app',
      principals: ['role/report-service', 'user/operator'],
      route: 'bucket-policy',
      access: { write: ['in/*'], delete: ['in/*'], list: ['in/*', 'out/*'], tagging: true, multipart: true },
      conditions: { organization: 'o-a1b2c3d4e5', sourceIp: ['203.0.113.0/24'] },
    },
    {
      name: 'reader',
      bucket: `data-owner/${BUCKET}`,
      to: 'app',
      principals: ['role/report-service'],
      route: 'role',
      access: {
        read: ['reports/*'],
        list: ['reports/*'],
        versions: true,
        actions: ['s3:GetObjectAcl'],
        on: ['reports/*'],
      },
      conditions: { mfa: true },
      role: { name: 'reader', externalId: 'acme-7f3a', maxSession: '120m' },
    },
  ];
  stage.configure(grants, { 'data-owner': { id: DATA, profile: 'data-owner' } });
  await stage.s3(DATA).send(
    new PutBucketPolicyCommand({
      Bucket: BUCKET,
      Policy: policy({ ...FOREIGN, Principal: { AWS: DATA } }),
    }),
  );
  expect(await stage.grant('apply')).toMatchObject({ exit: 0 });
  const { exit, out } = await importing('--role', 'reader', '--json');
  expect(exit).toBe(0);
  const { spec, notes } = JSON.parse(out) as { spec: Spec; notes: string[] };
  expect(notes).toEqual([]);
  expect(spec.grants).toEqual([{ ...grants[0], name: 'acme-reports-writer' }, grants[1]]);
});

test('what a specification cannot say is said', async () => {
  await stage.s3(DATA).send(
    new PutBucketPolicyCommand({
      Bucket: BUCKET,
      Policy: policy(
        { ...FOREIGN, Sid: 'Wide', Action: 's3:*' },
        { ...FOREIGN, Sid: 'NoDeletes', Effect: 'Deny', Principal: '*', Action: 's3:DeleteObject' },
        {
          ...FOREIGN,
          Sid: 'Logs',
          Principal: { Service: 'logging.s3.amazonaws.com' },
          Action: 's3:PutObject',
        },
        { ...FOREIGN, Sid: 'Referer', Condition: { StringLike: { 'aws:Referer': 'https://example.com/*' } } },
      ),
    }),
  );
  const { exit, out } = await importing();
  expect(exit).toBe(0);
  expect(out).toContain('# a statement allows `s3:*`, which is more than any level');
  expect(out).toContain('# statement NoDeletes denies something');
  expect(out).toContain('# statement Logs names Service logging.s3.amazonaws.com');
  expect(out).toContain('# statement Referer asks for StringLike aws:Referer');
  expect(out).toContain(`to: account-${OTHER}`);
  expect(await importing('--role', 'nobody')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('has no role `nobody`'),
  });
});
