import {
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetUserCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  ListBucketsCommand,
  PutBucketPolicyCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  AssumeRoleCommand,
  DecodeAuthorizationMessageCommand,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  type Credentials,
} from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

const BUCKET = 'user-sessions';
const everything = { Action: '*', Resource: '*' };
const denied = { code: 'AccessDenied', status: 403 };

const clock = new SandboxClock();
let aws: Sandbox;
let root: Clients;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION], clock });
  root = clientsOf(aws, aws.account(DESTINATION).root);
  await root.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => aws.close());

const as = (credentials: Credentials | undefined): Clients =>
  clientsOf(aws, {
    accessKeyId: credentials!.AccessKeyId!,
    secretAccessKey: credentials!.SecretAccessKey!,
    sessionToken: credentials!.SessionToken!,
  });
const list = (clients: Clients) => clients.s3.send(new ListBucketsCommand({}));
const put = (clients: Clients, Key = 'a') =>
  clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'a' }));
const whoAmI = (clients: Clients) => clients.sts.send(new GetCallerIdentityCommand({}));

describe('GetSessionToken', () => {
  test('gives what the user may do, but neither IAM nor most of STS', async () => {
    const { clients, arn, id } = await makeUser(aws, root, 'session-user', [everything]);
    const answer = await clients.sts.send(new GetSessionTokenCommand({}));
    expect(answer.Credentials!.AccessKeyId).toMatch(/^ASIA/);
    const hours = (answer.Credentials!.Expiration!.getTime() - clock.now()) / 3_600_000;
    expect(Math.round(hours)).toBe(12);
    const session = as(answer.Credentials);
    expect(await whoAmI(session)).toMatchObject({ Arn: arn, UserId: id, Account: DESTINATION });
    await put(session);
    expect(await failureOf(session.iam.send(new GetUserCommand({})))).toMatchObject({
      code: 'InvalidClientTokenId',
      status: 403,
    });
    expect(await failureOf(session.sts.send(new GetSessionTokenCommand({})))).toMatchObject({
      ...denied,
      message: 'Cannot call GetSessionToken with session credentials',
    });
    expect(
      await failureOf(session.sts.send(new GetFederationTokenCommand({ Name: 'someone' }))),
    ).toMatchObject({ ...denied, message: 'Cannot call GetFederationToken with session credentials' });
    const info = new GetAccessKeyInfoCommand({ AccessKeyId: answer.Credentials!.AccessKeyId });
    expect(await failureOf(session.sts.send(info))).toMatchObject(denied);
    const role = await makeRole(root, 'for-session-user', arn, [everything], { MaxSessionDuration: 7200 });
    // It is no link of a chain: the role's own limit counts.
    await session.sts.send(
      new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'session', DurationSeconds: 7200 }),
    );
  });

  test('needs no permission, lasts as long as asked, and ends', async () => {
    const { clients } = await makeUser(aws, root, 'nothing-allowed');
    const answer = await clients.sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 }));
    const session = as(answer.Credentials);
    await whoAmI(session);
    clock.advance(900_000);
    expect((await failureOf(whoAmI(session))).code).toBe('ExpiredToken');
    for (const DurationSeconds of [899, 129_601])
      expect((await failureOf(clients.sts.send(new GetSessionTokenCommand({ DurationSeconds })))).code).toBe(
        'ValidationError',
      );
  });

  test('of the account root lasts an hour at most, and may do what root may', async () => {
    const answer = await root.sts.send(new GetSessionTokenCommand({ DurationSeconds: 43_200 }));
    const hours = (answer.Credentials!.Expiration!.getTime() - clock.now()) / 3_600_000;
    expect(hours).toBeLessThanOrEqual(1);
    const session = as(answer.Credentials);
    expect((await whoAmI(session)).Arn).toBe(`arn:aws:iam::${DESTINATION}:root`);
    await put(session);
  });

  test('follows the policies of the user, and ends with the user', async () => {
    const user = await makeUser(aws, root, 'changing', [everything]);
    const session = as((await user.clients.sts.send(new GetSessionTokenCommand({}))).Credentials);
    await put(session);
    await root.iam.send(new DeleteUserPolicyCommand({ UserName: 'changing', PolicyName: 'own' }));
    expect(await failureOf(put(session))).toMatchObject(denied);
    await root.iam.send(
      new DeleteAccessKeyCommand({ UserName: 'changing', AccessKeyId: user.key.accessKeyId }),
    );
    await root.iam.send(new DeleteUserCommand({ UserName: 'changing' }));
    await root.iam.send(new CreateUserCommand({ UserName: 'changing' }));
    expect((await failureOf(whoAmI(session))).code).toBe('InvalidClientTokenId');
  });
});

