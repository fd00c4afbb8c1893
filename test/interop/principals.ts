import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  type CreateRoleCommandInput,
  type CreateUserCommandInput,
} from '@aws-sdk/client-iam';
import type { Sandbox } from '@crossbucket/sandbox';
import { clientsOf, documentOf, type Clients, type Identity, type Statement } from './clients.ts';

/** Makes a user with a key and, if any, one inline policy. */
export async function makeUser(
  aws: Sandbox,
  owner: Clients,
  name: string,
  statements: Statement[] = [],
  more: Partial<CreateUserCommandInput> = {},
): Promise<{ arn: string; id: string; clients: Clients; key: Identity }> {
  const { User } = await owner.iam.send(new CreateUserCommand({ UserName: name, ...more }));
  if (statements.length > 0)
    await owner.iam.send(
      new PutUserPolicyCommand({
        UserName: name,
        PolicyName: 'own',
        PolicyDocument: documentOf(...statements),
      }),
    );
  const { AccessKey } = await owner.iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const key = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
  return { arn: User!.Arn!, id: User!.UserId!, clients: clientsOf(aws, key), key };
}

/** Makes a role that principals may assume and, if any, gives it one inline policy. */
export async function makeRole(
  owner: Clients,
  name: string,
  trusted: string | string[] | Statement[],
  statements: Statement[] = [],
  more: Partial<CreateRoleCommandInput> = {},
): Promise<{ arn: string; id: string }> {
  const isStatements = Array.isArray(trusted) && typeof trusted[0] === 'object';
  const trust = isStatements
    ? documentOf(...(trusted as Statement[]))
    : documentOf({ Principal: { AWS: trusted }, Action: 'sts:AssumeRole' });
  const { Role } = await owner.iam.send(
    new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust, ...more }),
  );
  if (statements.length > 0)
    await owner.iam.send(
      new PutRolePolicyCommand({
        RoleName: name,
        PolicyName: 'own',
        PolicyDocument: documentOf(...statements),
      }),
    );
  return { arn: Role!.Arn!, id: Role!.RoleId! };
}
