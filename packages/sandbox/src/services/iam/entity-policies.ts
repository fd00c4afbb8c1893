import type { GroupRecord, RoleRecord, UserRecord } from '../../store/records.ts';
import { encodePercent } from '../../wire/message.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireDocument, requireInlineSize } from './documents.ts';
import { limitExceeded, noSuchEntity } from './errors.ts';
import { requireGroup, saveGroup } from './groups.ts';
import { arnOf, requirePolicy } from './managed-policies.ts';
import { requireName } from './names.ts';
import { pageOf, type PageInput } from './pages.ts';
import { requireModifiableRole, requireRole, saveRole } from './roles.ts';
import { requireUser, saveUser } from './users.ts';

/** Inline and attached policies of users, roles and groups: the same for all. */
export const entityPolicyHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  PutUserPolicy: (input, call) => putInline(user(input, call), input.PolicyName!, input.PolicyDocument!),
  GetUserPolicy: (input, call) => ({
    UserName: input.UserName,
    ...getInline(user(input, call), input.PolicyName!),
  }),
  ListUserPolicies: (input, call) => listInline(user(input, call), input),
  DeleteUserPolicy: (input, call) => deleteInline(user(input, call), input.PolicyName!),
  AttachUserPolicy: (input, call) => attach(user(input, call), input.PolicyArn!, call),
  DetachUserPolicy: (input, call) => detach(user(input, call), input.PolicyArn!),
  ListAttachedUserPolicies: (input, call) => listAttached(user(input, call), input, call),

  PutRolePolicy: (input, call) =>
    putInline(modifiableRole(input, call), input.PolicyName!, input.PolicyDocument!),
  GetRolePolicy: (input, call) => ({
    RoleName: input.RoleName,
    ...getInline(role(input, call), input.PolicyName!),
  }),
  ListRolePolicies: (input, call) => listInline(role(input, call), input),
  DeleteRolePolicy: (input, call) => deleteInline(modifiableRole(input, call), input.PolicyName!),
  AttachRolePolicy: (input, call) => attach(modifiableRole(input, call), input.PolicyArn!, call),
  DetachRolePolicy: (input, call) => detach(modifiableRole(input, call), input.PolicyArn!),
  ListAttachedRolePolicies: (input, call) => listAttached(role(input, call), input, call),

  PutGroupPolicy: (input, call) => putInline(group(input, call), input.PolicyName!, input.PolicyDocument!),
  GetGroupPolicy: (input, call) => ({
    GroupName: input.GroupName,
    ...getInline(group(input, call), input.PolicyName!),
  }),
  ListGroupPolicies: (input, call) => listInline(group(input, call), input),
  DeleteGroupPolicy: (input, call) => deleteInline(group(input, call), input.PolicyName!),
  AttachGroupPolicy: (input, call) => attach(group(input, call), input.PolicyArn!, call),
  DetachGroupPolicy: (input, call) => detach(group(input, call), input.PolicyArn!),
  ListAttachedGroupPolicies: (input, call) => listAttached(group(input, call), input, call),
};

interface Entity {
  kind: 'user' | 'role' | 'group';
  name: string;
  inline: Readonly<Record<string, string>>;
  attached: readonly string[];
  change(policies: Partial<Pick<UserRecord, 'inline' | 'attached'>>): void;
}

function user(input: { UserName: string | undefined }, call: Call): Entity {
  const record: UserRecord = requireUser(input.UserName!, call);
  return { kind: 'user', ...record, change: (policies) => saveUser({ ...record, ...policies }, call) };
}

function role(input: { RoleName: string | undefined }, call: Call): Entity {
  return entityOf(requireRole(input.RoleName!, call), call);
}

function modifiableRole(input: { RoleName: string | undefined }, call: Call): Entity {
  return entityOf(requireModifiableRole(input.RoleName!, call), call);
}

function entityOf(record: RoleRecord, call: Call): Entity {
  return { kind: 'role', ...record, change: (policies) => saveRole({ ...record, ...policies }, call) };
}

function group(input: { GroupName: string | undefined }, call: Call): Entity {
  const record: GroupRecord = requireGroup(input.GroupName!, call);
  return { kind: 'group', ...record, change: (policies) => saveGroup({ ...record, ...policies }, call) };
}

function putInline(entity: Entity, name: string, document: string): Record<string, never> {
  requireName('policyName', name, 128);
  requireDocument(document, 'identity');
  const inline = { ...entity.inline, [name]: document };
  requireInlineSize(inline, entity);
  entity.change({ inline });
  return {};
}

function getInline(entity: Entity, name: string): { PolicyName: string; PolicyDocument: string } {
  return { PolicyName: name, PolicyDocument: encodePercent(requireInline(entity, name)) };
}

function listInline(entity: Entity, input: PageInput) {
  const { page, more } = pageOf(Object.keys(entity.inline).toSorted(), input);
  return { PolicyNames: page, ...more };
}

function deleteInline(entity: Entity, name: string): Record<string, never> {
  requireInline(entity, name);
  const { [name]: _deleted, ...inline } = entity.inline;
  entity.change({ inline });
  return {};
}

function requireInline(entity: Entity, name: string): string {
  const document = Object.hasOwn(entity.inline, name) ? entity.inline[name] : undefined;
  if (document !== undefined) return document;
  throw noSuchEntity(`The ${entity.kind} policy with name ${name} cannot be found.`);
}

const ATTACHED_LIMIT = 10;
const QUOTAS = { user: 'PoliciesPerUser', role: 'PoliciesPerRole', group: 'PoliciesPerGroup' } as const;

function attach(entity: Entity, arn: string, call: Call): Record<string, never> {
  requirePolicy(arn, call);
  if (entity.attached.includes(arn)) return {};
  if (entity.attached.length >= ATTACHED_LIMIT) {
    throw limitExceeded(`Cannot exceed quota for ${QUOTAS[entity.kind]}: ${ATTACHED_LIMIT}`);
  }
  entity.change({ attached: [...entity.attached, arn] });
  return {};
}

function detach(entity: Entity, arn: string): Record<string, never> {
  if (!entity.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  entity.change({ attached: entity.attached.filter((attached) => attached !== arn) });
  return {};
}

function listAttached(entity: Entity, input: PageInput & { PathPrefix?: string | undefined }, call: Call) {
  const policies = entity.attached
    .flatMap((arn) => call.store.findPolicy(arn) ?? [])
    .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
  const { page, more } = pageOf(policies, input);
  const attached = page.map((policy) => ({
    PolicyName: policy.name,
    PolicyArn: arnOf(policy),
  }));
  return { AttachedPolicies: attached, ...more };
}
