import type { AccessKeyRecord } from '../../store/records.ts';
import type { Call, HandlersOf } from '../service.ts';
import { invalidValue } from '../validation.ts';
import { limitExceeded, noSuchEntity } from './errors.ts';
import { newAccessKeyId, newSecret } from './names.ts';
import { pageOf } from './pages.ts';
import { requireUser, userNameOf } from './users.ts';

const KEYS_PER_USER = 2;

export const accessKeyHandlers: HandlersOf<typeof import('@aws-sdk/client-iam')> = {
  CreateAccessKey(input, call) {
    const user = userOf(input.UserName, call);
    if (keysOf(user, call).length >= KEYS_PER_USER)
      throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER}`);
    const key: AccessKeyRecord = {
      id: newAccessKeyId('AKIA', call.caller.account),
      secret: newSecret(),
      account: call.caller.account,
      ...(user !== undefined && { user }),
      status: 'Active',
      created: call.clock.now(),
    };
    call.store.accessKeys.set(key.id, key);
    return {
      AccessKey: {
        UserName: user,
        AccessKeyId: key.id,
        Status: key.status,
        SecretAccessKey: key.secret,
        CreateDate: new Date(key.created),
      },
    };
  },

  ListAccessKeys(input, call) {
    const user = userOf(input.UserName, call);
    const { page, more } = pageOf(keysOf(user, call), input);
    return {
      AccessKeyMetadata: page.map((key) => ({
        UserName: user,
        AccessKeyId: key.id,
        Status: key.status,
        CreateDate: new Date(key.created),
      })),
      ...more,
    };
  },

  UpdateAccessKey(input, call) {
    const status = input.Status!;
    if (status !== 'Active' && status !== 'Inactive')
      throw invalidValue('status', status, 'Member must satisfy enum value set: [Active, Inactive, Expired]');
    const key = requireKey(input.AccessKeyId!, userOf(input.UserName, call), call);
    call.store.accessKeys.set(key.id, { ...key, status });
    return {};
  },

  GetAccessKeyLastUsed(input, { store, caller, lastUses }) {
    const key = store.accessKeys.get(input.AccessKeyId!);
    if (key?.account !== caller.account)
      throw noSuchEntity(`The Access Key with id ${input.AccessKeyId} cannot be found.`);
    const used = lastUses.get(key.id);
    return {
      UserName: key.user,
      AccessKeyLastUsed: {
        ...(used && { LastUsedDate: new Date(used.time) }),
        ServiceName: used?.service ?? 'N/A',
        Region: used?.region ?? 'N/A',
      },
    };
  },

  DeleteAccessKey(input, call) {
    const key = requireKey(input.AccessKeyId!, userOf(input.UserName, call), call);
    call.store.accessKeys.delete(key.id);
    return {};
  },
};

/** The user named, or the caller; nothing for the account root. */
function userOf(name: string | undefined, call: Call): string | undefined {
  if (name === undefined && call.caller.kind === 'root') return undefined;
  return requireUser(userNameOf({ UserName: name }, call), call).name;
}

function keysOf(user: string | undefined, call: Call): AccessKeyRecord[] {
  return [...call.store.accessKeys.values()].filter(
    (key) => key.account === call.caller.account && key.user === user,
  );
}

function requireKey(id: string, user: string | undefined, call: Call): AccessKeyRecord {
  const key = call.store.accessKeys.get(id);
  if (key && key.account === call.caller.account && key.user === user) return key;
  throw noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}
