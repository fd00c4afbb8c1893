import {
  AddRoleToInstanceProfileCommand,
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateAccountAliasCommand,
  CreateGroupCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateServiceLinkedRoleCommand,
  CreateUserCommand,
  DeleteAccountAliasCommand,
  DeleteInstanceProfileCommand,
  DeleteRoleCommand,
  DeleteServiceLinkedRoleCommand,
  GetAccessKeyLastUsedCommand,
  GetAccountAuthorizationDetailsCommand,
  GetAccountSummaryCommand,
  GetInstanceProfileCommand,
  GetRoleCommand,
  GetServiceLinkedRoleDeletionStatusCommand,
  GetUserCommand,
  ListAccessKeysCommand,
  ListAccountAliasesCommand,
  ListEntitiesForPolicyCommand,
  ListInstanceProfilesCommand,
  ListInstanceProfilesForRoleCommand,
  ListPolicyTagsCommand,
  ListRoleTagsCommand,
  ListUserTagsCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  RemoveRoleFromInstanceProfileCommand,
  TagPolicyCommand,
  TagRoleCommand,
  TagUserCommand,
  UntagRoleCommand,
  UntagUserCommand,
  UpdateGroupCommand,
  UpdateRoleCommand,
  UpdateRoleDescriptionCommand,
  UpdateUserCommand,
  type GetAccountAuthorizationDetailsCommandOutput,
} from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assume, clientsOf, DESTINATION, documentOf, failureOf, SOURCE, type Clients } from './clients.ts';
import { makeRole, makeUser } from './principals.ts';

const everything = { Action: '*', Resource: '*' };

const clock = new SandboxClock();
let aws: Sandbox;
let root: Clients;

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION], clock });
  root = clientsOf(aws, aws.account(SOURCE).root);
});
afterAll(() => aws.close());

