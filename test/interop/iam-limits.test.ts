import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachUserPolicyCommand,
  CreateGroupCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateUserCommand,
  DeleteGroupCommand,
  DeleteGroupPolicyCommand,
  DeletePolicyCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteUserCommand,
  DeleteUserPermissionsBoundaryCommand,
  DetachGroupPolicyCommand,
  DetachUserPolicyCommand,
  GetGroupCommand,
  GetGroupPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetUserCommand,
  ListAttachedGroupPoliciesCommand,
  ListGroupPoliciesCommand,
  ListGroupsCommand,
  ListGroupsForUserCommand,
  ListPoliciesCommand,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutUserPermissionsBoundaryCommand,
  RemoveUserFromGroupCommand,
  UpdateGroupCommand,
} from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assume, clientsOf, DESTINATION, documentOf, failureOf, type Clients } from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

let aws: Sandbox;
let root: Clients;

const BUCKET = 'limits';
const everything = { Action: '*', Resource: '*' };

beforeAll(async () => {
  aws = await startSandbox({ accounts: [DESTINATION] });
  root = clientsOf(aws, aws.account(DESTINATION).root);
  await root.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => aws.close());

const list = (clients: Clients) => clients.s3.send(new ListBucketsCommand({}));
const put = (clients: Clients) =>
  clients.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: 'a' }));

async function policyOf(name: string, ...statements: Record<string, unknown>[]): Promise<string> {
  const { Policy } = await root.iam.send(
    new CreatePolicyCommand({ PolicyName: name, PolicyDocument: documentOf(...statements) }),
  );
  return Policy!.Arn!;
}

describe('a permissions boundary', () => {
  test('narrows a user from the moment it is set until it is removed', async () => {
    const { clients } = await makeUser(aws, root, 'bounded', [everything]);
    await put(clients);
    const boundary = await policyOf('list-only', { Action: 's3:ListAllMyBuckets', Resource: '*' });
    await root.iam.send(
      new PutUserPermissionsBoundaryCommand({ UserName: 'bounded', PermissionsBoundary: boundary }),
    );
    await list(clients);
    const denied = await failureOf(put(clients));
    expect(denied).toMatchObject({ code: 'AccessDenied', status: 403 });
    expect(denied.message).toMatch(/because no permissions boundary allows the s3:PutObject action$/);
    const { User } = await root.iam.send(new GetUserCommand({ UserName: 'bounded' }));
    expect(User?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(boundary);
    const { Policy } = await root.iam.send(new GetPolicyCommand({ PolicyArn: boundary }));
    expect(Policy?.PermissionsBoundaryUsageCount).toBe(1);
    expect(await failureOf(root.iam.send(new DeletePolicyCommand({ PolicyArn: boundary })))).toMatchObject({
      code: 'DeleteConflictException',
      status: 409,
    });

    await root.iam.send(new DeleteUserPermissionsBoundaryCommand({ UserName: 'bounded' }));
    await put(clients);
  });

  test('follows its default version', async () => {
    const boundary = await policyOf('changes', { Action: 's3:ListAllMyBuckets', Resource: '*' });
    const { clients } = await makeUser(aws, root, 'follows', [everything], { PermissionsBoundary: boundary });
    await failureOf(put(clients));
    await root.iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn: boundary,
        PolicyDocument: documentOf(everything),
        SetAsDefault: true,
      }),
    );
    await put(clients);
  });

  test('narrows the sessions of a role', async () => {
    const user = await makeUser(aws, root, 'assumes-bounded', [everything]);
    const { arn } = await makeRole(root, 'bounded', user.arn, [everything], {
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    });
    const session = clientsOf(aws, await assume(user.clients.sts, { RoleArn: arn, RoleSessionName: 'one' }));
    await list(session);
    expect((await failureOf(put(session))).code).toBe('AccessDenied');
    const { Role } = await root.iam.send(new GetRoleCommand({ RoleName: 'bounded' }));
    expect(Role?.PermissionsBoundary?.PermissionsBoundaryArn).toBe(
      'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess',
    );
    await root.iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName: 'bounded' }));
    await put(session);
  });

  test('must be a policy that is there', async () => {
    const missing = { PermissionsBoundary: `arn:aws:iam::${DESTINATION}:policy/missing` };
    const create = root.iam.send(new CreateUserCommand({ UserName: 'never', ...missing }));
    expect(await failureOf(create)).toMatchObject({ code: 'NoSuchEntityException', status: 404 });
    expect((await failureOf(root.iam.send(new GetUserCommand({ UserName: 'never' })))).status).toBe(404);
    const { arn } = await makeRole(root, 'no-boundary', DESTINATION);
    expect(arn).toContain('no-boundary');
    const role = { RoleName: 'no-boundary', ...missing };
    expect((await failureOf(root.iam.send(new PutRolePermissionsBoundaryCommand(role)))).code).toBe(
      'NoSuchEntityException',
    );
  });
});

