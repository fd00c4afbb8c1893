import { iamArn } from '../../store/arns.ts';
import { principalIdsOf, textNow } from '../../store/principal-ids.ts';
import type { RoleRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import { encodePercent } from '../../wire/message.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { invalidValue } from '../validation.ts';
import { requireNoPolicies } from './deletion.ts';
import { requireTrustPolicy } from './documents.ts';
import { entitiesOf, underPath } from './entities.ts';
import { deleteConflict, entityExists, noSuchEntity } from './errors.ts';
import { describeBoundary, requireBoundary } from './managed-policies.ts';
import { newId, requireDescription, requireName, requirePath } from './names.ts';
import { pageOf } from './pages.ts';
import { readTags } from './tag-sets.ts';

const HOUR = 3600;

export const roleHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateRole(input, call) {
    const name = input.RoleName!;
    requireName('roleName', name, 64);
    const key = entityKey(call.caller.account, name);
    if (call.store.roles.has(key)) throw entityExists(`Role with name ${name} already exists.`);
    const role: RoleRecord = {
      account: call.caller.account,
      name,
      path: requirePath(input.Path),
      id: newId('AROA'),
      created: call.clock.now(),
      ...trustOf(input.AssumeRolePolicyDocument!, call),
      ...(input.Description !== undefined && { description: requireDescription(input.Description) }),
      ...(input.PermissionsBoundary !== undefined && {
        boundary: requireBoundary(input.PermissionsBoundary, call),
      }),
      maxSessionDuration: requireDuration(input.MaxSessionDuration),
      tags: readTags(input.Tags),
      inline: {},
      attached: [],
    };
    if (isServiceLinked(role))
      throw invalidValue(
        'path',
        role.path,
        'The path /aws-service-role/ is reserved for service-linked roles.',
      );
    saveRole(role, call);
    return { Role: describeWholeRole(role, call) };
  },

  GetRole: (input, call) => ({ Role: describeWholeRole(requireRole(input.RoleName!, call), call) }),

  ListRoles(input, call) {
    const roles = underPath(entitiesOf(call.store.roles, call.caller.account), input.PathPrefix);
    const { page, more } = pageOf(roles, input);
    return { Roles: page.map((role) => describeRole(role, call)), ...more };
  },

  UpdateRole(input, call) {
    const role = requireModifiableRole(input.RoleName!, call);
    saveRole(
      {
        ...role,
        ...(input.Description !== undefined && { description: requireDescription(input.Description) }),
        // Left out, the setting goes back to an hour: so says the SDK's model.
        maxSessionDuration: requireDuration(input.MaxSessionDuration),
      },
      call,
    );
    return {};
  },

  UpdateRoleDescription(input, call) {
    const role = requireRole(input.RoleName!, call);
    const changed = { ...role, description: requireDescription(input.Description!) };
    saveRole(changed, call);
    return { Role: describeWholeRole(changed, call) };
  },

  UpdateAssumeRolePolicy(input, call) {
    const { trustPrincipals: _, ...role } = requireModifiableRole(input.RoleName!, call);
    saveRole({ ...role, ...trustOf(input.PolicyDocument!, call) }, call);
    return {};
  },

  DeleteRole(input, call) {
    const role = requireModifiableRole(input.RoleName!, call);
    requireNoPolicies(role);
    const profiles = entitiesOf(call.store.instanceProfiles, role.account);
    if (profiles.some((profile) => profile.role === role.name))
      throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
    call.store.roles.delete(entityKey(role.account, role.name));
    return {};
  },
};

export function requireRole(name: string, call: Call): RoleRecord {
  const role = call.store.roles.get(entityKey(call.caller.account, name));
  if (role) return role;
  throw noSuchEntity(`The role with name ${name} cannot be found.`);
}

/** A role that its account may change: a service-linked one is its service's. */
export function requireModifiableRole(name: string, call: Call): RoleRecord {
  const role = requireRole(name, call);
  if (!isServiceLinked(role)) return role;
  throw new AwsError(
    'UnmodifiableEntity',
    `Cannot perform the operation on the protected role '${role.name}' - this role is only modifiable by AWS`,
  );
}

export function isServiceLinked({ path }: RoleRecord): boolean {
  return path.startsWith('/aws-service-role/');
}

export function saveRole(role: RoleRecord, call: Call): void {
  call.store.roles.set(entityKey(role.account, role.name), role);
}

function trustOf(text: string, call: Call): Pick<RoleRecord, 'trust' | 'trustPrincipals'> {
  const trustPrincipals = principalIdsOf(requireTrustPolicy(text, call), call.store);
  return { trust: text, ...(trustPrincipals && { trustPrincipals }) };
}

/** One to twelve hours. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
function requireDuration(seconds: number = HOUR): number {
  const refuse = (constraint: string): AwsError =>
    invalidValue('maxSessionDuration', String(seconds), constraint);
  if (!Number.isInteger(seconds) || seconds < HOUR)
    throw refuse('Member must have value greater than or equal to 3600');
  if (seconds > 12 * HOUR) throw refuse('Member must have value less than or equal to 43200');
  return seconds;
}

/** As listings show a role: the SDK's model says that they leave out tags, boundary and last use. */
export function describeRole(role: RoleRecord, { store }: Call) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: iamArn('role', role.account, role.path, role.name),
    CreateDate: new Date(role.created),
    // Percent-encoded, as IAM returns every document.
    AssumeRolePolicyDocument: encodePercent(textNow(role.trust, role.trustPrincipals, store)),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionDuration,
  };
}

export function describeWholeRole(role: RoleRecord, call: Call) {
  const used = call.lastUses.get(role.id);
  return {
    ...describeRole(role, call),
    ...describeBoundary(role),
    ...(role.tags.length > 0 && { Tags: role.tags }),
    RoleLastUsed: used ? { LastUsedDate: new Date(used.time), Region: used.region } : {},
  };
}
