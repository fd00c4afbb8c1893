import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  GetRoleCommand,
  GetUserCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateUserCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetBucketPolicyCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  CreateAccessPointCommand,
  GetAccessPointPolicyCommand,
  PutAccessPointPolicyCommand,
} from '@aws-sdk/client-s3-control';
import { CreateGrantCommand, DescribeKeyCommand, ListGrantsCommand } from '@aws-sdk/client-kms';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assume, clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { controlClient } from './control-client.ts';
import { kmsOf, makeKey } from './kms-clients.ts';
import { makeRole, makeUser } from './principals.ts';

const clock = new SandboxClock();
let aws: Sandbox;
let source: Clients;
let owner: Clients;
let admin: Clients;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION], clock });
  source = clientsOf(aws, aws.account(SOURCE).root);
  owner = clientsOf(aws, aws.account(DESTINATION).root);
  admin = (await makeUser(aws, source, 'admin', [{ Action: '*', Resource: '*' }])).clients;
});
afterAll(() => aws.close());

const write = { Action: 's3:PutObject', Resource: '*' };

async function bucketFor(Bucket: string, ...statements: Record<string, unknown>[]): Promise<void> {
  await owner.s3.send(new CreateBucketCommand({ Bucket }));
  const Resource = `arn:aws:s3:::${Bucket}/*`;
  const Policy = documentOf(...statements.map((statement) => ({ Resource, ...statement })));
  await owner.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
}

const put = (clients: Clients, Bucket: string) =>
  clients.s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'a' }));

async function policyOf(Bucket: string): Promise<string> {
  return (await owner.s3.send(new GetBucketPolicyCommand({ Bucket }))).Policy!;
}

async function deleteRole(RoleName: string): Promise<void> {
  await source.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'own' }));
  await source.iam.send(new DeleteRoleCommand({ RoleName }));
}

async function sessionOf(RoleArn: string): Promise<Clients> {
  return clientsOf(aws, await assume(admin.sts, { RoleArn, RoleSessionName: 'session' }));
}

