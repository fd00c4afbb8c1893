import { iamArn } from '../../store/arns.ts';
import type { GroupRecord, UserRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireNoPolicies } from './deletion.ts';
import { entitiesOf, underPath } from './entities.ts';
import { deleteConflict, entityExists, limitExceeded, noSuchEntity } from './errors.ts';
import { newId, requireName, requirePath } from './names.ts';
import { byName, pageOf } from './pages.ts';
import { describeUser, requireUser, saveUser } from './users.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const GROUPS_PER_USER = 10;

export const groupHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateGroup(input, call) {
    const group: GroupRecord = {
      account: call.caller.account,
      name: input.GroupName!,
      path: requirePath(input.Path),
      id: newId('AGPA'),
      created: call.clock.now(),
      inline: {},
      attached: [],
    };
    requireFreeName(group.name, call);
    saveGroup(group, call);
    return { Group: describeGroup(group) };
  },

  GetGroup(input, call) {
    const group = requireGroup(input.GroupName!, call);
    const { page, more } = pageOf(membersOf(group, call), input);
    return { Group: describeGroup(group), Users: page.map((user) => describeUser(user)), ...more };
  },

  ListGroups(input, call) {
    const groups = underPath(entitiesOf(call.store.groups, call.caller.account), input.PathPrefix);
    const { page, more } = pageOf(groups, input);
    return { Groups: page.map((group) => describeGroup(group)), ...more };
  },

  UpdateGroup(input, call) {
    const group = requireGroup(input.GroupName!, call);
    const name = input.NewGroupName ?? group.name;
    if (name.toLowerCase() !== group.name.toLowerCase()) requireFreeName(name, call);
    const path = input.NewPath === undefined ? group.path : requirePath(input.NewPath);
    // As the SDK's model says, both names need the permission.
    call.requireAlso('UpdateGroup', { GroupName: name, Path: path });
    call.store.groups.delete(entityKey(group.account, group.name));
    saveGroup({ ...group, name, path }, call);
    return {};
  },

  DeleteGroup(input, call) {
    const group = requireGroup(input.GroupName!, call);
    if (membersOf(group, call).length > 0)
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    requireNoPolicies(group);
    call.store.groups.delete(entityKey(group.account, group.name));
    return {};
  },

  AddUserToGroup(input, call) {
    const group = requireGroup(input.GroupName!, call);
    const user = requireUser(input.UserName!, call);
    const groups = user.groups ?? [];
    if (groups.includes(group.id)) return {};
    if (groups.length >= GROUPS_PER_USER)
      throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${GROUPS_PER_USER}`);
    saveUser({ ...user, groups: [...groups, group.id] }, call);
    return {};
  },

  RemoveUserFromGroup(input, call) {
    const group = requireGroup(input.GroupName!, call);
    const user = requireUser(input.UserName!, call);
    const groups = (user.groups ?? []).filter((id) => id !== group.id);
    if (groups.length === (user.groups ?? []).length)
      throw noSuchEntity(
        `The user with name ${user.name} cannot be found in the group with name ${group.name}.`,
      );
    saveUser({ ...user, groups }, call);
    return {};
  },

  ListGroupsForUser(input, call) {
    const user = requireUser(input.UserName!, call);
    const groups = (user.groups ?? []).flatMap((id) => call.store.groups.byId(id) ?? []).toSorted(byName);
    const { page, more } = pageOf(groups, input);
    return { Groups: page.map((group) => describeGroup(group)), ...more };
  },
};

export function requireGroup(name: string, call: Call): GroupRecord {
  const group = call.store.groups.get(entityKey(call.caller.account, name));
  if (group) return group;
  throw noSuchEntity(`The group with name ${name} cannot be found.`);
}

function requireFreeName(name: string, call: Call): void {
  requireName('groupName', name, 128);
  if (call.store.groups.has(entityKey(call.caller.account, name)))
    throw entityExists(`Group with name ${name} already exists.`);
}

function membersOf({ account, id }: GroupRecord, { store }: Call): UserRecord[] {
  return entitiesOf(store.users, account).filter(({ groups }) => groups?.includes(id));
}

export function saveGroup(group: GroupRecord, call: Call): void {
  call.store.groups.set(entityKey(group.account, group.name), group);
}

export function describeGroup(group: GroupRecord) {
  return {
    Path: group.path,
    GroupName: group.name,
    GroupId: group.id,
    Arn: iamArn('group', group.account, group.path, group.name),
    CreateDate: new Date(group.created),
  };
}