describe('a group', () => {
  test('gives its members what its policies allow, for as long as they belong to it', async () => {
    const { clients } = await makeUser(aws, root, 'member');
    await root.iam.send(new CreateGroupCommand({ GroupName: 'writers', Path: '/teams/' }));
    await root.iam.send(
      new PutGroupPolicyCommand({
        GroupName: 'writers',
        PolicyName: 'write',
        PolicyDocument: documentOf({ Action: 's3:PutObject', Resource: `arn:aws:s3:::${BUCKET}/*` }),
      }),
    );
    expect((await failureOf(put(clients))).code).toBe('AccessDenied');
    await root.iam.send(new AddUserToGroupCommand({ GroupName: 'writers', UserName: 'member' }));
    await put(clients);
    expect((await failureOf(list(clients))).code).toBe('AccessDenied');
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess';
    await root.iam.send(new AttachGroupPolicyCommand({ GroupName: 'writers', PolicyArn }));
    await list(clients);

    const { Group, Users } = await root.iam.send(new GetGroupCommand({ GroupName: 'writers' }));
    expect(Group).toMatchObject({
      Arn: `arn:aws:iam::${DESTINATION}:group/teams/writers`,
      GroupId: expect.stringMatching(/^AGPA[A-Z2-7]{17}$/),
    });
    expect(Users?.map(({ UserName }) => UserName)).toEqual(['member']);
    const inline = await root.iam.send(new ListGroupPoliciesCommand({ GroupName: 'writers' }));
    expect(inline.PolicyNames).toEqual(['write']);
    const attached = await root.iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: 'writers' }));
    expect(attached.AttachedPolicies).toEqual([{ PolicyName: 'AmazonS3ReadOnlyAccess', PolicyArn }]);
    const policy = { GroupName: 'writers', PolicyName: 'write' };
    const document = (await root.iam.send(new GetGroupPolicyCommand(policy))).PolicyDocument!;
    expect(decodeURIComponent(document)).toContain('s3:PutObject');

    // Renamed, it is still the same group.
    await root.iam.send(new UpdateGroupCommand({ GroupName: 'writers', NewGroupName: 'authors' }));
    await put(clients);
    const mine = await root.iam.send(new ListGroupsForUserCommand({ UserName: 'member' }));
    expect(mine.Groups?.map(({ GroupName }) => GroupName)).toEqual(['authors']);

    const conflict = { code: 'DeleteConflictException', status: 409 };
    expect(await failureOf(root.iam.send(new DeleteGroupCommand({ GroupName: 'authors' })))).toMatchObject(
      conflict,
    );
    await root.iam.send(new RemoveUserFromGroupCommand({ GroupName: 'authors', UserName: 'member' }));
    expect((await failureOf(put(clients))).code).toBe('AccessDenied');
    const again = new RemoveUserFromGroupCommand({ GroupName: 'authors', UserName: 'member' });
    expect((await failureOf(root.iam.send(again))).code).toBe('NoSuchEntityException');
    for (const command of [
      new DeleteGroupPolicyCommand({ GroupName: 'authors', PolicyName: 'write' }),
      new DetachGroupPolicyCommand({ GroupName: 'authors', PolicyArn }),
    ]) {
      expect(await failureOf(root.iam.send(new DeleteGroupCommand({ GroupName: 'authors' })))).toMatchObject(
        conflict,
      );
      await root.iam.send(command as never);
    }
    await root.iam.send(new DeleteGroupCommand({ GroupName: 'authors' }));
    expect((await failureOf(root.iam.send(new GetGroupCommand({ GroupName: 'authors' })))).code).toBe(
      'NoSuchEntityException',
    );
  });

  test("denies its members what it denies, whatever a member's own policies say", async () => {
    const { clients } = await makeUser(aws, root, 'denied-member', [everything]);
    await root.iam.send(new CreateGroupCommand({ GroupName: 'no-writes' }));
    const PolicyDocument = documentOf({ Effect: 'Deny', Action: 's3:PutObject', Resource: '*' });
    await root.iam.send(
      new PutGroupPolicyCommand({ GroupName: 'no-writes', PolicyName: 'no', PolicyDocument }),
    );
    await root.iam.send(new AddUserToGroupCommand({ GroupName: 'no-writes', UserName: 'denied-member' }));
    await list(clients);
    expect((await failureOf(put(clients))).message).toMatch(
      /with an explicit deny in an identity-based policy/,
    );
    // What is in a group is not deleted.
    expect((await failureOf(root.iam.send(new DeleteUserCommand({ UserName: 'denied-member' })))).code).toBe(
      'DeleteConflictException',
    );
  });

  test('has a name of its own, and a user ten groups at most', async () => {
    await root.iam.send(new CreateGroupCommand({ GroupName: 'Twice' }));
    const again = root.iam.send(new CreateGroupCommand({ GroupName: 'tWICE' }));
    expect(await failureOf(again)).toMatchObject({ code: 'EntityAlreadyExistsException', status: 409 });
    await root.iam.send(new CreateUserCommand({ UserName: 'joiner' }));
    for (let index = 0; index < 11; index++) {
      const GroupName = `many-${String(index).padStart(2, '0')}`;
      await root.iam.send(new CreateGroupCommand({ GroupName, Path: '/many/' }));
      const join = root.iam.send(new AddUserToGroupCommand({ GroupName, UserName: 'joiner' }));
      if (index < 10) await join;
      else expect(await failureOf(join)).toMatchObject({ code: 'LimitExceededException', status: 409 });
    }
    const first = await root.iam.send(new ListGroupsCommand({ PathPrefix: '/many/', MaxItems: 7 }));
    const second = await root.iam.send(
      new ListGroupsCommand({ PathPrefix: '/many/', MaxItems: 7, Marker: first.Marker }),
    );
    const names = [...first.Groups!, ...second.Groups!].map(({ GroupName }) => GroupName);
    expect(names).toEqual(Array.from({ length: 11 }, (_, index) => `many-${String(index).padStart(2, '0')}`));
    expect(second.IsTruncated).toBe(false);
  });
});

