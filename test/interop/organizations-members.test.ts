import { PutUserPolicyCommand } from '@aws-sdk/client-iam';
import {
  AcceptHandshakeCommand,
  AttachPolicyCommand,
  CancelHandshakeCommand,
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  DeclineHandshakeCommand,
  DeleteOrganizationCommand,
  DeleteResourcePolicyCommand,
  DeregisterDelegatedAdministratorCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeHandshakeCommand,
  DescribeOrganizationCommand,
  DescribeResourcePolicyCommand,
  DisableAWSServiceAccessCommand,
  EnableAWSServiceAccessCommand,
  EnablePolicyTypeCommand,
  InviteAccountToOrganizationCommand,
  LeaveOrganizationCommand,
  ListAccountsCommand,
  ListAWSServiceAccessForOrganizationCommand,
  ListCreateAccountStatusCommand,
  ListDelegatedAdministratorsCommand,
  ListDelegatedServicesForAccountCommand,
  ListHandshakesForAccountCommand,
  ListHandshakesForOrganizationCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  MoveAccountCommand,
  OrganizationsClient,
  PutResourcePolicyCommand,
  RegisterDelegatedAdministratorCommand,
  RemoveAccountFromOrganizationCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-organizations';
import { CreateBucketCommand, ListObjectsV2Command, PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { SandboxClock, startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  assume,
  clientsOf,
  DESTINATION as MEMBER,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE as MANAGEMENT,
  type Identity,
} from './clients.ts';
import { makeUser } from './principals.ts';

const clock = new SandboxClock();
let aws: Sandbox;
let management: OrganizationsClient;
let member: OrganizationsClient;
let outsider: OrganizationsClient;
let root: string;
const DAY = 86_400_000;
const notYours = {
  code: 'AccessDeniedException',
  message: "You don't have permissions to access this resource.",
};

const organizationsOf = (credentials: Identity) =>
  new OrganizationsClient({ region: 'us-east-1', endpoint: aws.endpoint, credentials, maxAttempts: 1 });

async function invite(account: string, more: object = {}): Promise<string> {
  const { Handshake } = await management.send(
    new InviteAccountToOrganizationCommand({ Target: { Id: account, Type: 'ACCOUNT' }, ...more }),
  );
  return Handshake!.Id!;
}

beforeAll(async () => {
  aws = await startSandbox({ accounts: [MANAGEMENT, MEMBER, OUTSIDER], clock });
  management = organizationsOf(aws.account(MANAGEMENT).root);
  member = organizationsOf(aws.account(MEMBER).root);
  outsider = organizationsOf(aws.account(OUTSIDER).root);
  await management.send(new CreateOrganizationCommand({}));
  root = (await management.send(new ListRootsCommand({}))).Roots![0]!.Id!;
  await management.send(new EnablePolicyTypeCommand({ RootId: root, PolicyType: 'SERVICE_CONTROL_POLICY' }));
});
afterAll(() => aws.close());

describe('an invitation', () => {
  test('makes a member of the account that accepts it, tags and all', async () => {
    const HandshakeId = await invite(MEMBER, { Notes: 'join us', Tags: [{ Key: 'team', Value: 'data' }] });
    const again = new InviteAccountToOrganizationCommand({ Target: { Id: MEMBER, Type: 'ACCOUNT' } });
    expect(await failureOf(management.send(again))).toMatchObject({ code: 'DuplicateHandshakeException' });
    const { Handshakes } = await member.send(new ListHandshakesForAccountCommand({}));
    expect(Handshakes).toMatchObject([{ Id: HandshakeId, State: 'OPEN', Action: 'INVITE' }]);
    // Of an invitation to somebody else there is nothing to see.
    const describeIt = new DescribeHandshakeCommand({ HandshakeId });
    expect(await failureOf(outsider.send(describeIt))).toMatchObject({ code: 'HandshakeNotFoundException' });
    expect(await failureOf(management.send(new AcceptHandshakeCommand({ HandshakeId })))).toMatchObject(
      notYours,
    );
    expect(await failureOf(member.send(new CancelHandshakeCommand({ HandshakeId })))).toMatchObject(notYours);
    const accepted = await member.send(new AcceptHandshakeCommand({ HandshakeId }));
    expect(accepted.Handshake).toMatchObject({ State: 'ACCEPTED' });
    const { Account } = await management.send(new DescribeAccountCommand({ AccountId: MEMBER }));
    const { Organization } = await member.send(new DescribeOrganizationCommand({}));
    expect(Account).toMatchObject({
      JoinedMethod: 'INVITED',
      State: 'ACTIVE',
      Paths: [`${Organization!.Id}/${root}/`],
    });
    const { Tags } = await management.send(new ListTagsForResourceCommand({ ResourceId: MEMBER }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'data' }]);
    expect(await failureOf(member.send(new AcceptHandshakeCommand({ HandshakeId })))).toMatchObject({
      code: 'HandshakeAlreadyInStateException',
    });
    expect(await failureOf(management.send(again))).toMatchObject({
      code: 'HandshakeConstraintViolationException',
    });
  });

  test('is declined, cancelled, or open for fifteen days', async () => {
    const declined = await invite(OUTSIDER);
    await outsider.send(new DeclineHandshakeCommand({ HandshakeId: declined }));
    const accept = (HandshakeId: string) => outsider.send(new AcceptHandshakeCommand({ HandshakeId }));
    const cannot = { code: 'InvalidHandshakeTransitionException' };
    expect(await failureOf(accept(declined))).toMatchObject(cannot);
    const cancelled = await invite(OUTSIDER);
    await management.send(new CancelHandshakeCommand({ HandshakeId: cancelled }));
    expect(await failureOf(accept(cancelled))).toMatchObject(cannot);
    const late = await invite(OUTSIDER);
    clock.advance(15 * DAY);
    expect(await failureOf(accept(late))).toMatchObject(cannot);
    const { Handshakes } = await management.send(new ListHandshakesForOrganizationCommand({}));
    expect(Handshakes!.map(({ State }) => State)).toEqual(['ACCEPTED', 'DECLINED', 'CANCELED', 'EXPIRED']);
    clock.advance(31 * DAY);
    expect((await management.send(new ListHandshakesForOrganizationCommand({}))).Handshakes).toEqual([]);
  });

  test('goes to nobody that is not there', async () => {
    const Target = { Id: '444444444444', Type: 'ACCOUNT' } as const;
    const failure = await failureOf(management.send(new InviteAccountToOrganizationCommand({ Target })));
    expect(failure).toMatchObject({ code: 'InvalidInputException' });
  });
});

describe('a member', () => {
  test('sees its organization and nothing of what is in it', async () => {
    await expect(member.send(new DescribeOrganizationCommand({}))).resolves.toBeDefined();
    for (const call of [
      () => member.send(new ListAccountsCommand({})),
      () => member.send(new ListRootsCommand({})),
      () => member.send(new CreateOrganizationalUnitCommand({ Name: 'mine', ParentId: root })),
      () => member.send(new TagResourceCommand({ ResourceId: MEMBER, Tags: [{ Key: 'a', Value: 'b' }] })),
    ])
      expect(await failureOf(call())).toMatchObject(notYours);
    expect(await failureOf(outsider.send(new ListAccountsCommand({})))).toMatchObject({
      code: 'AWSOrganizationsNotInUseException',
    });
  });

  test('needs permissions of its own as well', async () => {
    const owner = clientsOf(aws, aws.account(MEMBER).root);
    const { key } = await makeUser(aws, owner, 'looker');
    const looker = organizationsOf(key);
    const failure = await failureOf(looker.send(new DescribeOrganizationCommand({})));
    expect(failure).toMatchObject({ code: 'AccessDeniedException' });
    expect(failure.message).toContain(
      'because no identity-based policy allows the organizations:DescribeOrganization action',
    );
    const PolicyDocument = documentOf({ Action: 'organizations:Describe*', Resource: '*' });
    await owner.iam.send(
      new PutUserPolicyCommand({ UserName: 'looker', PolicyName: 'look', PolicyDocument }),
    );
    await expect(looker.send(new DescribeOrganizationCommand({}))).resolves.toBeDefined();
  });
});

describe('a delegated administrator', () => {
  const ServicePrincipal = 'config.amazonaws.com';
  const registration = { AccountId: MEMBER, ServicePrincipal };

  test('is registered for a service that has access, and sees the organization from then on', async () => {
    const register = (AccountId = MEMBER) =>
      management.send(new RegisterDelegatedAdministratorCommand({ AccountId, ServicePrincipal }));
    expect(await failureOf(register())).toMatchObject({ code: 'ConstraintViolationException' });
    await management.send(new EnableAWSServiceAccessCommand({ ServicePrincipal }));
    expect(await failureOf(register(MANAGEMENT))).toMatchObject({ code: 'ConstraintViolationException' });
    expect(await failureOf(register(OUTSIDER))).toMatchObject({ code: 'AccountNotFoundException' });
    await register();
    expect(await failureOf(register())).toMatchObject({ code: 'AccountAlreadyRegisteredException' });
    const { Accounts } = await member.send(new ListAccountsCommand({}));
    expect(Accounts!.map(({ Id }) => Id)).toEqual([MANAGEMENT, MEMBER]);
    const list = await member.send(new ListDelegatedAdministratorsCommand({ ServicePrincipal }));
    expect(list.DelegatedAdministrators).toMatchObject([
      { Id: MEMBER, DelegationEnabledDate: expect.any(Date) },
    ]);
    const { DelegatedServices } = await member.send(
      new ListDelegatedServicesForAccountCommand({ AccountId: MEMBER }),
    );
    expect(DelegatedServices).toMatchObject([{ ServicePrincipal }]);
    const { EnabledServicePrincipals } = await member.send(
      new ListAWSServiceAccessForOrganizationCommand({}),
    );
    expect(EnabledServicePrincipals).toMatchObject([{ ServicePrincipal }]);
    // It changes nothing.
    const unit = new CreateOrganizationalUnitCommand({ Name: 'mine', ParentId: root });
    expect(await failureOf(member.send(unit))).toMatchObject(notYours);
  });

  test('does not leave while it is one', async () => {
    const expected = { code: 'ConstraintViolationException' };
    expect(await failureOf(member.send(new LeaveOrganizationCommand({})))).toMatchObject(expected);
    const remove = new RemoveAccountFromOrganizationCommand({ AccountId: MEMBER });
    expect(await failureOf(management.send(remove))).toMatchObject(expected);
  });

  test('is none any more once it is deregistered', async () => {
    await management.send(new DeregisterDelegatedAdministratorCommand(registration));
    const again = management.send(new DeregisterDelegatedAdministratorCommand(registration));
    expect(await failureOf(again)).toMatchObject({ code: 'AccountNotRegisteredException' });
    expect(await failureOf(member.send(new ListAccountsCommand({})))).toMatchObject(notYours);
    await management.send(new DisableAWSServiceAccessCommand({ ServicePrincipal }));
    const { EnabledServicePrincipals } = await management.send(
      new ListAWSServiceAccessForOrganizationCommand({}),
    );
    expect(EnabledServicePrincipals).toEqual([]);
    const odd = new EnableAWSServiceAccessCommand({ ServicePrincipal: 'config.example.com' });
    expect(await failureOf(management.send(odd))).toMatchObject({ code: 'InvalidInputException' });
  });
});

describe('a resource policy', () => {
  const put = (...statements: Record<string, unknown>[]) =>
    management.send(new PutResourcePolicyCommand({ Content: documentOf(...statements) }));
  const scp = (Name: string) =>
    new CreatePolicyCommand({
      Name,
      Description: '',
      Type: 'SERVICE_CONTROL_POLICY',
      Content: documentOf({ Effect: 'Deny', Action: 's3:DeleteBucket', Resource: '*' }),
    });
  const Principal = { AWS: `arn:aws:iam::${MEMBER}:root` };

  test('lets a member manage policies, as far as it says', async () => {
    expect(await failureOf(management.send(new DescribeResourcePolicyCommand({})))).toMatchObject({
      code: 'ResourcePolicyNotFoundException',
    });
    const { ResourcePolicy } = await put({
      Sid: 'Policies',
      Principal,
      Action: ['organizations:CreatePolicy', 'organizations:AttachPolicy', 'organizations:DescribePolicy'],
      Resource: '*',
      Condition: { StringEquals: { 'organizations:PolicyType': 'SERVICE_CONTROL_POLICY' } },
    });
    expect(ResourcePolicy!.ResourcePolicySummary!.Arn).toMatch(
      new RegExp(`^arn:aws:organizations::${MANAGEMENT}:resourcepolicy/o-[a-z0-9]{10}/rp-[a-z0-9]{8}$`),
    );
    const { Policy } = await member.send(scp('by-the-member'));
    const PolicyId = Policy!.PolicySummary!.Id!;
    await member.send(new AttachPolicyCommand({ PolicyId, TargetId: MEMBER }));
    const other = { Name: 'rcp', Description: '', Type: 'RESOURCE_CONTROL_POLICY', Content: '{}' } as const;
    expect(await failureOf(member.send(new CreatePolicyCommand(other)))).toMatchObject(notYours);
    expect(await failureOf(member.send(new ListAccountsCommand({})))).toMatchObject(notYours);
  });

  test('narrows by resource and tag, and a Deny of it binds members', async () => {
    const { OrganizationalUnit: unit } = await management.send(
      new CreateOrganizationalUnitCommand({
        Name: 'tagged',
        ParentId: root,
        Tags: [{ Key: 'owner', Value: 'data' }],
      }),
    );
    const tag = (ResourceId: string) =>
      member.send(new TagResourceCommand({ ResourceId, Tags: [{ Key: 'seen', Value: 'yes' }] }));
    await put({
      Principal,
      Action: 'organizations:TagResource',
      Resource: '*',
      Condition: { StringEquals: { 'aws:ResourceTag/owner': 'data' } },
    });
    await tag(unit!.Id!);
    expect(await failureOf(tag(root))).toMatchObject(notYours);
    await put(
      { Principal, Action: ['organizations:TagResource', 'organizations:List*'], Resource: '*' },
      { Effect: 'Deny', Principal, Action: 'organizations:ListRoots', Resource: '*' },
      { Effect: 'Deny', Principal, Action: 'organizations:TagResource', Resource: unit!.Arn! },
    );
    await tag(root);
    expect(await failureOf(tag(unit!.Id!))).toMatchObject({ code: 'AccessDeniedException' });
    await expect(member.send(new ListAccountsCommand({}))).resolves.toBeDefined();
    expect((await failureOf(member.send(new ListRootsCommand({})))).message).toContain(
      'with an explicit deny in a resource-based policy',
    );
    const { Tags } = await member.send(new ListTagsForResourceCommand({ ResourceId: root }));
    expect(Tags).toEqual([{ Key: 'seen', Value: 'yes' }]);
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['no principal', documentOf({ Action: 'organizations:ListRoots', Resource: '*' })],
    ['NotAction', documentOf({ Principal, NotAction: 'organizations:ListRoots', Resource: '*' })],
    [
      'what cannot be delegated',
      documentOf({ Principal, Action: 'organizations:CreateAccount', Resource: '*' }),
    ],
    ['everything', documentOf({ Principal, Action: 'organizations:*', Resource: '*' })],
    [
      'an account that is not there',
      documentOf({ Principal: { AWS: '444444444444' }, Action: 'organizations:ListRoots', Resource: '*' }),
    ],
    [
      'a service',
      documentOf({
        Principal: { Service: 's3.amazonaws.com' },
        Action: 'organizations:ListRoots',
        Resource: '*',
      }),
    ],
  ])('with %s is refused', async (_, Content) => {
    expect(await failureOf(management.send(new PutResourcePolicyCommand({ Content })))).toMatchObject({
      code: 'InvalidInputException',
    });
  });

  test('is deleted by the management account', async () => {
    expect(await failureOf(member.send(new DeleteResourcePolicyCommand({})))).toMatchObject(notYours);
    await management.send(new DeleteResourcePolicyCommand({}));
    expect(await failureOf(member.send(new ListAccountsCommand({})))).toMatchObject(notYours);
  });
});

describe('tags', () => {
  const tag = (ResourceId: string, Tags: { Key: string; Value: string }[]) =>
    management.send(new TagResourceCommand({ ResourceId, Tags }));

  test('are set, replaced, taken away and checked', async () => {
    await tag(MEMBER, [
      { Key: 'team', Value: 'lake' },
      { Key: 'stage', Value: '' },
    ]);
    await management.send(new UntagResourceCommand({ ResourceId: MEMBER, TagKeys: ['stage', 'none'] }));
    const { Tags } = await management.send(new ListTagsForResourceCommand({ ResourceId: MEMBER }));
    expect(Tags).toEqual([{ Key: 'team', Value: 'lake' }]);
    const invalid = { code: 'InvalidInputException' };
    expect(await failureOf(tag(MEMBER, [{ Key: 'aws:x', Value: '' }]))).toMatchObject(invalid);
    const twice = [
      { Key: 'a', Value: '1' },
      { Key: 'a', Value: '2' },
    ];
    expect(await failureOf(tag(MEMBER, twice))).toMatchObject(invalid);
    const many = Array.from({ length: 50 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    expect(await failureOf(tag(MEMBER, many))).toMatchObject({ code: 'ConstraintViolationException' });
    expect(await failureOf(tag('p-FullAWSAccess', many.slice(0, 1)))).toMatchObject({
      code: 'TargetNotFoundException',
    });
    expect(await failureOf(tag('nonsense', []))).toMatchObject(invalid);
  });
});

describe('an account of the organization', () => {
  let created: string;

  test('is created with its name, address and tags; an address is used once', async () => {
    const input = { AccountName: 'The lake', Email: 'lake@example.com', Tags: [{ Key: 'a', Value: 'b' }] };
    const { CreateAccountStatus } = await management.send(new CreateAccountCommand(input));
    expect(CreateAccountStatus).toMatchObject({ State: 'SUCCEEDED', AccountName: 'The lake' });
    created = CreateAccountStatus!.AccountId!;
    const { Account } = await management.send(new DescribeAccountCommand({ AccountId: created }));
    expect(Account).toMatchObject({ Name: 'The lake', Email: 'lake@example.com', JoinedMethod: 'CREATED' });
    const second = await management.send(new CreateAccountCommand({ ...input, Email: 'LAKE@example.com' }));
    const failed = { State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' };
    expect(second.CreateAccountStatus).toMatchObject(failed);
    const CreateAccountRequestId = second.CreateAccountStatus!.Id!;
    const status = await management.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId }));
    expect(status.CreateAccountStatus).toMatchObject(failed);
    const { CreateAccountStatuses } = await management.send(
      new ListCreateAccountStatusCommand({ States: ['SUCCEEDED'] }),
    );
    expect(CreateAccountStatuses!.map(({ AccountId }) => AccountId)).toEqual([created]);
    for (const wrong of [
      { Email: 'nobody' },
      { Email: 'a b@example.com' },
      { AccountName: '' },
      { RoleName: 'a b' },
    ])
      expect(
        await failureOf(management.send(new CreateAccountCommand({ ...input, ...wrong }))),
      ).toMatchObject({ code: 'InvalidInputException' });
  });

  test('is moved to where it is not yet', async () => {
    const move = { AccountId: created, SourceParentId: root, DestinationParentId: root };
    expect(await failureOf(management.send(new MoveAccountCommand(move)))).toMatchObject({
      code: 'DuplicateAccountException',
    });
  });

  test('stays for four days, and may leave after', async () => {
    const remove = () => management.send(new RemoveAccountFromOrganizationCommand({ AccountId: created }));
    expect(await failureOf(remove())).toMatchObject({ code: 'ConstraintViolationException' });
    expect(await failureOf(management.send(new LeaveOrganizationCommand({})))).toMatchObject({
      code: 'MasterCannotLeaveOrganizationException',
    });
    clock.advance(4 * DAY);
    await remove();
    expect(await failureOf(remove())).toMatchObject({ code: 'AccountNotFoundException' });
  });

  test('is closed for good: its keys, its roles and its buckets', async () => {
    const { CreateAccountStatus } = await management.send(
      new CreateAccountCommand({ AccountName: 'short-lived', Email: 'short@example.com' }),
    );
    const AccountId = CreateAccountStatus!.AccountId!;
    const { clients: admin } = await makeUser(aws, clientsOf(aws, aws.account(MANAGEMENT).root), 'admin', [
      { Action: '*', Resource: '*' },
    ]);
    const enter = {
      RoleArn: `arn:aws:iam::${AccountId}:role/OrganizationAccountAccessRole`,
      RoleSessionName: 'admin',
    };
    const inside = clientsOf(aws, await assume(admin.sts, enter));
    const Bucket = 'short-lived-data';
    await inside.s3.send(new CreateBucketCommand({ Bucket }));
    const Policy = documentOf({
      Principal: { AWS: MANAGEMENT },
      Action: 's3:ListBucket',
      Resource: `arn:aws:s3:::${Bucket}`,
    });
    await inside.s3.send(new PutBucketPolicyCommand({ Bucket, Policy }));
    await expect(admin.s3.send(new ListObjectsV2Command({ Bucket }))).resolves.toBeDefined();

    const close = (account: string) => management.send(new CloseAccountCommand({ AccountId: account }));
    expect(await failureOf(close(MANAGEMENT))).toMatchObject({ code: 'ConstraintViolationException' });
    expect(await failureOf(member.send(new CloseAccountCommand({ AccountId })))).toMatchObject(notYours);
    await close(AccountId);
    expect(await failureOf(close(AccountId))).toMatchObject({ code: 'AccountAlreadyClosedException' });
    const { Account } = await management.send(new DescribeAccountCommand({ AccountId }));
    expect(Account).toMatchObject({ Status: 'SUSPENDED', State: 'CLOSED' });
    expect(await failureOf(inside.s3.send(new ListObjectsV2Command({ Bucket })))).toMatchObject({
      code: 'AccountProblem',
      status: 403,
    });
    expect(await failureOf(inside.sts.send(new GetCallerIdentityCommand({})))).toMatchObject({
      code: 'InvalidClientTokenId',
    });
    expect(await failureOf(assume(admin.sts, enter))).toMatchObject({ code: 'AccessDenied' });
    expect(await failureOf(admin.s3.send(new ListObjectsV2Command({ Bucket })))).toMatchObject({
      code: 'AllAccessDisabled',
      status: 403,
    });
  });
});

describe('an organization', () => {
  test('is deleted once its management account is alone in it', async () => {
    expect(await failureOf(member.send(new DeleteOrganizationCommand({})))).toMatchObject(notYours);
    expect(await failureOf(management.send(new DeleteOrganizationCommand({})))).toMatchObject({
      code: 'OrganizationNotEmptyException',
    });
    await member.send(new LeaveOrganizationCommand({}));
    expect(await failureOf(member.send(new DescribeOrganizationCommand({})))).toMatchObject({
      code: 'AWSOrganizationsNotInUseException',
    });
    clock.advance(4 * DAY);
    const { Accounts } = await management.send(new ListAccountsCommand({}));
    for (const { Id } of Accounts!)
      if (Id !== MANAGEMENT)
        await management.send(new RemoveAccountFromOrganizationCommand({ AccountId: Id! }));
    await management.send(new DeleteOrganizationCommand({}));
    expect(await failureOf(management.send(new DescribeOrganizationCommand({})))).toMatchObject({
      code: 'AWSOrganizationsNotInUseException',
    });
    await member.send(new CreateOrganizationCommand({}));
    const { Organization } = await member.send(new DescribeOrganizationCommand({}));
    expect(Organization).toMatchObject({ MasterAccountId: MEMBER });
  });
});
