import { iamArn } from '../../store/arns.ts';
import type { RoleRecord, TagRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import { encodePercent } from '../../wire/message.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireTrustPolicy } from './documents.ts';
import { deleteConflict, entityExists, invalidValue, noSuchEntity } from './errors.ts';
import { newId, requireName, requirePath } from './names.ts';
import { pageOf } from './pages.ts';

const HOUR = 3600;

export const roleHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateRole(input, call) {
    const name = input.RoleName!;
    requireName('roleName', name, 64);
    if (input.PermissionsBoundary !== undefined)
      throw new AwsError('NotImplemented', 'The sandbox does not implement PermissionsBoundary.', {
        status: 501,
      });
    const key = entityKey(call.caller.account, name);
    if (call.store.roles.has(key)) throw entityExists(`Role with name ${name} already exists.`);
    requireTrustPolicy(input.AssumeRolePolicyDocument!, call);
    const role: RoleRecord = {
      account: call.caller.account,
      name,
      path: requirePath(input.Path),
      id: newId('AROA'),
      created: call.clock.now(),
      trust: input.AssumeRolePolicyDocument!,
      ...(input.Description !== undefined && { description: input.Description }),
      maxSessionDuration: requireDuration(input.MaxSessionDuration),
      tags: (input.Tags ?? []) as TagRecord[],
      inline: {},
      attached: [],
    };
    call.store.roles.set(key, role);
    return { Role: describeRole(role) };
  },

  GetRole(input, call) {
    return { Role: describeRole(requireRole(input.RoleName!, call)) };
  },

  ListRoles(input, call) {
    const prefix = input.PathPrefix ?? '/';
    const roles = [...call.store.roles.values()]
      .filter(({ account, path }) => account === call.caller.account && path.startsWith(prefix))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const { page, more } = pageOf(roles, input);
    return { Roles: page.map((role) => describeRole(role)), ...more };
  },

  UpdateRole(input, call) {
    const role = requireRole(input.RoleName!, call);
    call.store.roles.set(entityKey(role.account, role.name), {
      ...role,
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.MaxSessionDuration !== undefined && {
        maxSessionDuration: requireDuration(input.MaxSessionDuration),
      }),
    });
    return {};
  },

  UpdateAssumeRolePolicy(input, call) {
    const role = requireRole(input.RoleName!, call);
    requireTrustPolicy(input.PolicyDocument!, call);
    call.store.roles.set(entityKey(role.account, role.name), { ...role, trust: input.PolicyDocument! });
    return {};
  },

  DeleteRole(input, call) {
    const role = requireRole(input.RoleName!, call);
    if (Object.keys(role.inline).length > 0)
      throw deleteConflict('Cannot delete entity, must delete policies first.');
    if (role.attached.length > 0)
      throw deleteConflict('Cannot delete entity, must detach all policies first.');
    call.store.roles.delete(entityKey(role.account, role.name));
    return {};
  },
};

export function requireRole(name: string, call: Call): RoleRecord {
  const role = call.store.roles.get(entityKey(call.caller.account, name));
  if (role) return role;
  throw noSuchEntity(`The role with name ${name} cannot be found.`);
}

/** One to twelve hours. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
function requireDuration(seconds: number = HOUR): number {
  if (!Number.isInteger(seconds) || seconds < HOUR)
    throw invalidValue(
      'maxSessionDuration',
      String(seconds),
      'Member must have value greater than or equal to 3600',
    );
  if (seconds > 12 * HOUR)
    throw invalidValue(
      'maxSessionDuration',
      String(seconds),
      'Member must have value less than or equal to 43200',
    );
  return seconds;
}

function describeRole(role: RoleRecord) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: iamArn('role', role.account, role.path, role.name),
    CreateDate: new Date(role.created),
    // Percent-encoded, as IAM returns every document.
    AssumeRolePolicyDocument: encodePercent(role.trust),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionDuration,
    ...(role.tags.length > 0 && { Tags: role.tags }),
  };
}
