import type { RoleRecord, UserRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import { encodePercent } from '../../wire/message.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireDocument, requireInlineSize } from './documents.ts';
import { limitExceeded, noSuchEntity } from './errors.ts';
import { requirePolicy } from './managed-policies.ts';
import { requireName } from './names.ts';
import { pageOf } from './pages.ts';
import { requireRole } from './roles.ts';
import { requireUser } from './users.ts';

/** Inline and attached policies of users and roles: the same for both. */
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

  PutRolePolicy: (input, call) => putInline(role(input, call), input.PolicyName!, input.PolicyDocument!),
  GetRolePolicy: (input, call) => ({
    RoleName: input.RoleName,
    ...getInline(role(input, call), input.PolicyName!),
  }),
  ListRolePolicies: (input, call) => listInline(role(input, call), input),
  DeleteRolePolicy: (input, call) => deleteInline(role(input, call), input.PolicyName!),
  AttachRolePolicy: (input, call) => attach(role(input, call), input.PolicyArn!, call),
  DetachRolePolicy: (input, call) => detach(role(input, call), input.PolicyArn!),
  ListAttachedRolePolicies: (input, call) => listAttached(role(input, call), input, call),
};

interface Entity {
  kind: 'user' | 'role';
  name: string;
  inline: Readonly<Record<string, string>>;
  attached: readonly string[];
  change(policies: Partial<Pick<UserRecord, 'inline' | 'attached'>>): void;
}

function user(input: { UserName: string | undefined }, call: Call): Entity {
  const record: UserRecord = requireUser(input.UserName!, call);
  const key = entityKey(record.account, record.name);
  return {
    kind: 'user',
    ...record,
    change: (policies) => call.store.users.set(key, { ...record, ...policies }),
  };
}

function role(input: { RoleName: string | undefined }, call: Call): Entity {
  const record: RoleRecord = requireRole(input.RoleName!, call);
  const key = entityKey(record.account, record.name);
  return {
    kind: 'role',
    ...record,
    change: (policies) => call.store.roles.set(key, { ...record, ...policies }),
  };
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

function listInline(entity: Entity, input: Parameters<typeof pageOf>[1]) {
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

function attach(entity: Entity, arn: string, call: Call): Record<string, never> {
  requirePolicy(arn, call);
  if (entity.attached.includes(arn)) return {};
  if (entity.attached.length >= ATTACHED_LIMIT) {
    const quota = entity.kind === 'user' ? 'PoliciesPerUser' : 'PoliciesPerRole';
    throw limitExceeded(`Cannot exceed quota for ${quota}: ${ATTACHED_LIMIT}`);
  }
  entity.change({ attached: [...entity.attached, arn] });
  return {};
}

function detach(entity: Entity, arn: string): Record<string, never> {
  if (!entity.attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  entity.change({ attached: entity.attached.filter((attached) => attached !== arn) });
  return {};
}

function listAttached(
  entity: Entity,
  input: Parameters<typeof pageOf>[1] & { PathPrefix?: string | undefined },
  call: Call,
) {
  const policies = entity.attached
    .flatMap((arn) => call.store.findPolicy(arn) ?? [])
    .filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
  const { page, more } = pageOf(policies, input);
  const attached = page.map((policy) => ({
    PolicyName: policy.name,
    PolicyArn: `arn:aws:iam::${policy.account}:policy${policy.path}${policy.name}`,
  }));
  return { AttachedPolicies: attached, ...more };
}