describe('the account', () => {
  test('root is told its own ARN by GetUser, a user its own, a session that it is none', async () => {
    const { User } = await root.iam.send(new GetUserCommand({}));
    expect(User).toMatchObject({ Arn: `arn:aws:iam::${SOURCE}:root`, UserId: SOURCE });
    expect(User!.UserName).toBeUndefined();
    const { clients, arn } = await makeUser(aws, root, 'itself', [everything], { Path: '/people/' });
    expect((await clients.iam.send(new GetUserCommand({}))).User?.Arn).toBe(arn);
    const role = await makeRole(root, 'no-user', arn, [everything]);
    const session = clientsOf(aws, await assume(clients.sts, { RoleArn: role.arn, RoleSessionName: 's1' }));
    expect(await failureOf(session.iam.send(new GetUserCommand({})))).toMatchObject({
      code: 'ValidationError',
      message: 'Must specify userName when calling with non-User credentials',
    });
  });

  test('has one alias, which no other account may have', async () => {
    const aliases = async (as = root) =>
      (await as.iam.send(new ListAccountAliasesCommand({}))).AccountAliases;
    expect(await aliases()).toEqual([]);
    await root.iam.send(new CreateAccountAliasCommand({ AccountAlias: 'acme-app' }));
    await root.iam.send(new CreateAccountAliasCommand({ AccountAlias: 'acme-app-2' }));
    expect(await aliases()).toEqual(['acme-app-2']);
    const other = clientsOf(aws, aws.account(DESTINATION).root);
    const taken = new CreateAccountAliasCommand({ AccountAlias: 'acme-app-2' });
    expect(await failureOf(other.iam.send(taken))).toMatchObject({
      code: 'EntityAlreadyExistsException',
      status: 409,
    });
    for (const AccountAlias of ['-a-b', 'a--b', 'Acme', '123456789012'])
      expect((await failureOf(root.iam.send(new CreateAccountAliasCommand({ AccountAlias })))).code).toBe(
        'ValidationError',
      );
    const remove = (AccountAlias: string) => root.iam.send(new DeleteAccountAliasCommand({ AccountAlias }));
    expect((await failureOf(remove('acme-app'))).code).toBe('NoSuchEntityException');
    await remove('acme-app-2');
    expect(await aliases()).toEqual([]);
  });

  test('is summed up: what there is, and the quotas', async () => {
    const before = (await root.iam.send(new GetAccountSummaryCommand({}))).SummaryMap!;
    await makeUser(aws, root, 'counted');
    await makeRole(root, 'counted', SOURCE);
    await root.iam.send(new CreateGroupCommand({ GroupName: 'counted' }));
    const after = (await root.iam.send(new GetAccountSummaryCommand({}))).SummaryMap!;
    for (const key of ['Users', 'Roles', 'Groups'] as const) expect(after[key]! - before[key]!).toBe(1);
    expect(after).toMatchObject({ UsersQuota: 5000, VersionsPerPolicyQuota: 5, AccountAccessKeysPresent: 1 });
  });

  test('is told in full, page by page and by kind', async () => {
    const owner = clientsOf(aws, aws.account(DESTINATION).root);
    const user = await makeUser(aws, owner, 'detailed', [everything], {
      PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
      Tags: [{ Key: 'team', Value: 'data' }],
    });
    await owner.iam.send(new CreateGroupCommand({ GroupName: 'detailed' }));
    await owner.iam.send(new AddUserToGroupCommand({ GroupName: 'detailed', UserName: 'detailed' }));
    await makeRole(owner, 'detailed', user.arn, [everything]);
    const local = await owner.iam.send(
      new CreatePolicyCommand({ PolicyName: 'detailed', PolicyDocument: documentOf(everything) }),
    );
    const attach = { PolicyArn: local.Policy!.Arn!, RoleName: 'detailed' };
    await owner.iam.send(new AttachRolePolicyCommand(attach));

    const pages: GetAccountAuthorizationDetailsCommandOutput[] = [];
    do {
      const Marker = pages.at(-1)?.Marker;
      const command = new GetAccountAuthorizationDetailsCommand({ MaxItems: 2, Marker });
      pages.push(await owner.iam.send(command));
    } while (pages.at(-1)!.IsTruncated);
    expect(pages.length).toBeGreaterThan(1);
    const all = <T>(list: (page: GetAccountAuthorizationDetailsCommandOutput) => T[] | undefined) =>
      pages.flatMap((page) => list(page) ?? []);
    expect(all((page) => page.UserDetailList)).toMatchObject([
      {
        UserName: 'detailed',
        Arn: user.arn,
        GroupList: ['detailed'],
        UserPolicyList: [{ PolicyName: 'own', PolicyDocument: expect.stringContaining('%22Allow%22') }],
        PermissionsBoundary: { PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
        Tags: [{ Key: 'team', Value: 'data' }],
      },
    ]);
    expect(all((page) => page.GroupDetailList)).toMatchObject([{ GroupName: 'detailed' }]);
    expect(all((page) => page.RoleDetailList)).toMatchObject([
      {
        RoleName: 'detailed',
        RolePolicyList: [{ PolicyName: 'own' }],
        AttachedManagedPolicies: [{ PolicyName: 'detailed' }],
      },
    ]);
    expect(all((page) => page.Policies)).toMatchObject([
      { PolicyName: 'detailed', AttachmentCount: 1, PolicyVersionList: [{ VersionId: 'v1' }] },
      { PolicyName: 'AdministratorAccess', PermissionsBoundaryUsageCount: 1 },
    ]);
    const roles = await owner.iam.send(new GetAccountAuthorizationDetailsCommand({ Filter: ['Role'] }));
    expect(roles.RoleDetailList).toHaveLength(1);
    expect(roles.UserDetailList).toEqual([]);
    expect(roles.Policies).toEqual([]);
  });
});

describe('entities', () => {
  test('a role and a user are changed, but for what must be free', async () => {
    await makeRole(root, 'changing', SOURCE, [], { MaxSessionDuration: 7200, Description: 'before' });
    const role = async () => (await root.iam.send(new GetRoleCommand({ RoleName: 'changing' }))).Role!;
    await root.iam.send(new UpdateRoleDescriptionCommand({ RoleName: 'changing', Description: 'after' }));
    expect(await role()).toMatchObject({ Description: 'after', MaxSessionDuration: 7200 });
    await root.iam.send(new UpdateRoleCommand({ RoleName: 'changing', MaxSessionDuration: 3600 }));
    expect(await role()).toMatchObject({ Description: 'after', MaxSessionDuration: 3600 });
    const long = new UpdateRoleDescriptionCommand({ RoleName: 'changing', Description: 'x'.repeat(1001) });
    expect((await failureOf(root.iam.send(long))).code).toBe('ValidationError');

    await makeUser(aws, root, 'renamed');
    await makeUser(aws, root, 'taken');
    const rename = (NewUserName: string) =>
      root.iam.send(new UpdateUserCommand({ UserName: 'renamed', NewUserName }));
    expect((await failureOf(rename('TAKEN'))).code).toBe('EntityAlreadyExistsException');
    await rename('Renamed');
    expect((await root.iam.send(new GetUserCommand({ UserName: 'renamed' }))).User?.UserName).toBe('Renamed');
    // Both names need the permission.
    const { clients } = await makeUser(aws, root, 'renames', [
      { Action: 'iam:UpdateUser', Resource: `arn:aws:iam::${SOURCE}:user/renames` },
    ]);
    const own = new UpdateUserCommand({ UserName: 'renames', NewUserName: 'admin' });
    expect((await failureOf(clients.iam.send(own))).code).toBe('AccessDenied');
  });

  test('a group is renamed by whoever may change both', async () => {
    await root.iam.send(new CreateGroupCommand({ GroupName: 'managers' }));
    const { clients } = await makeUser(aws, root, 'one-group', [
      { Action: 'iam:UpdateGroup', Resource: `arn:aws:iam::${SOURCE}:group/managers` },
    ]);
    const rename = new UpdateGroupCommand({ GroupName: 'managers', NewGroupName: 'mgrs' });
    expect((await failureOf(clients.iam.send(rename))).code).toBe('AccessDenied');
    await root.iam.send(rename);
  });

  test('a session without a user makes no keys of the account root', async () => {
    const { clients, arn } = await makeUser(aws, root, 'key-maker', [everything]);
    const role = await makeRole(root, 'key-maker', arn, [everything]);
    const session = clientsOf(aws, await assume(clients.sts, { RoleArn: role.arn, RoleSessionName: 's1' }));
    for (const command of [new CreateAccessKeyCommand({}), new ListAccessKeysCommand({})])
      expect((await failureOf(session.iam.send(command as never))).code).toBe('ValidationError');
    const own = await clients.iam.send(new ListAccessKeysCommand({}));
    expect(own.AccessKeyMetadata).toMatchObject([{ UserName: 'key-maker' }]);
  });

  test('conditions on the boundary of an entity hold whoever changes it to it', async () => {
    const boundary = 'arn:aws:iam::aws:policy/SecurityAudit';
    const { clients } = await makeUser(aws, root, 'delegate', [
      {
        Action: ['iam:CreateUser', 'iam:PutUserPolicy', 'iam:AttachUserPolicy'],
        Resource: '*',
        Condition: { StringEquals: { 'iam:PermissionsBoundary': boundary } },
      },
    ]);
    const make = (UserName: string, more: object = {}) =>
      clients.iam.send(new CreateUserCommand({ UserName, ...more }));
    expect((await failureOf(make('unbounded'))).code).toBe('AccessDenied');
    await make('kept-in-bounds', { PermissionsBoundary: boundary });
    const PolicyDocument = documentOf(everything);
    const put = (UserName: string) =>
      clients.iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'all', PolicyDocument }));
    await put('kept-in-bounds');
    expect((await failureOf(put('delegate'))).code).toBe('AccessDenied');
  });

  test('are tagged, and the tags decide about them', async () => {
    await makeUser(aws, root, 'tagged', [], { Tags: [{ Key: 'team', Value: 'data' }] });
    const { clients } = await makeUser(aws, root, 'by-tag', [
      {
        Action: ['iam:GetUser', 'iam:TagUser'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:ResourceTag/team': 'data' } },
      },
    ]);
    await clients.iam.send(new GetUserCommand({ UserName: 'tagged' }));
    expect((await failureOf(clients.iam.send(new GetUserCommand({ UserName: 'by-tag' })))).code).toBe(
      'AccessDenied',
    );
    const tags = async (UserName = 'tagged') =>
      (await root.iam.send(new ListUserTagsCommand({ UserName }))).Tags;
    await root.iam.send(
      new TagUserCommand({
        UserName: 'tagged',
        Tags: [
          { Key: 'TEAM', Value: 'other' },
          { Key: 'b', Value: '' },
        ],
      }),
    );
    expect(await tags()).toEqual([
      { Key: 'TEAM', Value: 'other' },
      { Key: 'b', Value: '' },
    ]);
    expect((await failureOf(clients.iam.send(new GetUserCommand({ UserName: 'tagged' })))).code).toBe(
      'AccessDenied',
    );
    await root.iam.send(new UntagUserCommand({ UserName: 'tagged', TagKeys: ['team'] }));
    expect(await tags()).toEqual([{ Key: 'b', Value: '' }]);
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: 'v' }));
    const invalid: [{ Key: string; Value: string }[], string][] = [
      [[{ Key: 'aws:own', Value: 'x' }], 'InvalidInputException'],
      [
        [
          { Key: 'a', Value: '1' },
          { Key: 'A', Value: '2' },
        ],
        'InvalidInputException',
      ],
      [[{ Key: 'a*', Value: '1' }], 'ValidationError'],
      [[{ Key: 'k'.repeat(129), Value: '1' }], 'ValidationError'],
      [many, 'LimitExceededException'],
    ];
    for (const [Tags, code] of invalid)
      expect((await failureOf(root.iam.send(new TagUserCommand({ UserName: 'tagged', Tags })))).code).toBe(
        code,
      );
    await makeRole(root, 'tagged', SOURCE, [], { Tags: many });
    const page = await root.iam.send(new ListRoleTagsCommand({ RoleName: 'tagged', MaxItems: 30 }));
    expect(page).toMatchObject({ IsTruncated: true, Tags: { length: 30 } });
    const over = new TagRoleCommand({ RoleName: 'tagged', Tags: [{ Key: 'one-more', Value: '' }] });
    expect((await failureOf(root.iam.send(over))).code).toBe('LimitExceededException');
    await root.iam.send(new UntagRoleCommand({ RoleName: 'tagged', TagKeys: ['k0'] }));
    await root.iam.send(over);
    const { Policy } = await root.iam.send(
      new CreatePolicyCommand({ PolicyName: 'tagged', PolicyDocument: documentOf(everything) }),
    );
    const PolicyArn = Policy!.Arn!;
    await root.iam.send(new TagPolicyCommand({ PolicyArn, Tags: [{ Key: 'a', Value: 'b' }] }));
    expect((await root.iam.send(new ListPolicyTagsCommand({ PolicyArn }))).Tags).toEqual([
      { Key: 'a', Value: 'b' },
    ]);
  });

  test('are listed for a policy, by how they use it', async () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/PowerUserAccess';
    await makeUser(aws, root, 'uses', [], { PermissionsBoundary: PolicyArn });
    await makeRole(root, 'uses', SOURCE);
    await root.iam.send(new CreateGroupCommand({ GroupName: 'uses' }));
    await root.iam.send(new AttachRolePolicyCommand({ RoleName: 'uses', PolicyArn }));
    await root.iam.send(new AttachGroupPolicyCommand({ GroupName: 'uses', PolicyArn }));
    await makeUser(aws, root, 'attached-user');
    await root.iam.send(new AttachUserPolicyCommand({ UserName: 'attached-user', PolicyArn }));
    const entities = async (input: object = {}) => {
      const { PolicyUsers, PolicyRoles, PolicyGroups } = await root.iam.send(
        new ListEntitiesForPolicyCommand({ PolicyArn, ...input }),
      );
      return [
        PolicyUsers!.map(({ UserName }) => UserName),
        PolicyRoles!.map(({ RoleName }) => RoleName),
        PolicyGroups!.map(({ GroupName }) => GroupName),
      ];
    };
    expect(await entities()).toEqual([['attached-user', 'uses'], ['uses'], ['uses']]);
    expect(await entities({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual([['uses'], [], []]);
    expect(await entities({ PolicyUsageFilter: 'PermissionsPolicy' })).toEqual([
      ['attached-user'],
      ['uses'],
      ['uses'],
    ]);
    expect(await entities({ EntityFilter: 'Group' })).toEqual([[], [], ['uses']]);
  });

  test('show when they were last used, and where', async () => {
    const { key, clients, arn } = await makeUser(aws, root, 'used', [everything]);
    const lastUse = async () => {
      const command = new GetAccessKeyLastUsedCommand({ AccessKeyId: key.accessKeyId });
      return root.iam.send(command);
    };
    expect(await lastUse()).toMatchObject({
      UserName: 'used',
      AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A' },
    });
    const role = await makeRole(root, 'used', arn, [everything]);
    const roleLastUsed = async () =>
      (await root.iam.send(new GetRoleCommand({ RoleName: 'used' }))).Role!.RoleLastUsed;
    expect(await roleLastUsed()).toEqual({});
    const session = clientsOf(
      aws,
      await assume(clients.sts, { RoleArn: role.arn, RoleSessionName: 's1' }),
      'eu-west-1',
    );
    expect((await lastUse()).AccessKeyLastUsed).toMatchObject({ ServiceName: 'sts', Region: 'us-east-1' });
    clock.advance(60_000);
    const now = clock.now();
    await session.s3.send(new ListBucketsCommand({}));
    const used = await roleLastUsed();
    expect(used).toMatchObject({ Region: 'eu-west-1' });
    expect(Math.abs(used!.LastUsedDate!.getTime() - now)).toBeLessThan(10_000);
    const unknown = new GetAccessKeyLastUsedCommand({ AccessKeyId: 'AKIAAAAAAAAAAAAAAAAA' });
    expect((await failureOf(root.iam.send(unknown))).code).toBe('NoSuchEntityException');
  });

  test('an instance profile holds one role, and keeps it from being deleted', async () => {
    await makeRole(root, 'machine', [
      { Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ]);
    const profile = { InstanceProfileName: 'machine' };
    const { InstanceProfile } = await root.iam.send(
      new CreateInstanceProfileCommand({ ...profile, Path: '/m/' }),
    );
    expect(InstanceProfile).toMatchObject({
      Arn: `arn:aws:iam::${SOURCE}:instance-profile/m/machine`,
      InstanceProfileId: expect.stringMatching(/^AIPA[A-Z2-7]{17}$/),
      Roles: [],
    });
    const pair = { ...profile, RoleName: 'machine' };
    await root.iam.send(new AddRoleToInstanceProfileCommand(pair));
    expect((await failureOf(root.iam.send(new AddRoleToInstanceProfileCommand(pair)))).code).toBe(
      'LimitExceededException',
    );
    const got = await root.iam.send(new GetInstanceProfileCommand(profile));
    expect(got.InstanceProfile?.Roles).toMatchObject([{ RoleName: 'machine' }]);
    const ofRole = await root.iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'machine' }));
    expect(ofRole.InstanceProfiles).toHaveLength(1);
    const below = await root.iam.send(new ListInstanceProfilesCommand({ PathPrefix: '/other/' }));
    expect(below.InstanceProfiles).toEqual([]);
    for (const command of [
      new DeleteRoleCommand({ RoleName: 'machine' }),
      new DeleteInstanceProfileCommand(profile),
    ])
      expect((await failureOf(root.iam.send(command as never))).code).toBe('DeleteConflictException');
    await root.iam.send(new RemoveRoleFromInstanceProfileCommand(pair));
    await root.iam.send(new DeleteInstanceProfileCommand(profile));
    await root.iam.send(new DeleteRoleCommand({ RoleName: 'machine' }));
    // Whoever puts a role into a profile passes it.
    const { clients } = await makeUser(aws, root, 'no-pass', [
      { Action: 'iam:AddRoleToInstanceProfile', Resource: '*' },
    ]);
    await makeRole(root, 'passed', SOURCE);
    await root.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'passed' }));
    const pass = { InstanceProfileName: 'passed', RoleName: 'passed' };
    const refused = await failureOf(clients.iam.send(new AddRoleToInstanceProfileCommand(pass)));
    expect(refused.message).toContain('iam:PassRole');
  });

  test('a service-linked role is its service’s, and goes by a task', async () => {
    const { Role } = await root.iam.send(
      new CreateServiceLinkedRoleCommand({
        AWSServiceName: 'storage-lens.s3.amazonaws.com',
        Description: 'lens',
      }),
    );
    expect(Role).toMatchObject({
      RoleName: 'AWSServiceRoleForS3StorageLens',
      Arn: `arn:aws:iam::${SOURCE}:role/aws-service-role/storage-lens.s3.amazonaws.com/AWSServiceRoleForS3StorageLens`,
    });
    const RoleName = Role!.RoleName!;
    const again = new CreateServiceLinkedRoleCommand({ AWSServiceName: 'storage-lens.s3.amazonaws.com' });
    expect(await failureOf(root.iam.send(again))).toMatchObject({
      code: 'InvalidInputException',
      message: expect.stringContaining('has been taken in this account'),
    });
    const PolicyDocument = documentOf(everything);
    for (const command of [
      new DeleteRoleCommand({ RoleName }),
      new PutRolePolicyCommand({ RoleName, PolicyName: 'x', PolicyDocument }),
      new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }),
      new UpdateRoleCommand({ RoleName, Description: 'mine' }),
      new TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: 'b' }] }),
    ])
      expect(await failureOf(root.iam.send(command as never))).toMatchObject({
        code: 'UnmodifiableEntityException',
        status: 400,
      });
    const { DeletionTaskId } = await root.iam.send(new DeleteServiceLinkedRoleCommand({ RoleName }));
    const status = new GetServiceLinkedRoleDeletionStatusCommand({ DeletionTaskId });
    expect((await root.iam.send(status)).Status).toBe('SUCCEEDED');
    expect((await failureOf(root.iam.send(new GetRoleCommand({ RoleName })))).code).toBe(
      'NoSuchEntityException',
    );
    const unknown = new CreateServiceLinkedRoleCommand({ AWSServiceName: 'reports.acme.example' });
    expect((await failureOf(root.iam.send(unknown))).code).toBe('InvalidInputException');
    const path = '/aws-service-role/storage-lens.s3.amazonaws.com/';
    const forged = new CreateRoleCommand({
      RoleName: 'forged',
      Path: path,
      AssumeRolePolicyDocument: documentOf({ Principal: { AWS: SOURCE }, Action: 'sts:AssumeRole' }),
    });
    expect((await failureOf(root.iam.send(forged))).code).toBe('ValidationError');
  });
});

