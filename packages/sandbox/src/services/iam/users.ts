import { iamArn } from '../../store/arns.ts';
import type { UserRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireNoPolicies } from './deletion.ts';
import { entitiesOf, underPath } from './entities.ts';
import { deleteConflict, entityExists, noSuchEntity } from './errors.ts';
import { describeBoundary, requireBoundary } from './managed-policies.ts';
import { newId, requireName, requirePath } from './names.ts';
import { pageOf } from './pages.ts';
import { readTags } from './tag-sets.ts';

type Handlers = HandlersOf<typeof import('@aws-sdk/client-iam')>;

export const userHandlers: Handlers = {
  CreateUser(input, call) {
    const name = input.UserName!;
    requireFreeName(name, call);
    const user: UserRecord = {
      account: call.caller.account,
      name,
      path: requirePath(input.Path),
      id: newId('AIDA'),
      created: call.clock.now(),
      tags: readTags(input.Tags),
      ...(input.PermissionsBoundary !== undefined && {
        boundary: requireBoundary(input.PermissionsBoundary, call),
      }),
      inline: {},
      attached: [],
    };
    saveUser(user, call);
    return { User: describeWholeUser(user) };
  },

  GetUser(input, call) {
    const { caller, store } = call;
    if (input.UserName !== undefined || caller.kind !== 'root')
      return { User: describeWholeUser(requireUser(userNameOf(input, call), call)) };
    const created = store.accounts.get(caller.account)?.created ?? 0;
    return {
      User: {
        UserId: caller.account,
        Arn: caller.arn,
        CreateDate: new Date(created),
        Path: undefined,
        UserName: undefined,
      },
    };
  },

  ListUsers(input, call) {
    const users = underPath(entitiesOf(call.store.users, call.caller.account), input.PathPrefix);
    const { page, more } = pageOf(users, input);
    return { Users: page.map((user) => describeUser(user)), ...more };
  },

  UpdateUser(input, call) {
    const user = requireUser(input.UserName!, call);
    const name = input.NewUserName ?? user.name;
    if (name.toLowerCase() !== user.name.toLowerCase()) requireFreeName(name, call);
    const path = input.NewPath === undefined ? user.path : requirePath(input.NewPath);
    // As the SDK's model says, both names need the permission.
    call.requireAlso('UpdateUser', { UserName: name, Path: path });
    const { store } = call;
    const keys = accessKeysOf(user, call);
    const devices = mfaDevicesOf(user, call);
    store.users.delete(entityKey(user.account, user.name));
    saveUser({ ...user, name, path }, call);
    for (const key of keys) store.accessKeys.set(key.id, { ...key, user: name });
    for (const device of devices) store.mfaDevices.set(device.serial, { ...device, user: name });
    return {};
  },

  DeleteUser(input, call) {
    const user = requireUser(input.UserName!, call);
    requireNoPolicies(user);
    if (accessKeysOf(user, call).length > 0)
      throw deleteConflict('Cannot delete entity, must delete access keys first.');
    if (mfaDevicesOf(user, call).length > 0)
      throw deleteConflict('Cannot delete entity, must delete MFA device first.');
    if ((user.groups ?? []).length > 0)
      throw deleteConflict('Cannot delete entity, must remove users from group first.');
    call.store.users.delete(entityKey(user.account, user.name));
    return {};
  },
};

export function requireUser(name: string, call: Call): UserRecord {
  const user = call.store.users.get(entityKey(call.caller.account, name));
  if (user) return user;
  throw noSuchEntity(`The user with name ${name} cannot be found.`);
}

/** The user that an input names, or the caller. */
export function userNameOf({ UserName }: { UserName?: string | undefined }, { caller }: Call): string {
  const name = UserName ?? caller.userName;
  if (name !== undefined) return name;
  throw new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials');
}

export function saveUser(user: UserRecord, call: Call): void {
  call.store.users.set(entityKey(user.account, user.name), user);
}

function requireFreeName(name: string, call: Call): void {
  requireName('userName', name, 64);
  if (call.store.users.has(entityKey(call.caller.account, name)))
    throw entityExists(`User with name ${name} already exists.`);
}

function accessKeysOf({ account, name }: UserRecord, { store }: Call) {
  return [...store.accessKeys.values()].filter((key) => key.account === account && key.user === name);
}

function mfaDevicesOf({ account, name }: UserRecord, { store }: Call) {
  return [...store.mfaDevices.values()].filter(
    (device) => device.account === account && device.user === name,
  );
}

/** As listings show a user: the SDK's model says that they leave out tags and boundary. */
export function describeUser(user: UserRecord) {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: iamArn('user', user.account, user.path, user.name),
    CreateDate: new Date(user.created),
  };
}

function describeWholeUser(user: UserRecord) {
  return {
    ...describeUser(user),
    ...describeBoundary(user),
    ...(user.tags.length > 0 && { Tags: user.tags }),
  };
}
