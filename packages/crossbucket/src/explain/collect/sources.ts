import {
  AccountError,
  AccountReader,
  connect,
  type AccountAddress,
  type AccountConnection,
} from '../../accounts/index.ts';
import type { Unknown } from '../explanation.ts';
import { addressOf, type Spec } from '../../spec/index.ts';

/** Where to read accounts from. */
export interface SourceOptions {
  spec?: Spec | undefined;
  /** Profiles to read with, besides those of the configuration. */
  profiles?: readonly string[] | undefined;
  /** Further accounts, by credentials or profile. */
  accounts?: readonly AccountAddress[] | undefined;
  /** Accounts that are connected to already: then no others are looked for. */
  connections?: readonly AccountConnection[] | undefined;
}

/** Connections to accounts, and what could not be connected to. */
export interface Sources {
  connections: AccountConnection[];
  failures: SourceFailure[];
}

export interface SourceFailure {
  /** Twelve digits, where the configuration says them. */
  id?: string | undefined;
  profile?: string | undefined;
  error: AccountError;
}

/** An account that could not be connected to, with AWS's reason. */
export const unknownAccount = ({ id, profile, error }: SourceFailure): Unknown => ({
  account: id ?? '',
  what: profile === undefined ? 'account' : `profile ${profile}`,
  why: error.message.replace(/^account of profile `[^`]*`: /, ''),
});

/** More profiles than these are not tried without being asked to. */
const MOST_PROFILES = 16;

/**
 * Connects to the accounts of the configuration and of the profiles that are named; without either, to those of every
 * profile that there is, as long as these are few. An account that cannot be reached is no failure of the whole.
 * @throws AccountError `wrong-account`, `unknown-profile` of what the user named
 */
export async function openSources(options: SourceOptions): Promise<Sources> {
  if (options.connections !== undefined) return { connections: [...options.connections], failures: [] };
  const addresses = await addressesOf(options);
  const tried = await Promise.all(addresses.map(tryConnect));
  return {
    connections: tried.flatMap((one) => ('connection' in one ? [one.connection] : [])),
    failures: tried.flatMap((one) => ('failure' in one ? [one.failure] : [])),
  };
}

async function addressesOf({ spec, profiles = [], accounts = [] }: SourceOptions): Promise<AccountAddress[]> {
  const named = [
    ...accounts,
    ...(spec ? Object.keys(spec.accounts).map((name) => addressOf(spec, name)) : []),
    ...profiles.map((profile) => ({ profile })),
  ];
  if (named.length > 0) return named;
  const { profileNames } = await import('@crossbucket/access/configuration');
  const known = await profileNames();
  if (known.length === 0 || known.length > MOST_PROFILES) return [{}];
  return known.map((profile) => ({ profile }));
}

async function tryConnect(
  address: AccountAddress,
): Promise<{ connection: AccountConnection } | { failure: SourceFailure }> {
  try {
    return { connection: await connect(address) };
  } catch (error) {
    if (
      !(error instanceof AccountError) ||
      error.code === 'wrong-account' ||
      error.code === 'unknown-profile'
    )
      throw error;
    return { failure: { id: address.id, profile: address.profile, error } };
  }
}

/** Accounts as they are read once for whatever is asked of them. */
export interface AccountsReading extends Sources {
  readers: ReadonlyMap<string, readonly AccountReader[]>;
}

/** Connects to accounts, of which nothing has been read then. */
export async function openReading(options: SourceOptions): Promise<AccountsReading> {
  const sources = await openSources(options);
  return { ...sources, readers: readersOf(sources.connections, undefined) };
}

/** The readers of each account, those first that are likely to see most. */
export function readersOf(
  connections: readonly AccountConnection[],
  asker: string | undefined,
): Map<string, AccountReader[]> {
  const rank = ({ caller }: AccountConnection): number => {
    if (caller.endsWith(':root')) return 0;
    if (caller === asker) return 3;
    return caller.includes(':assumed-role/') ? 1 : 2;
  };
  const readers = new Map<string, AccountReader[]>();
  for (const connection of connections.toSorted((one, other) => rank(one) - rank(other))) {
    const reader = new AccountReader(connection, { onFailure: 'unknown' });
    readers.set(connection.id, [...(readers.get(connection.id) ?? []), reader]);
  }
  return readers;
}
