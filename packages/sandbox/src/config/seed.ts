import { createHash } from 'node:crypto';
import { newAccessKeyId, newId, newSecret } from '../services/iam/names.ts';
import type { AccessKeyRecord } from '../store/records.ts';
import { entityKey, type Store } from '../store/store.ts';
import type { AccountConfig, SandboxConfig } from './config.ts';

/** Puts the accounts of a config into the store. What an earlier start has put there is kept, keys included. */
export function seed(store: Store, config: SandboxConfig, now: number): void {
  for (const account of config.accounts) seedAccount(store, account, now);
}

function seedAccount(store: Store, account: AccountConfig, now: number): void {
  const { id, root, users = [] } = account;
  const { disabledRegions: _, ...existing } = store.accounts.get(id) ?? {};
  store.accounts.set(id, {
    created: now,
    ...existing,
    id,
    name: account.name ?? id,
    canonicalId: canonicalIdOf(id),
    ...(account.disabledRegions && { disabledRegions: account.disabledRegions }),
  });
  seedKey(store, id, undefined, root, now);
  for (const user of users) {
    const key = entityKey(id, user.name);
    const inline = Object.fromEntries(
      Object.entries(user.policies ?? {}).map(([name, document]) => [name, JSON.stringify(document)]),
    );
    const existing = store.users.get(key);
    store.users.set(key, {
      account: id,
      name: user.name,
      path: '/',
      id: newId('AIDA'),
      created: now,
      tags: [],
      attached: [],
      ...existing,
      inline: { ...existing?.inline, ...inline },
    });
    const { accessKeyId, secretAccessKey } = user;
    const given =
      accessKeyId !== undefined && secretAccessKey !== undefined
        ? { accessKeyId, secretAccessKey }
        : undefined;
    seedKey(store, id, user.name, given, now);
  }
}

/** Gives a key to each account root that has none. */
export function seedRootKeys(store: Store, now: number): void {
  for (const { id } of store.accounts.values()) seedKey(store, id, undefined, undefined, now);
}

function seedKey(
  store: Store,
  account: string,
  user: string | undefined,
  given: { accessKeyId: string; secretAccessKey: string } | undefined,
  now: number,
): void {
  if (!given && findKey(store, account, user)) return;
  const { accessKeyId, secretAccessKey } = given ?? {
    accessKeyId: newAccessKeyId('AKIA', account),
    secretAccessKey: newSecret(),
  };
  store.accessKeys.set(accessKeyId, {
    id: accessKeyId,
    secret: secretAccessKey,
    account,
    ...(user !== undefined && { user }),
    status: 'Active',
    created: now,
  });
}

/** A key of an account's root, or of one of its users; the latest of several. */
export function findKey(store: Store, account: string, user?: string): AccessKeyRecord | undefined {
  let latest: AccessKeyRecord | undefined;
  for (const key of store.accessKeys.values()) {
    if (key.account !== account || key.user !== user || key.status !== 'Active') continue;
    if (!latest || key.created >= latest.created) latest = key;
  }
  return latest;
}

/** S3's id of an account: 64 hexadecimal digits, the same at every start. */
export function canonicalIdOf(account: string): string {
  return createHash('sha256').update(`canonical user of ${account}`).digest('hex');
}