describe('GetFederationToken', () => {
  const federate = async (clients: Clients, Name: string, ...statements: Record<string, unknown>[]) =>
    clients.sts.send(
      new GetFederationTokenCommand({
        Name,
        ...(statements.length > 0 && { Policy: documentOf(...statements) }),
      }),
    );

  test('gives what both the user and the session policies allow', async () => {
    const { clients } = await makeUser(aws, root, 'broker', [
      { Action: ['sts:GetFederationToken', 's3:ListAllMyBuckets', 's3:PutObject'], Resource: '*' },
    ]);
    const answer = await federate(clients, 'guest', {
      Action: ['s3:ListAllMyBuckets', 's3:GetObject'],
      Resource: '*',
    });
    expect(answer.FederatedUser).toEqual({
      FederatedUserId: `${DESTINATION}:guest`,
      Arn: `arn:aws:sts::${DESTINATION}:federated-user/guest`,
    });
    expect(answer.PackedPolicySize).toBeGreaterThan(0);
    const guest = as(answer.Credentials);
    expect(await whoAmI(guest)).toMatchObject({
      Arn: `arn:aws:sts::${DESTINATION}:federated-user/guest`,
      UserId: `${DESTINATION}:guest`,
    });
    await list(guest);
    expect((await failureOf(put(guest))).message).toMatch(/because no session policy allows/);
    const wide = as((await federate(clients, 'wide', everything)).Credentials);
    await put(wide);
    expect(await failureOf(wide.iam.send(new GetUserCommand({ UserName: 'broker' })))).toMatchObject({
      code: 'InvalidClientTokenId',
    });
    expect(await failureOf(wide.sts.send(new GetSessionTokenCommand({})))).toMatchObject(denied);
    const role = await makeRole(root, 'for-guests', DESTINATION);
    const assumeIt = new AssumeRoleCommand({ RoleArn: role.arn, RoleSessionName: 'guest' });
    expect(await failureOf(wide.sts.send(assumeIt))).toMatchObject(denied);
  });

  test('without a session policy gives nothing, but what a bucket policy gives it by name', async () => {
    const { clients } = await makeUser(aws, root, 'bare-broker', [everything]);
    const bare = as((await federate(clients, 'bare')).Credentials);
    expect(await failureOf(list(bare))).toMatchObject(denied);
    expect(await failureOf(put(bare))).toMatchObject(denied);
    const Policy = documentOf({
      Principal: { AWS: `arn:aws:sts::${DESTINATION}:federated-user/bare` },
      Action: 's3:PutObject',
      Resource: `arn:aws:s3:::${BUCKET}/by-name`,
    });
    await root.s3.send(new PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
    await put(bare, 'by-name');
    expect(await failureOf(put(bare, 'another'))).toMatchObject(denied);
  });

  test('needs its permission, and a name', async () => {
    const { clients } = await makeUser(aws, root, 'no-broker', [{ Action: 's3:*', Resource: '*' }]);
    expect(await failureOf(federate(clients, 'guest', everything))).toMatchObject(denied);
    expect((await failureOf(federate(root, 'x', everything))).code).toBe('ValidationError');
    expect((await failureOf(federate(root, 'x'.repeat(33), everything))).code).toBe('ValidationError');
  });

  test('by the account root has what the session policies leave of everything', async () => {
    const answer = await federate(root, 'of-root', { Action: 's3:PutObject', Resource: '*' });
    const guest = as(answer.Credentials);
    await put(guest);
    expect(await failureOf(list(guest))).toMatchObject(denied);
    expect((answer.Credentials!.Expiration!.getTime() - clock.now()) / 3_600_000).toBeLessThanOrEqual(1);
  });

  test('carries tags, which decide as principal tags', async () => {
    const { clients } = await makeUser(aws, root, 'tag-broker', [
      { Action: ['sts:GetFederationToken', 'sts:TagSession'], Resource: '*' },
      {
        Action: 's3:PutObject',
        Resource: '*',
        Condition: { StringEquals: { 'aws:PrincipalTag/team': 'data' } },
      },
    ]);
    const of = async (team: string) => {
      const command = new GetFederationTokenCommand({
        Name: 'tagged',
        Policy: documentOf(everything),
        Tags: [{ Key: 'team', Value: team }],
      });
      return as((await clients.sts.send(command)).Credentials);
    };
    await put(await of('data'));
    expect(await failureOf(put(await of('other')))).toMatchObject(denied);
  });
});

describe('what tells of keys and messages', () => {
  test('GetAccessKeyInfo tells the account of keys and sessions, its own and others', async () => {
    const { clients, key } = await makeUser(aws, root, 'curious', [everything]);
    const infoOf = async (AccessKeyId: string) =>
      (await clients.sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))).Account;
    expect(await infoOf(key.accessKeyId)).toBe(DESTINATION);
    expect(await infoOf(aws.account(SOURCE).root.accessKeyId)).toBe(SOURCE);
    const { Credentials: made } = await clients.sts.send(new GetSessionTokenCommand({}));
    expect(await infoOf(made!.AccessKeyId!)).toBe(DESTINATION);
    expect((await failureOf(infoOf('AKIAAAAAAAAAAAAAAAAA'))).code).toBe('ValidationError');
    expect((await failureOf(infoOf('short'))).code).toBe('ValidationError');
    const { clients: nobody } = await makeUser(aws, root, 'not-curious');
    const command = new GetAccessKeyInfoCommand({ AccessKeyId: key.accessKeyId });
    expect(await failureOf(nobody.sts.send(command))).toMatchObject(denied);
  });

  test('DecodeAuthorizationMessage refuses what was never encoded', async () => {
    const command = new DecodeAuthorizationMessageCommand({ EncodedMessage: 'bm90IG9uZQ' });
    expect(await failureOf(root.sts.send(command))).toMatchObject({
      code: 'InvalidAuthorizationMessageException',
      status: 400,
    });
    const { clients } = await makeUser(aws, root, 'decoder');
    expect(await failureOf(clients.sts.send(command))).toMatchObject(denied);
  });
});

test('a policy that the user gets counts in a session that is already there', async () => {
  const { clients } = await makeUser(aws, root, 'grows');
  const session = as((await clients.sts.send(new GetSessionTokenCommand({}))).Credentials);
  expect(await failureOf(put(session))).toMatchObject(denied);
  await root.iam.send(
    new PutUserPolicyCommand({
      UserName: 'grows',
      PolicyName: 'more',
      PolicyDocument: documentOf({ Action: 's3:PutObject', Resource: '*' }),
    }),
  );
  await put(session);
});
