import {
  CreateRoleCommand,
  DeleteRoleCommand,
  GetRoleCommand,
  ListRolesCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clientsOf, DESTINATION, documentOf, failureOf, OUTSIDER, SOURCE, type Clients } from './clients.ts';

let aws: Sandbox;
let iam: Clients['iam'];

beforeAll(async () => {
  aws = await startSandbox({ accounts: [SOURCE, DESTINATION] });
  ({ iam } = clientsOf(aws, aws.account(SOURCE).root));
});
afterAll(() => aws.close());

const trust = (...principals: string[]) =>
  documentOf({ Action: 'sts:AssumeRole', Principal: { AWS: principals } });
const trusting = trust(`arn:aws:iam::${SOURCE}:root`);
const arn = (resource: string) => `arn:aws:iam::${SOURCE}:${resource}`;

const noSuchEntity = { code: 'NoSuchEntityException', status: 404 };
const exists = { code: 'EntityAlreadyExistsException', status: 409 };
const malformed = { code: 'MalformedPolicyDocumentException', status: 400 };
const invalid = { code: 'ValidationError', status: 400 };

describe('roles', () => {
  test('are made, read, changed, listed and deleted', async () => {
    const { Role } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'reader',
        Path: '/service/',
        AssumeRolePolicyDocument: trusting,
        Description: 'reads reports',
        MaxSessionDuration: 7200,
        Tags: [{ Key: 'team', Value: 'reports' }],
      }),
    );
    expect(Role).toMatchObject({
      RoleName: 'reader',
      Arn: arn('role/service/reader'),
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      MaxSessionDuration: 7200,
    });
    const get = async () => (await iam.send(new GetRoleCommand({ RoleName: 'reader' }))).Role!;
    // IAM returns documents percent-encoded.
    expect(decodeURIComponent((await get()).AssumeRolePolicyDocument!)).toBe(trusting);
    await iam.send(
      new UpdateRoleCommand({ RoleName: 'reader', Description: 'reads', MaxSessionDuration: 3600 }),
    );
    expect(await get()).toMatchObject({ Description: 'reads', MaxSessionDuration: 3600 });
    const other = trust(`arn:aws:iam::${DESTINATION}:root`);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'reader', PolicyDocument: other }));
    expect(decodeURIComponent((await get()).AssumeRolePolicyDocument!)).toBe(other);
    const { Roles } = await iam.send(new ListRolesCommand({ PathPrefix: '/service/' }));
    expect(Roles!.map(({ RoleName }) => RoleName)).toEqual(['reader']);

    const again = new CreateRoleCommand({ RoleName: 'Reader', AssumeRolePolicyDocument: trusting });
    expect(await failureOf(iam.send(again))).toMatchObject(exists);
    await iam.send(new DeleteRoleCommand({ RoleName: 'reader' }));
    expect(await failureOf(get())).toMatchObject(noSuchEntity);
  });

  test.each([
    ['no JSON', '{"Version"'],
    ["the walkthrough's version with its spaces", trusting.replace('2012-10-17', '2012 - 10 - 17')],
    ['a resource', documentOf({ Action: 'sts:AssumeRole', Principal: '*', Resource: '*' })],
    ['no principal', documentOf({ Action: 'sts:AssumeRole' })],
    ['an account that is not there', trust(`arn:aws:iam::${OUTSIDER}:root`)],
    ['a user that is not there', trust(arn('user/nobody'))],
    ['a partial wildcard', trust(arn('role/*'))],
  ])('do not trust a document with %s', async (_, document) => {
    const create = new CreateRoleCommand({ RoleName: 'refused', AssumeRolePolicyDocument: document });
    expect(await failureOf(iam.send(create))).toMatchObject(malformed);
    expect(await failureOf(iam.send(new GetRoleCommand({ RoleName: 'refused' })))).toMatchObject(
      noSuchEntity,
    );
  });

  test.each([3599, 43_201])('have no session of %i seconds', async (MaxSessionDuration) => {
    const create = new CreateRoleCommand({
      RoleName: 'refused',
      AssumeRolePolicyDocument: trusting,
      MaxSessionDuration,
    });
    expect(await failureOf(iam.send(create))).toMatchObject(invalid);
  });
});

test('what is missing is named', async () => {
  const create = new CreateRoleCommand({ RoleName: undefined, AssumeRolePolicyDocument: undefined });
  expect(await failureOf(iam.send(create))).toMatchObject({
    ...invalid,
    message: expect.stringMatching(/2 validation errors detected: .*'roleName'.*'assumeRolePolicyDocument'/),
  });
});
