import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';

let aws: Sandbox;
let iam: Clients['iam'];

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  ({ iam } = clientsOf(aws, aws.account(SOURCE).root));
});
afterAll(() => aws.close());

const read = documentOf({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme/*' });
const arn = (resource: string) => `arn:aws:iam::${SOURCE}:${resource}`;

const noSuchEntity = { code: 'NoSuchEntityException', status: 404 };
const exists = { code: 'EntityAlreadyExistsException', status: 409 };
const conflict = { code: 'DeleteConflictException', status: 409 };
const limit = { code: 'LimitExceededException', status: 409 };
const invalid = { code: 'ValidationError', status: 400 };

describe('users', () => {
  test('are made, read, listed by path and deleted', async () => {
    const { User } = await iam.send(
      new CreateUserCommand({ UserName: 'ann', Path: '/team/', Tags: [{ Key: 'team', Value: 'reports' }] }),
    );
    expect(User).toMatchObject({
      UserName: 'ann',
      Path: '/team/',
      Arn: arn('user/team/ann'),
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      CreateDate: expect.any(Date),
    });
    expect((await iam.send(new GetUserCommand({ UserName: 'ann' }))).User).toMatchObject({
      UserId: User!.UserId,
      Tags: [{ Key: 'team', Value: 'reports' }],
    });
    await iam.send(new CreateUserCommand({ UserName: 'bob' }));
    const listed = async (PathPrefix?: string) =>
      (await iam.send(new ListUsersCommand({ PathPrefix }))).Users!.map(({ UserName }) => UserName);
    expect(await listed()).toEqual(['ann', 'bob']);
    expect(await listed('/team/')).toEqual(['ann']);
    expect(await failureOf(iam.send(new CreateUserCommand({ UserName: 'BOB' })))).toMatchObject(exists);
    await iam.send(new DeleteUserCommand({ UserName: 'bob' }));
    expect(await failureOf(iam.send(new GetUserCommand({ UserName: 'bob' })))).toMatchObject(noSuchEntity);
    expect(await failureOf(iam.send(new DeleteUserCommand({ UserName: 'bob' })))).toMatchObject(noSuchEntity);
  });

  test.each(['with space', 'a/b', '', 'x'.repeat(65)])('are not called %j', async (UserName) => {
    expect(await failureOf(iam.send(new CreateUserCommand({ UserName })))).toMatchObject(invalid);
  });

  test('belong to one account', async () => {
    const other = clientsOf(aws, aws.account(DESTINATION).root).iam;
    expect(await failureOf(other.send(new GetUserCommand({ UserName: 'ann' })))).toMatchObject(noSuchEntity);
    await expect(other.send(new CreateUserCommand({ UserName: 'ann' }))).resolves.toBeDefined();
  });

  test('are not deleted while they have policies or keys', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'full' }));
    const remove = () => iam.send(new DeleteUserCommand({ UserName: 'full' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'full' }));
    expect(await failureOf(remove())).toMatchObject(conflict);
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'full', AccessKeyId: AccessKey!.AccessKeyId }));
    await iam.send(new PutUserPolicyCommand({ UserName: 'full', PolicyName: 'p', PolicyDocument: read }));
    expect(await failureOf(remove())).toMatchObject(conflict);
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'full', PolicyName: 'p' }));
    await expect(remove()).resolves.toBeDefined();
  });
});

describe('access keys', () => {
  const UserName = 'keyed';
  beforeAll(() => iam.send(new CreateUserCommand({ UserName })));

  test('work, are listed without their secret, and stop when deactivated or deleted', async () => {
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    expect(key).toMatchObject({ UserName, Status: 'Active' });
    expect(key!.AccessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
    expect(key!.SecretAccessKey).toHaveLength(40);
    const { sts, s3 } = clientsOf(aws, {
      accessKeyId: key!.AccessKeyId!,
      secretAccessKey: key!.SecretAccessKey!,
    });
    const identify = () => sts.send(new GetCallerIdentityCommand({}));
    expect(await identify()).toMatchObject({ Account: SOURCE, Arn: arn('user/keyed') });

    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
    expect(AccessKeyMetadata).toEqual([
      { UserName, AccessKeyId: key!.AccessKeyId, Status: 'Active', CreateDate: expect.any(Date) },
    ]);
    const turn = (Status: 'Active' | 'Inactive') =>
      iam.send(new UpdateAccessKeyCommand({ UserName, AccessKeyId: key!.AccessKeyId, Status }));
    await turn('Inactive');
    expect(await failureOf(identify())).toMatchObject({ code: 'InvalidClientTokenId', status: 403 });
    expect(await failureOf(s3.send(new ListBucketsCommand({})))).toMatchObject({
      code: 'InvalidAccessKeyId',
      status: 403,
    });
    await turn('Active');
    await expect(identify()).resolves.toBeDefined();
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId: key!.AccessKeyId }));
    expect(await failureOf(identify())).toMatchObject({ code: 'InvalidClientTokenId', status: 403 });
    expect(await failureOf(turn('Active'))).toMatchObject(noSuchEntity);
  });

  test('a user has two at most', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'two-keys' }));
    const create = () => iam.send(new CreateAccessKeyCommand({ UserName: 'two-keys' }));
    await create();
    await create();
    expect(await failureOf(create())).toMatchObject(limit);
  });

  test("one user's key is not another's", async () => {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    await iam.send(new CreateUserCommand({ UserName: 'thief' }));
    const remove = (name: string) =>
      iam.send(new DeleteAccessKeyCommand({ UserName: name, AccessKeyId: AccessKey!.AccessKeyId }));
    expect(await failureOf(remove('thief'))).toMatchObject(noSuchEntity);
    await remove(UserName);
  });
});
