import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../store/store.ts';
import { findKey } from './seed.ts';

export interface ProfileFiles {
  /** Regions, endpoints and keys: enough alone as `AWS_CONFIG_FILE`. */
  configFile: string;
  /** Keys, for `AWS_SHARED_CREDENTIALS_FILE`. */
  credentialsFile: string;
}

interface Profile {
  name: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** Writes a profile for each account root (the account's name) and user (`ACCOUNT-USER`), for every AWS tool. */
export function writeProfiles(folder: string, store: Store, endpoint: string, caFile?: string): ProfileFiles {
  const profiles = profilesOf(store);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const configFile = join(folder, 'config');
  const credentialsFile = join(folder, 'credentials');
  const config = profiles.map((profile) =>
    section(`profile ${profile.name}`, {
      region: 'us-east-1',
      endpoint_url: endpoint,
      ...(caFile !== undefined && { ca_bundle: caFile }),
      aws_access_key_id: profile.accessKeyId,
      aws_secret_access_key: profile.secretAccessKey,
    }),
  );
  const credentials = profiles.map((profile) =>
    section(profile.name, {
      aws_access_key_id: profile.accessKeyId,
      aws_secret_access_key: profile.secretAccessKey,
    }),
  );
  writeFileSync(configFile, config.join('\n'), { mode: 0o600 });
  writeFileSync(credentialsFile, credentials.join('\n'), { mode: 0o600 });
  return { configFile, credentialsFile };
}

function profilesOf(store: Store): Profile[] {
  const profiles: Profile[] = [];
  const add = (name: string, account: string, user?: string): void => {
    const key = findKey(store, account, user);
    if (key) profiles.push({ name, accessKeyId: key.id, secretAccessKey: key.secret });
  };
  for (const { id, name } of store.accounts.values()) {
    add(name, id);
    for (const user of store.users.values())
      if (user.account === id) add(`${name}-${user.name}`, id, user.name);
  }
  return profiles;
}

function section(name: string, settings: Readonly<Record<string, string>>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  return `[${name}]\n${lines.join('')}`;
}
