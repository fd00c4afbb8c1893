import { iamArn } from '../../store/arns.ts';
import type { TagRecord, UserRecord } from '../../store/records.ts';
import { entityKey } from '../../store/store.ts';
import type { Call, HandlersOf } from '../service.ts';
import { deleteConflict, entityExists, noSuchEntity } from './errors.ts';
import { newId, requireName, requirePath } from './names.ts';
import { pageOf } from './pages.ts';

type Handlers = HandlersOf<typeof import('@aws-sdk/client-iam')>;

export const userHandlers: Handlers = {
  CreateUser(input, call) {
    const name = input.UserName!;
    requireName('userName', name, 64);
    const key = entityKey(call.caller.account, name);
    if (call.store.users.has(key)) throw entityExists(`User with name ${name} already exists.`);
    const user: UserRecord = {
      account: call.caller.account,
      name,
      path: requirePath(input.Path),
      id: newId('AIDA'),
      created: call.clock.now(),
      tags: (input.Tags ?? []) as TagRecord[],
      inline: {},
      attached: [],
    };
    call.store.users.set(key, user);
    return { User: describeUser(user) };
  },

  GetUser(input, call) {
    if (input.UserName === undefined && call.caller.kind === 'root')
      return {
        User: {
          UserId: call.caller.account,
          Arn: call.caller.arn,
          CreateDate: new Date(0),
          Path: undefined,
          UserName: undefined,
        },
      };
    return { User: describeUser(requireUser(input.UserName ?? call.caller.userName ?? '', call)) };
  },

  ListUsers(input, call) {
    const prefix = input.PathPrefix ?? '/';
    const users = [...call.store.users.values()]
      .filter(({ account, path }) => account === call.caller.account && path.startsWith(prefix))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const { page, more } = pageOf(users, input);
    return { Users: page.map((user) => describeUser(user)), ...more };
  },

  DeleteUser(input, call) {
    const user = requireUser(input.UserName!, call);
    if (Object.keys(user.inline).length > 0)
      throw deleteConflict('Cannot delete entity, must delete policies first.');
    if (user.attached.length > 0)
      throw deleteConflict('Cannot delete entity, must detach all policies first.');
    const keys = [...call.store.accessKeys.values()];
    if (keys.some((key) => key.account === user.account && key.user === user.name))
      throw deleteConflict('Cannot delete entity, must delete access keys first.');
    call.store.users.delete(entityKey(user.account, user.name));
    return {};
  },
};

export function requireUser(name: string, call: Call): UserRecord {
  const user = call.store.users.get(entityKey(call.caller.account, name));
  if (user) return user;
  throw noSuchEntity(`The user with name ${name} cannot be found.`);
}

function describeUser(user: UserRecord) {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: iamArn('user', user.account, user.path, user.name),
    CreateDate: new Date(user.created),
    ...(user.tags.length > 0 && { Tags: user.tags }),
  };
}
