import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { APP, BUCKET, DATA, GrantStage, policy } from './stage.ts';

/** Somebody in each account who may do what `permissions COMMAND` prints, and nothing else. */
let stage: GrantStage;
const arns = new Map<string, string>();
beforeAll(async () => {
  stage = await GrantStage.set();
  await stage.encrypt();
  const profiles = [readFileSync(stage.aws.profiles, 'utf8')];
  for (const [account, profile] of [
    [APP, 'app-least'],
    [DATA, 'data-least'],
  ] as const) {
    const iam = stage.iam(account);
    await iam.send(new CreateUserCommand({ UserName: 'least' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'least' }));
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: 'a4b:*', Resource: '*' },
    });
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'least', PolicyDocument }));
    arns.set(account, Policy!.Arn!);
    await iam.send(new AttachUserPolicyCommand({ UserName: 'least', PolicyArn: Policy!.Arn! }));
    profiles.push(
      `[profile ${profile}]`,
      'region = us-east-1',
      `endpoint_url = ${stage.aws.endpoint}`,
      `aws_access_key_id = ${AccessKey!.AccessKeyId!}`,
      `aws_secret_access_key = ${AccessKey!.SecretAccessKey!}`,
    );
  }
  // Who verifies has to be somebody whom the grant is for: here, whoever may become that role.
  const Principal = { AWS: ['least', 'operator'].map((name) => `arn:aws:iam::${APP}:user/${name}`) };
  await stage.iam(APP).send(
    new UpdateAssumeRolePolicyCommand({
      RoleName: 'report-service',
      PolicyDocument: policy({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }),
    }),
  );
  const file = join(stage.folder, 'config');
  writeFileSync(file, profiles.join('\n'), { mode: 0o600 });
  vi.stubEnv('AWS_CONFIG_FILE', file);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(stage.folder, 'none'));
  configure();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await stage.close();
});

function configure(more: object = {}): string {
  const grant = { bucket: `data/${BUCKET}`, to: 'app', access: { read: ['reports/*'], list: ['reports/*'] } };
  return stage.configure(
    [
      { ...grant, name: 'by-role', principals: ['role/report-service'], ...more },
      {
        ...grant,
        name: 'by-policy',
        principals: ['role/report-service', 'user/operator'],
        route: 'bucket-policy',
      },
    ],
    { app: { id: APP, profile: 'app-least' }, data: { id: DATA, profile: 'data-least' } },
  );
}

interface Printed {
  in: string;
  account?: string;
  policy: { Statement: { Action: string[] }[] };
}

async function printed(command: string, config: string): Promise<Printed[]> {
  const { exit, out } = await stage.crossbucket(
    'permissions',
    ...command.split(' '),
    '--config',
    config,
    '--json',
  );
  expect(exit).toBe(0);
  return JSON.parse(out) as Printed[];
}

/** Gives both users exactly this. */
async function allow(policies: Printed[]): Promise<void> {
  for (const { account, policy } of policies) {
    if (account === undefined) continue;
    const iam = stage.iam(account);
    const PolicyArn = arns.get(account)!;
    const { DeletePolicyVersionCommand, ListPolicyVersionsCommand } = await import('@aws-sdk/client-iam');
    const { Versions = [] } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    for (const { VersionId, IsDefaultVersion } of Versions)
      if (!IsDefaultVersion) await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    await iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn,
        PolicyDocument: JSON.stringify(policy),
        SetAsDefault: true,
      }),
    );
  }
}