describe("AWS's own policies", () => {
  test('are attached, decide, and are detached', async () => {
    const { clients } = await makeUser(aws, root, 'reader');
    const read = { UserName: 'reader', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' };
    await root.iam.send(new AttachUserPolicyCommand(read));
    await clients.s3.send(new HeadBucketCommand({ Bucket: BUCKET }));
    // A read of IAM on one of AWS's own entities is the account's own affair as well.
    await clients.iam.send(new GetPolicyCommand({ PolicyArn: read.PolicyArn }));
    expect((await failureOf(put(clients))).code).toBe('AccessDenied');
    await root.iam.send(new DetachUserPolicyCommand(read));
    expect((await failureOf(list(clients))).code).toBe('AccessDenied');
    for (const name of ['AdministratorAccess', 'AmazonS3FullAccess', 'PowerUserAccess']) {
      const PolicyArn = `arn:aws:iam::aws:policy/${name}`;
      await root.iam.send(new AttachUserPolicyCommand({ UserName: 'reader', PolicyArn }));
      await put(clients);
      await root.iam.send(new DetachUserPolicyCommand({ UserName: 'reader', PolicyArn }));
    }
    expect((await failureOf(put(clients))).code).toBe('AccessDenied');
  });

  test('PowerUserAccess leaves IAM out', async () => {
    const { clients } = await makeUser(aws, root, 'power');
    const PolicyArn = 'arn:aws:iam::aws:policy/PowerUserAccess';
    await root.iam.send(new AttachUserPolicyCommand({ UserName: 'power', PolicyArn }));
    const create = clients.iam.send(new CreateUserCommand({ UserName: 'made-by-power' }));
    expect((await failureOf(create)).code).toBe('AccessDenied');
  });

  test('are listed by scope, with their documents, and are not to be changed', async () => {
    const own = await policyOf('of-this-account', everything);
    const arnsIn = async (Scope: 'AWS' | 'Local' | 'All') => {
      const { Policies } = await root.iam.send(new ListPoliciesCommand({ Scope, MaxItems: 1000 }));
      return Policies!.map(({ Arn }) => Arn!);
    };
    const full = 'arn:aws:iam::aws:policy/AmazonS3FullAccess';
    expect(await arnsIn('AWS')).toContain(full);
    expect(await arnsIn('AWS')).not.toContain(own);
    expect(await arnsIn('Local')).toContain(own);
    expect(await arnsIn('Local')).not.toContain(full);
    expect(await arnsIn('All')).toEqual(expect.arrayContaining([full, own]));
    const { Policy } = await root.iam.send(new GetPolicyCommand({ PolicyArn: full }));
    const version = new GetPolicyVersionCommand({ PolicyArn: full, VersionId: Policy!.DefaultVersionId });
    const { PolicyVersion } = await root.iam.send(version);
    expect(JSON.parse(decodeURIComponent(PolicyVersion!.Document!))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:*', 's3-object-lambda:*'], Resource: '*' }],
    });
    expect(await failureOf(root.iam.send(new DeletePolicyCommand({ PolicyArn: full })))).toMatchObject({
      code: 'AccessDenied',
      status: 403,
    });
    const missing = { UserName: 'reader', PolicyArn: 'arn:aws:iam::aws:policy/NoSuchPolicy' };
    expect((await failureOf(root.iam.send(new AttachUserPolicyCommand(missing)))).code).toBe(
      'NoSuchEntityException',
    );
  });
});
