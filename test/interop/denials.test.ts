import {
  AttachUserPolicyCommand,
  CreatePolicyCommand,
  DetachUserPolicyCommand,
  ListUsersCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { DescribeKeyCommand } from '@aws-sdk/client-kms';
import {
  AttachPolicyCommand,
  CreatePolicyCommand as CreateOrganizationPolicyCommand,
  DetachPolicyCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  clientsOf,
  DESTINATION,
  documentOf,
  failureOf,
  OUTSIDER,
  SOURCE,
  type Clients,
  type Statement,
} from './clients.ts';
import { kmsOf, makeKey } from './kms-clients.ts';
import { makeRole, makeUser } from './principals.ts';

const MANAGEMENT = '999999999999';
let aws: Sandbox;
const roots: Record<string, Clients> = {};
let user: Awaited<ReturnType<typeof makeUser>>;

beforeAll(async () => {
  aws = await startSandbox({
    config: {
      accounts: [MANAGEMENT, SOURCE, DESTINATION, OUTSIDER].map((id) => ({ id })),
      organization: {
        management: MANAGEMENT,
        root: { units: [{ name: 'all', accounts: [SOURCE, DESTINATION] }] },
      },
    },
  });
  for (const id of [SOURCE, DESTINATION, OUTSIDER]) roots[id] = clientsOf(aws, aws.account(id).root);
  user = await makeUser(aws, roots[SOURCE]!, 'asks');
});
afterAll(() => aws.close());

const everything = { Action: '*', Resource: '*' };

async function allow(...statements: Statement[]): Promise<void> {
  const PolicyDocument = documentOf(...statements);
  const command = new PutUserPolicyCommand({ UserName: 'asks', PolicyName: 'own', PolicyDocument });
  await roots[SOURCE]!.iam.send(command);
}

describe('of a role of another account nobody learns whether it is there', () => {
  const ask = async (arn: string, more: object = {}) => {
    const command = new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'session', ...more });
    const { code, status, message } = await failureOf(user.clients.sts.send(command));
    return { code, status, message: message.replaceAll(arn, 'ROLE') };
  };

  test.each([
    ['its own account', SOURCE],
    ['the organization', DESTINATION],
    ['elsewhere', OUTSIDER],
  ])('in %s', async (_, account) => {
    const name = `there-${account}`;
    const trusts = (Condition: Record<string, unknown>) => [
      { Principal: { AWS: user.arn }, Action: 'sts:AssumeRole', Condition },
    ];
    const owner = roots[account]!;
    const roles = [
      (await makeRole(owner, name, account)).arn.replace(name, 'missing'),
      (await makeRole(owner, `${name}-strangers`, `arn:aws:iam::${account}:role/${name}`)).arn,
      (await makeRole(owner, `${name}-id`, trusts({ StringEquals: { 'sts:ExternalId': 'x1' } }))).arn,
      (await makeRole(owner, `${name}-mfa`, trusts({ Bool: { 'aws:MultiFactorAuthPresent': 'true' } }))).arn,
    ];
    for (const statements of [[everything], [{ Action: 's3:*', Resource: '*' }]]) {
      await allow(...statements);
      for (const more of [{}, { ExternalId: 'wrong' }, { DurationSeconds: 43_200 }]) {
        const answers = [];
        for (const role of roles) answers.push(await ask(role, more));
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
        expect(answers[0]).toMatchObject({ code: 'AccessDenied', status: 403 });
      }
    }
  });

  test('nor of a key of KMS', async () => {
    await allow(everything);
    for (const account of [DESTINATION, OUTSIDER]) {
      const arn = await makeKey(kmsOf(aws, aws.account(account).root));
      const answers = [];
      for (const KeyId of [arn, arn.replace(/[^/]+$/, '00000000-0000-4000-8000-000000000000')]) {
        const { code, message } = await failureOf(
          kmsOf(aws, user.key).send(new DescribeKeyCommand({ KeyId })),
        );
        answers.push(`${code}: ${message.replaceAll(KeyId, 'KEY')}`);
      }
      expect(answers[1]).toBe(answers[0]);
    }
  });
});

describe('an explicit denial names the policy by its ARN', () => {
  const listUsers = async () => (await failureOf(user.clients.iam.send(new ListUsersCommand({})))).message;
  const denial = `User: arn:aws:iam::${SOURCE}:user/asks is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${SOURCE}:user/ with an explicit deny in`;

  test('a managed policy, and not one that has none', async () => {
    await allow(everything, { Effect: 'Deny', Action: 'iam:ListUsers', Resource: '*' });
    expect(await listUsers()).toBe(`${denial} an identity-based policy`);
    await allow(everything);
    const PolicyDocument = documentOf({ Effect: 'Deny', Action: 'iam:ListUsers', Resource: '*' });
    const { Policy } = await roots[SOURCE]!.iam.send(
      new CreatePolicyCommand({ PolicyName: 'no-lists', PolicyDocument }),
    );
    const attachment = { UserName: 'asks', PolicyArn: Policy!.Arn! };
    await roots[SOURCE]!.iam.send(new AttachUserPolicyCommand(attachment));
    expect(await listUsers()).toBe(
      `${denial} an identity-based policy: arn:aws:iam::${SOURCE}:policy/no-lists`,
    );
    await roots[SOURCE]!.iam.send(new DetachUserPolicyCommand(attachment));
  });

  test('a service control policy', async () => {
    await allow(everything);
    const organizations = new OrganizationsClient({
      region: 'us-east-1',
      endpoint: aws.endpoint,
      credentials: aws.account(MANAGEMENT).root,
    });
    const Content = documentOf({ Effect: 'Deny', Action: 'iam:ListUsers', Resource: '*' });
    const { Policy } = await organizations.send(
      new CreateOrganizationPolicyCommand({
        Name: 'no-lists',
        Description: '',
        Type: 'SERVICE_CONTROL_POLICY',
        Content,
      }),
    );
    const { Id, Arn } = Policy!.PolicySummary!;
    await organizations.send(new AttachPolicyCommand({ PolicyId: Id!, TargetId: SOURCE }));
    expect(await listUsers()).toBe(`${denial} a service control policy: ${Arn}`);
    expect(Arn).toMatch(/^arn:aws:organizations::999999999999:policy\/o-\w+\/service_control_policy\/p-\w+$/);
    await organizations.send(new DetachPolicyCommand({ PolicyId: Id!, TargetId: SOURCE }));
  });

  test('the role trust policy, which has none', async () => {
    await allow(everything);
    const { arn } = await makeRole(roots[SOURCE]!, 'denies', [
      { Principal: { AWS: user.arn }, Action: 'sts:AssumeRole' },
      { Effect: 'Deny', Principal: '*', Action: 'sts:AssumeRole' },
    ]);
    const command = new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'session' });
    expect((await failureOf(user.clients.sts.send(command))).message).toBe(
      `User: ${user.arn} is not authorized to perform: sts:AssumeRole on resource: ${arn} with an explicit deny in the role trust policy`,
    );
  });
});