describe('requests that make no sense', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['a name with a space', () => root.iam.send(new GetUserCommand({ UserName: 'a b' }))],
    ['a name that is too long', () => root.iam.send(new GetUserCommand({ UserName: 'x'.repeat(129) }))],
    ['a name of nothing', () => root.iam.send(new GetUserCommand({ UserName: '' }))],
    ['a role name of 65', () => root.iam.send(new GetRoleCommand({ RoleName: 'x'.repeat(65) }))],
    ['an ARN that is too short', () => root.iam.send(new ListPolicyTagsCommand({ PolicyArn: 'arn:aws' }))],
    ['pages of none', () => root.iam.send(new ListAccountAliasesCommand({ MaxItems: 0 }))],
    ['pages of 1001', () => root.iam.send(new ListAccountAliasesCommand({ MaxItems: 1001 }))],
    ['a marker that is none', () => root.iam.send(new ListAccountAliasesCommand({ Marker: 'next' }))],
    [
      'a path without slashes',
      () => root.iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'x', Path: 'm' })),
    ],
    [
      'a path prefix without a slash',
      () => root.iam.send(new ListInstanceProfilesCommand({ PathPrefix: 'm' })),
    ],
    [
      'a policy in letters that policies do not have',
      () =>
        root.iam.send(
          new PutUserPolicyCommand({ UserName: 'itself', PolicyName: 'p', PolicyDocument: '{"Sid":"日本"}' }),
        ),
    ],
  ])('%s', async (_, call) => {
    expect(await failureOf(call())).toMatchObject({ code: 'ValidationError', status: 400 });
  });

  test('they are refused before anyone is asked for permission', async () => {
    const { clients } = await makeUser(aws, root, 'no-rights');
    expect((await failureOf(clients.iam.send(new GetUserCommand({ UserName: 'a b' })))).code).toBe(
      'ValidationError',
    );
    expect((await failureOf(clients.iam.send(new GetUserCommand({ UserName: 'ab' })))).code).toBe(
      'AccessDenied',
    );
  });
});