describe('a principal that is deleted', () => {
  test('leaves its unique id in a bucket policy, and a new role of its name does not match', async () => {
    const first = await makeRole(source, 'uploader', SOURCE, [write]);
    await bucketFor('by-role', { Principal: { AWS: [first.arn] }, Action: 's3:PutObject' });
    expect(await policyOf('by-role')).toContain(first.arn);
    const session = await sessionOf(first.arn);
    await put(session, 'by-role');

    await deleteRole('uploader');
    expect(await policyOf('by-role')).toContain(`"AWS":["${first.id}"]`);
    expect(await policyOf('by-role')).not.toContain(first.arn);
    // The session of the role that is gone is no session any more.
    expect((await failureOf(put(session, 'by-role'))).code).toBe('InvalidAccessKeyId');

    const second = await makeRole(source, 'uploader', SOURCE, [write]);
    expect(second.arn).toBe(first.arn);
    expect(second.id).not.toBe(first.id);
    expect(await failureOf(put(await sessionOf(second.arn), 'by-role'))).toMatchObject({
      code: 'AccessDenied',
      message: 'Access Denied',
    });
    expect((await failureOf(put(session, 'by-role'))).code).toBe('InvalidAccessKeyId');

    // The document as AWS shows it now is refused, even with nothing changed.
    const stale = new PutBucketPolicyCommand({ Bucket: 'by-role', Policy: await policyOf('by-role') });
    expect(await failureOf(owner.s3.send(stale))).toMatchObject({
      code: 'MalformedPolicy',
      status: 400,
      message: 'Invalid principal in policy',
    });

    const mended = (await policyOf('by-role')).replace(first.id, second.arn);
    await owner.s3.send(new PutBucketPolicyCommand({ Bucket: 'by-role', Policy: mended }));
    await put(await sessionOf(second.arn), 'by-role');
  });

  test('is still matched by a condition on aws:PrincipalArn', async () => {
    const first = await makeRole(source, 'by-condition', SOURCE, [write]);
    const Condition = { ArnEquals: { 'aws:PrincipalArn': first.arn } };
    await bucketFor('by-condition', { Principal: '*', Action: 's3:PutObject', Condition });
    await put(await sessionOf(first.arn), 'by-condition');
    await deleteRole('by-condition');
    const second = await makeRole(source, 'by-condition', SOURCE, [write]);
    await put(await sessionOf(second.arn), 'by-condition');
    expect(await policyOf('by-condition')).toContain(first.arn);
  });

  test('leaves its unique id in a trust policy', async () => {
    const own = [{ Action: 'sts:AssumeRole', Resource: '*' }];
    const first = await makeUser(aws, source, 'operator', own);
    const role = await makeRole(owner, 'for-operator', first.arn);
    await assume(first.clients.sts, { RoleArn: role.arn, RoleSessionName: 'ops' });
    const DeleteKey = { UserName: 'operator', AccessKeyId: first.key.accessKeyId };
    await source.iam.send(new DeleteAccessKeyCommand(DeleteKey));
    const { DeleteUserPolicyCommand } = await import('@aws-sdk/client-iam');
    await source.iam.send(new DeleteUserPolicyCommand({ UserName: 'operator', PolicyName: 'own' }));
    await source.iam.send(new DeleteUserCommand({ UserName: 'operator' }));

    const trust = async () => {
      const { Role } = await owner.iam.send(new GetRoleCommand({ RoleName: 'for-operator' }));
      return decodeURIComponent(Role!.AssumeRolePolicyDocument!);
    };
    expect(JSON.parse(await trust()).Statement[0].Principal).toEqual({ AWS: first.id });
    const second = await makeUser(aws, source, 'operator', own);
    const denied = await failureOf(
      second.clients.sts.send(new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'ops' })),
    );
    expect(denied).toMatchObject({ code: 'AccessDenied', status: 403 });
    const update = { RoleName: 'for-operator', PolicyDocument: await trust() };
    expect(await failureOf(owner.iam.send(new UpdateAssumeRolePolicyCommand(update)))).toMatchObject({
      code: 'MalformedPolicyDocumentException',
      message: `Invalid principal in policy: "AWS":"${first.id}"`,
    });
    const mended = {
      RoleName: 'for-operator',
      PolicyDocument: (await trust()).replace(first.id, second.arn),
    };
    await owner.iam.send(new UpdateAssumeRolePolicyCommand(mended));
    await assume(second.clients.sts, { RoleArn: role.arn, RoleSessionName: 'ops' });
  });

  test('a user that is renamed is shown by its new ARN and keeps its access and its keys', async () => {
    const { arn, id, clients } = await makeUser(aws, source, 'before', [write]);
    await bucketFor('by-user', { Principal: { AWS: arn }, Action: 's3:PutObject' });
    await put(clients, 'by-user');
    await source.iam.send(
      new UpdateUserCommand({ UserName: 'before', NewUserName: 'after', NewPath: '/moved/' }),
    );
    const { User } = await source.iam.send(new GetUserCommand({ UserName: 'after' }));
    expect(User).toMatchObject({ UserId: id, Arn: `arn:aws:iam::${SOURCE}:user/moved/after` });
    expect((await failureOf(source.iam.send(new GetUserCommand({ UserName: 'before' })))).status).toBe(404);
    expect(await policyOf('by-user')).toContain(`arn:aws:iam::${SOURCE}:user/moved/after`);
    await put(clients, 'by-user');
    expect((await clients.sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(User?.Arn);
  });

  test('is kept by an access point policy as well', async () => {
    const { id, arn } = await makeRole(source, 'visitor', SOURCE, [write]);
    const point = { AccountId: DESTINATION, Name: 'by-point' };
    await bucketFor('behind-a-point', {
      Principal: { AWS: '*' },
      Action: 's3:PutObject',
      Condition: { StringEquals: { 's3:DataAccessPointAccount': DESTINATION } },
    });
    const control = controlClient(aws, aws.account(DESTINATION).root);
    const { AccessPointArn, Alias } = await control.send(
      new CreateAccessPointCommand({ ...point, Bucket: 'behind-a-point' }),
    );
    const Policy = documentOf({
      Principal: { AWS: arn },
      Action: 's3:PutObject',
      Resource: `${AccessPointArn}/object/*`,
    });
    await control.send(new PutAccessPointPolicyCommand({ ...point, Policy }));
    const shown = async () => (await control.send(new GetAccessPointPolicyCommand(point))).Policy;
    expect(await shown()).toBe(Policy);
    await put(await sessionOf(arn), Alias!);
    await deleteRole('visitor');
    expect(await shown()).toContain(`"AWS":"${id}"`);
    await makeRole(source, 'visitor', SOURCE, [write]);
    const again = await sessionOf(arn);
    expect(await failureOf(put(again, Alias!))).toMatchObject({ code: 'AccessDenied' });
    // The text as it is shown names nobody any more, and is refused.
    const stale = new PutAccessPointPolicyCommand({ ...point, Policy: await shown() });
    expect(await failureOf(control.send(stale))).toMatchObject({ code: 'MalformedPolicy' });
    await control.send(new PutAccessPointPolicyCommand({ ...point, Policy }));
    await put(again, Alias!);
  });

  test('is kept by the grants of a key as well', async () => {
    const keys = kmsOf(aws, aws.account(DESTINATION).root);
    const KeyId = await makeKey(keys);
    const role = await makeRole(source, 'decrypts', SOURCE, [{ Action: 'kms:*', Resource: '*' }]);
    const user = await makeUser(aws, source, 'retires', [{ Action: 'kms:*', Resource: '*' }]);
    await keys.send(
      new CreateGrantCommand({
        KeyId,
        GranteePrincipal: role.arn,
        RetiringPrincipal: user.arn,
        Operations: ['DescribeKey'],
      }),
    );
    const describeKey = async () => {
      const session = await assume(admin.sts, { RoleArn: role.arn, RoleSessionName: 'session' });
      return kmsOf(aws, session).send(new DescribeKeyCommand({ KeyId }));
    };
    const shown = async (more = {}) =>
      (await keys.send(new ListGrantsCommand({ KeyId, ...more }))).Grants!.map(
        ({ GranteePrincipal, RetiringPrincipal }) => [GranteePrincipal, RetiringPrincipal],
      );
    await describeKey();
    await source.iam.send(new UpdateUserCommand({ UserName: 'retires', NewUserName: 'retired' }));
    const renamed = user.arn.replace('retires', 'retired');
    expect(await shown({ GranteePrincipal: role.arn })).toEqual([[role.arn, renamed]]);
    await deleteRole('decrypts');
    expect(await shown()).toEqual([[role.id, renamed]]);
    await makeRole(source, 'decrypts', SOURCE, [{ Action: 'kms:*', Resource: '*' }]);
    expect((await failureOf(describeKey())).code).toBe('AccessDeniedException');
    expect(await shown({ GranteePrincipal: role.arn })).toEqual([]);
  });

  test('survives a restart of the sandbox', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const { join } = await import('node:path');
    const data = await mkdtemp(join(tmpdir(), 'crossbucket-ids-'));
    try {
      let running = await startSandbox({ accounts: [SOURCE], data });
      let root = clientsOf(running, running.account(SOURCE).root);
      const { id, arn } = await makeRole(root, 'kept', SOURCE);
      const Policy = documentOf({
        Principal: { AWS: arn },
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::kept-ids/*',
      });
      await root.s3.send(new CreateBucketCommand({ Bucket: 'kept-ids' }));
      await root.s3.send(new PutBucketPolicyCommand({ Bucket: 'kept-ids', Policy }));
      await running.close();
      running = await startSandbox({ accounts: [SOURCE], data });
      root = clientsOf(running, running.account(SOURCE).root);
      const shown = async () =>
        (await root.s3.send(new GetBucketPolicyCommand({ Bucket: 'kept-ids' }))).Policy;
      expect(await shown()).toBe(Policy);
      await root.iam.send(new DeleteRoleCommand({ RoleName: 'kept' }));
      expect(await shown()).toContain(id);
      await running.close();
    } finally {
      await rm(data, { recursive: true, force: true });
    }
  });
});

describe('consistency', () => {
  test('a new principal is refused in policies and a new key in requests until the delay is over', async () => {
    const late = new SandboxClock();
    const slow = await startSandbox({
      clock: late,
      config: { accounts: [{ id: SOURCE }], consistency: { delay: 8 } },
    });
    try {
      const root = clientsOf(slow, slow.account(SOURCE).root);
      const user = await makeUser(slow, root, 'new', [{ Action: '*', Resource: '*' }]);
      await root.s3.send(new CreateBucketCommand({ Bucket: 'eventual' }));
      const Policy = documentOf({
        Principal: { AWS: user.arn },
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::eventual/*',
      });
      const putPolicy = () => root.s3.send(new PutBucketPolicyCommand({ Bucket: 'eventual', Policy }));
      const trusting = () => makeRole(root, 'trusting', user.arn);
      expect(await failureOf(putPolicy())).toMatchObject({
        code: 'MalformedPolicy',
        message: 'Invalid principal in policy',
      });
      expect((await failureOf(trusting())).code).toBe('MalformedPolicyDocumentException');
      const whoAmI = () => user.clients.sts.send(new GetCallerIdentityCommand({}));
      expect((await failureOf(whoAmI())).code).toBe('InvalidClientTokenId');
      expect((await failureOf(user.clients.s3.send(new CreateBucketCommand({ Bucket: 'x1x' })))).code).toBe(
        'InvalidAccessKeyId',
      );

      late.advance(8_000);
      await putPolicy();
      const { arn } = await trusting();
      await whoAmI();
      const assumeIt = () => assume(user.clients.sts, { RoleArn: arn, RoleSessionName: 'soon' });
      expect((await failureOf(assumeIt())).code).toBe('AccessDenied');
      late.advance(8_000);
      await assumeIt();
      await root.iam.send(new CreateAccessKeyCommand({ UserName: 'new' }));
    } finally {
      await slow.close();
    }
  });

  test('a user of the config is there from the start', async () => {
    const config = {
      accounts: [{ id: SOURCE, users: [{ name: 'given' }] }],
      consistency: { delay: 60 },
    };
    const slow = await startSandbox({ config });
    const clients = clientsOf(slow, slow.account(SOURCE).users['given']!);
    expect((await clients.sts.send(new GetCallerIdentityCommand({}))).Account).toBe(SOURCE);
    await slow.close();
  });
});
