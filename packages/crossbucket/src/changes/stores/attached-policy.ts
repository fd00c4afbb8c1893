import type { IAMClient } from '@aws-sdk/client-iam';
import type { PolicyDocument } from '@crossbucket/policy';
import { canonicalText } from '../canonical.ts';
import { ChangeError } from '../change-error.ts';
import type { DocumentRef } from '../document-ref.ts';
import { MANAGED_POLICY } from './managed-policy.ts';
import { iamText, orNull, type Store } from './store.ts';

type AttachedPolicy = Extract<DocumentRef, { kind: 'attached-policy' }>;
type Iam = typeof import('@aws-sdk/client-iam');

const NONE = ['NoSuchEntity', 'NoSuchEntityException'];

/** A managed policy of ours together with its being attached: what does not fit into inline policies any more. */
export const ATTACHED_POLICY: Store<AttachedPolicy> = {
  reads: ({ holder }) => `iam:ListAttached${OF[holder.kind]}Policies`,
  writes: (_, text) => (text === null ? 'iam:DeletePolicy' : 'iam:CreatePolicy'),
  async read(connection, { account, arn, holder }) {
    const iam = await import('@aws-sdk/client-iam');
    const client = await connection.clients.iam(connection.region);
    if (!(await attachedTo(iam, client, holder)).includes(arn)) return null;
    return MANAGED_POLICY.read(connection, { account, kind: 'managed-policy', arn });
  },
  async write(connection, { account, arn, holder }, text, current) {
    const iam = await import('@aws-sdk/client-iam');
    const client = await connection.clients.iam(connection.region);
    const managed = { account, kind: 'managed-policy', arn } as const;
    if (text === null) {
      await orNull(CALLS[holder.kind].detach(iam, client, holder.name, arn), ...NONE);
      await orNull(client.send(new iam.DeletePolicyCommand({ PolicyArn: arn })), ...NONE);
      return;
    }
    const known = current ?? (await MANAGED_POLICY.read(connection, managed));
    if (current === null && known !== null && textOf(known) !== textOf(text)) throw taken(account, arn);
    if (known === null)
      await client.send(
        new iam.CreatePolicyCommand({ PolicyName: arn.split('/').at(-1)!, PolicyDocument: iamText(text) }),
      );
    else if (known !== text) await MANAGED_POLICY.write(connection, managed, text, known);
    await CALLS[holder.kind].attach(iam, client, holder.name, arn);
  },
};

const textOf = (text: string): string => canonicalText(JSON.parse(text) as PolicyDocument);

/** Whoever has a policy of that name has it for something else: to write it over would change what they may do. */
const taken = (account: string, arn: string): ChangeError =>
  new ChangeError(
    'changed-since-plan',
    `account ${account} has a managed policy \`${arn}\` already, with other statements`,
    'look whose it is: remove it if nobody needs it, or write the statement by hand',
    { account, document: `managed policy ${arn}` },
  );

type Kind = AttachedPolicy['holder']['kind'];

const OF: Record<Kind, string> = { user: 'User', role: 'Role', group: 'Group' };

async function attachedTo(
  iam: Iam,
  client: IAMClient,
  { kind, name }: AttachedPolicy['holder'],
): Promise<string[]> {
  const all: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await orNull(CALLS[kind].list(iam, client, name, Marker), ...NONE);
    all.push(...(page?.AttachedPolicies ?? []).flatMap(({ PolicyArn }) => PolicyArn ?? []));
    Marker = page?.Marker;
  } while (Marker !== undefined);
  return all;
}

interface Page {
  AttachedPolicies?: { PolicyArn?: string | undefined }[] | undefined;
  Marker?: string | undefined;
}

interface Calls {
  list(iam: Iam, client: IAMClient, name: string, Marker: string | undefined): Promise<Page>;
  attach(iam: Iam, client: IAMClient, name: string, PolicyArn: string): Promise<unknown>;
  detach(iam: Iam, client: IAMClient, name: string, PolicyArn: string): Promise<unknown>;
}

const CALLS: Record<Kind, Calls> = {
  user: {
    list: (iam, client, UserName, Marker) =>
      client.send(new iam.ListAttachedUserPoliciesCommand({ UserName, Marker })),
    attach: (iam, client, UserName, PolicyArn) =>
      client.send(new iam.AttachUserPolicyCommand({ UserName, PolicyArn })),
    detach: (iam, client, UserName, PolicyArn) =>
      client.send(new iam.DetachUserPolicyCommand({ UserName, PolicyArn })),
  },
  role: {
    list: (iam, client, RoleName, Marker) =>
      client.send(new iam.ListAttachedRolePoliciesCommand({ RoleName, Marker })),
    attach: (iam, client, RoleName, PolicyArn) =>
      client.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn })),
    detach: (iam, client, RoleName, PolicyArn) =>
      client.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn })),
  },
  group: {
    list: (iam, client, GroupName, Marker) =>
      client.send(new iam.ListAttachedGroupPoliciesCommand({ GroupName, Marker })),
    attach: (iam, client, GroupName, PolicyArn) =>
      client.send(new iam.AttachGroupPolicyCommand({ GroupName, PolicyArn })),
    detach: (iam, client, GroupName, PolicyArn) =>
      client.send(new iam.DetachGroupPolicyCommand({ GroupName, PolicyArn })),
  },
};