describe('with exactly the policy that is printed, the command does its work', () => {
  test('plan, apply, change, drift, verify, export, revoke', async () => {
    const config = configure();
    const before = await stage.accounts();
    for (const [command, exit] of [
      ['grant plan', 1],
      ['grant apply', 0],
      ['grant drift', 0],
      ['grant export', 0],
      ['grant verify', 0],
    ] as const) {
      await allow(await printed(command, config));
      const ran = await stage.grant(command.slice('grant '.length), '--json');
      expect([command, ran.exit, ran.err.match(/error|not looked at|no calls/g)]).toEqual([
        command,
        exit,
        null,
      ]);
      expect(ran.out).not.toContain('missing-permission');
    }
    configure({ role: { maxSession: '2h', tags: { team: 'data' } }, access: { read: ['other/*'] } });
    await allow(await printed('grant apply', config));
    expect(await stage.grant('apply')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.grant('apply', '--rollback')).toMatchObject({ exit: 0, err: '' });
    await allow(await printed('grant revoke', config));
    expect(await stage.grant('revoke', '--all')).toMatchObject({ exit: 0, err: '' });
    expect(await stage.accounts()).toBe(before);
  });

  test('a plan that lacks one action says which', async () => {
    const config = configure();
    const policies = await printed('grant plan', config);
    // Read only where a policy is attached, ACLs are in force, or all else is denied.
    const elsewhere = new Set([
      'iam:GetPolicy',
      'iam:GetPolicyVersion',
      's3:GetBucketAcl',
      's3:ListAllMyBuckets',
      'iam:GetGroupPolicy',
      'iam:ListGroupPolicies',
      'iam:ListAttachedGroupPolicies',
      'iam:GetRolePolicy',
    ]);
    for (const one of policies)
      for (const [at, statement] of one.policy.Statement.entries())
        for (const action of statement.Action) {
          if (elsewhere.has(action)) continue;
          // Roles of the destination are not there yet: only that is asked of them.
          if (one.in === 'destination' && action.startsWith('iam:List')) continue;
          const Statement = one.policy.Statement.with(at, {
            ...statement,
            Action: statement.Action.filter((other) => other !== action),
          });
          await allow([
            ...policies.filter((other) => other !== one),
            {
              ...one,
              policy: { ...one.policy, Statement: Statement.filter(({ Action }) => Action.length > 0) },
            },
          ]);
          const { out, err } = await stage.grant('plan', '--json');
          expect([action, out + err]).toEqual([
            action,
            expect.stringContaining(`no permission for ${action}`),
          ]);
        }
  });
});

test('who uses a grant: the session of the role with exactly what is printed', async () => {
  const grant = { bucket: `data/${BUCKET}`, to: 'app', access: { read: ['*'] }, principals: ['user/least'] };
  const config = stage.configure([{ ...grant, name: 'use' }], {
    app: { id: APP, profile: 'app-least' },
    data: { id: DATA, profile: 'data-least' },
  });
  const trust = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${APP}:user/least` },
    Action: 'sts:AssumeRole',
  };
  const iam = stage.iam(DATA);
  await iam.send(new CreateRoleCommand({ RoleName: 'use', AssumeRolePolicyDocument: policy(trust) }));
  const role = ['--role-arn', `arn:aws:iam::${DATA}:role/use`, '--profile', 'app-least'];
  const file = join(stage.folder, 'local');
  for (const [command, ...argv] of [
    ['ls', `s3://${BUCKET}/reports/`],
    ['cat', `s3://${BUCKET}/reports/q2.csv`],
    ['cp', `s3://${BUCKET}/reports/q2.csv`, file],
    ['cp', file, `s3://${BUCKET}/in/new.csv`],
    ['rm', `s3://${BUCKET}/in/new.csv`],
  ] as const) {
    const both = await printed(command, config);
    await allow(both.filter((one) => one.in === 'source'));
    const inRole = both.find((one) => one.in === 'destination')!;
    const PolicyDocument = JSON.stringify(inRole.policy);
    await iam.send(new PutRolePolicyCommand({ RoleName: 'use', PolicyName: 'use', PolicyDocument }));
    const ran = await stage.crossbucket(command, ...argv, ...role, ...(command === 'rm' ? ['--yes'] : []));
    expect([command, ran.exit, ran.err]).toEqual([command, 0, expect.not.stringContaining('error')]);
  }
});

test('without a configuration, patterns stand for what it would name', async () => {
  const { exit, out } = await stage.crossbucket('permissions', 'explain');
  expect(exit).toBe(0);
  expect(out).toContain('crossbucket explain, in the source account');
  expect(out).toContain("the organization's management account");
  expect(out).not.toMatch(/"\w+:\*"/);
});

test('an unknown command names those that are known', async () => {
  expect(await stage.crossbucket('permissions', 'grant', 'aply')).toMatchObject({
    exit: 2,
    err: expect.stringContaining('the commands are grant plan, '),
  });
});
