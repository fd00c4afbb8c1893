import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRolePolicyCommand,
  GetUserPolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  ListPoliciesCommand,
  ListPolicyVersionsCommand,
  ListRolePoliciesCommand,
  ListUserPoliciesCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  SetDefaultPolicyVersionCommand,
} from '@aws-sdk/client-iam';
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
const trust = (...principals: string[]) =>
  documentOf({ Action: 'sts:AssumeRole', Principal: { AWS: principals } });
const trusting = trust(`arn:aws:iam::${SOURCE}:root`);
const arn = (resource: string) => `arn:aws:iam::${SOURCE}:${resource}`;

const noSuchEntity = { code: 'NoSuchEntityException', status: 404 };
const exists = { code: 'EntityAlreadyExistsException', status: 409 };
const conflict = { code: 'DeleteConflictException', status: 409 };
const malformed = { code: 'MalformedPolicyDocumentException', status: 400 };
const limit = { code: 'LimitExceededException', status: 409 };
const invalid = { code: 'ValidationError', status: 400 };

describe.each(['user', 'role'] as const)('policies of a %s', (kind) => {
  const name = `policies-of-${kind}`;
  const named = kind === 'user' ? { UserName: name } : { RoleName: name };
  const user = { UserName: name };
  const role = { RoleName: name };
  const put = (PolicyName: string, PolicyDocument: string) =>
    kind === 'user'
      ? iam.send(new PutUserPolicyCommand({ ...user, PolicyName, PolicyDocument }))
      : iam.send(new PutRolePolicyCommand({ ...role, PolicyName, PolicyDocument }));
  const get = (PolicyName: string) =>
    kind === 'user'
      ? iam.send(new GetUserPolicyCommand({ ...user, PolicyName }))
      : iam.send(new GetRolePolicyCommand({ ...role, PolicyName }));
  const list = async () =>
    (kind === 'user'
      ? await iam.send(new ListUserPoliciesCommand(user))
      : await iam.send(new ListRolePoliciesCommand(role))
    ).PolicyNames;
  const remove = (PolicyName: string) =>
    kind === 'user'
      ? iam.send(new DeleteUserPolicyCommand({ ...user, PolicyName }))
      : iam.send(new DeleteRolePolicyCommand({ ...role, PolicyName }));
  const attach = (PolicyArn: string) =>
    kind === 'user'
      ? iam.send(new AttachUserPolicyCommand({ ...user, PolicyArn }))
      : iam.send(new AttachRolePolicyCommand({ ...role, PolicyArn }));
  const detach = (PolicyArn: string) =>
    kind === 'user'
      ? iam.send(new DetachUserPolicyCommand({ ...user, PolicyArn }))
      : iam.send(new DetachRolePolicyCommand({ ...role, PolicyArn }));
  const attached = async () =>
    (kind === 'user'
      ? await iam.send(new ListAttachedUserPoliciesCommand(user))
      : await iam.send(new ListAttachedRolePoliciesCommand(role))
    ).AttachedPolicies;

  beforeAll(async () => {
    await (kind === 'user'
      ? iam.send(new CreateUserCommand(user))
      : iam.send(new CreateRoleCommand({ ...role, AssumeRolePolicyDocument: trusting })));
  });

  test('inline ones are put, replaced, read, listed and deleted', async () => {
    await put('read', documentOf({ Action: 's3:*', Resource: '*' }));
    await put('read', read);
    await put('__proto__', read);
    const got = await get('read');
    expect(got).toMatchObject({ ...named, PolicyName: 'read' });
    expect(decodeURIComponent(got.PolicyDocument!)).toBe(read);
    expect(await list()).toEqual(['__proto__', 'read']);
    await remove('read');
    await remove('__proto__');
    expect(await list()).toEqual([]);
    expect(await failureOf(get('read'))).toMatchObject(noSuchEntity);
    expect(await failureOf(remove('read'))).toMatchObject(noSuchEntity);
    expect(await failureOf(get('toString'))).toMatchObject(noSuchEntity);
  });

  test('inline ones are checked', async () => {
    const principal = documentOf({ Action: 's3:*', Resource: '*', Principal: '*' });
    for (const document of ['{', read.replace('2012-10-17', '2012 - 10 - 17'), principal])
      expect(await failureOf(put('bad', document))).toMatchObject(malformed);
    const long = documentOf(
      ...Array.from({ length: 150 }, (_, index) => ({
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::acme/${index}/*`,
      })),
    );
    expect(await failureOf(put('long', long))).toMatchObject(limit);
    expect(await list()).toEqual([]);
  });

  test('managed ones are attached once, listed and detached', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: `shared-${kind}`, PolicyDocument: read }),
    );
    await attach(Policy!.Arn!);
    await attach(Policy!.Arn!);
    expect(await attached()).toEqual([{ PolicyName: `shared-${kind}`, PolicyArn: Policy!.Arn }]);
    const described = await iam.send(new GetPolicyCommand({ PolicyArn: Policy!.Arn }));
    expect(described.Policy).toMatchObject({ AttachmentCount: 1, IsAttachable: true });
    const removePolicy = () => iam.send(new DeletePolicyCommand({ PolicyArn: Policy!.Arn }));
    expect(await failureOf(removePolicy())).toMatchObject(conflict);
    await detach(Policy!.Arn!);
    expect(await failureOf(detach(Policy!.Arn!))).toMatchObject(noSuchEntity);
    await removePolicy();
    expect(await failureOf(attach(Policy!.Arn!))).toMatchObject(noSuchEntity);
  });

  test('its holder is not deleted before them', async () => {
    await put('last', read);
    const removeHolder = () =>
      kind === 'user' ? iam.send(new DeleteUserCommand(user)) : iam.send(new DeleteRoleCommand(role));
    expect(await failureOf(removeHolder())).toMatchObject(conflict);
    await remove('last');
    await expect(removeHolder()).resolves.toBeDefined();
  });
});

describe('managed policies', () => {
  test('have up to five versions, of which one counts', async () => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({
        PolicyName: 'versioned',
        Path: '/p/',
        PolicyDocument: read,
        Description: 'd',
      }),
    );
    const PolicyArn = Policy!.Arn!;
    expect(Policy).toMatchObject({
      Arn: arn('policy/p/versioned'),
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
    });
    const write = documentOf({ Action: 's3:PutObject', Resource: '*' });
    const create = (SetAsDefault = false) =>
      iam.send(new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: write, SetAsDefault }));
    const { PolicyVersion } = await create(true);
    expect(PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true });
    const get = async (VersionId: string) =>
      (await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId }))).PolicyVersion!;
    expect(decodeURIComponent((await get('v2')).Document!)).toBe(write);
    expect(decodeURIComponent((await get('v1')).Document!)).toBe(read);
    expect(await failureOf(get('v9'))).toMatchObject(noSuchEntity);
    await create();
    await create();
    await create();
    expect(await failureOf(create())).toMatchObject(limit);
    await iam.send(new SetDefaultPolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    const remove = (VersionId: string) => iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId }));
    expect(await failureOf(remove('v1'))).toMatchObject(conflict);
    expect(await failureOf(iam.send(new DeletePolicyCommand({ PolicyArn })))).toMatchObject(conflict);
    for (const version of ['v2', 'v3', 'v4', 'v5']) await remove(version);
    const { Versions } = await iam.send(new ListPolicyVersionsCommand({ PolicyArn }));
    expect(Versions!.map(({ VersionId }) => VersionId)).toEqual(['v1']);
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    expect(await failureOf(iam.send(new GetPolicyCommand({ PolicyArn })))).toMatchObject(noSuchEntity);
  });

  test('are listed in pages', async () => {
    const names = ['page-1', 'page-2', 'page-3'];
    for (const PolicyName of names)
      await iam.send(new CreatePolicyCommand({ PolicyName, PolicyDocument: read, Path: '/pages/' }));
    const listed: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await iam.send(
        new ListPoliciesCommand({ Scope: 'Local', PathPrefix: '/pages/', MaxItems: 2, Marker }),
      );
      listed.push(...page.Policies!.map(({ PolicyName }) => PolicyName));
      expect(page.IsTruncated).toBe(page.Marker !== undefined);
      ({ Marker } = page);
    } while (Marker !== undefined);
    expect(listed).toEqual(names);
    expect(await failureOf(iam.send(new ListPoliciesCommand({ MaxItems: 0 })))).toMatchObject(invalid);
    expect(await failureOf(iam.send(new ListPoliciesCommand({ Marker: 'x' })))).toMatchObject(invalid);
  });

  test('of more than 6,144 characters, or made twice, are refused', async () => {
    const long = documentOf(
      ...Array.from({ length: 150 }, (_, index) => ({
        Action: 's3:GetObject',
        Resource: `arn:aws:s3:::acme/${index}/*`,
      })),
    );
    const create = (PolicyDocument: string) =>
      iam.send(new CreatePolicyCommand({ PolicyName: 'once', PolicyDocument }));
    expect(await failureOf(create(long))).toMatchObject(limit);
    await create(read);
    expect(await failureOf(create(read))).toMatchObject(exists);
  });
});
