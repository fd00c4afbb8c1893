import type { IAMClient } from '@aws-sdk/client-iam';
import type { DocumentRef } from '../document-ref.ts';
import { iamText, orNull, type Store } from './store.ts';

type InlinePolicy = Extract<DocumentRef, { kind: 'inline-policy' }>;
type Iam = typeof import('@aws-sdk/client-iam');

interface Calls {
  /** The middle of the calls' names: `PutRolePolicy`. */
  of: 'Role' | 'User' | 'Group';
  get(
    iam: Iam,
    client: IAMClient,
    name: string,
    policy: string,
  ): Promise<{ PolicyDocument?: string | undefined }>;
  put(iam: Iam, client: IAMClient, name: string, policy: string, text: string): Promise<unknown>;
  delete(iam: Iam, client: IAMClient, name: string, policy: string): Promise<unknown>;
}

const CALLS: Record<InlinePolicy['holder']['kind'], Calls> = {
  role: {
    of: 'Role',
    get: (iam, client, RoleName, PolicyName) =>
      client.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName })),
    put: (iam, client, RoleName, PolicyName, PolicyDocument) =>
      client.send(new iam.PutRolePolicyCommand({ RoleName, PolicyName, PolicyDocument })),
    delete: (iam, client, RoleName, PolicyName) =>
      client.send(new iam.DeleteRolePolicyCommand({ RoleName, PolicyName })),
  },
  user: {
    of: 'User',
    get: (iam, client, UserName, PolicyName) =>
      client.send(new iam.GetUserPolicyCommand({ UserName, PolicyName })),
    put: (iam, client, UserName, PolicyName, PolicyDocument) =>
      client.send(new iam.PutUserPolicyCommand({ UserName, PolicyName, PolicyDocument })),
    delete: (iam, client, UserName, PolicyName) =>
      client.send(new iam.DeleteUserPolicyCommand({ UserName, PolicyName })),
  },
  group: {
    of: 'Group',
    get: (iam, client, GroupName, PolicyName) =>
      client.send(new iam.GetGroupPolicyCommand({ GroupName, PolicyName })),
    put: (iam, client, GroupName, PolicyName, PolicyDocument) =>
      client.send(new iam.PutGroupPolicyCommand({ GroupName, PolicyName, PolicyDocument })),
    delete: (iam, client, GroupName, PolicyName) =>
      client.send(new iam.DeleteGroupPolicyCommand({ GroupName, PolicyName })),
  },
};

export const INLINE_POLICY: Store<InlinePolicy> = {
  reads: ({ holder }) => `iam:Get${CALLS[holder.kind].of}Policy`,
  writes: ({ holder }, text) => `iam:${text === null ? 'Delete' : 'Put'}${CALLS[holder.kind].of}Policy`,
  async read({ clients, region }, { holder, policy }) {
    const iam = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    const call = CALLS[holder.kind].get(iam, client, holder.name, policy);
    const answer = await orNull(call, 'NoSuchEntity', 'NoSuchEntityException');
    return answer?.PolicyDocument === undefined ? null : decodeURIComponent(answer.PolicyDocument);
  },
  async write({ clients, region }, { holder, policy }, text) {
    const iam = await import('@aws-sdk/client-iam');
    const client = await clients.iam(region);
    const calls = CALLS[holder.kind];
    if (text === null)
      await orNull(calls.delete(iam, client, holder.name, policy), 'NoSuchEntity', 'NoSuchEntityException');
    else await calls.put(iam, client, holder.name, policy, iamText(text));
  },
};
