import { AccountReader, connect, type AccountConnection } from '../accounts/index.ts';
import { addressOf, type GrantSpec, type Spec } from '../spec/index.ts';
import type { Readers } from './gather.ts';
import type { Side } from './plan-grants.ts';

/** Accounts of a configuration that are open, by id. */
export type Connections = ReadonlyMap<string, AccountConnection>;

/**
 * Connects to the accounts that these grants concern, those of one side only where one is asked for, and for the
 * destination's side to those that no grant is about: they have keys.
 * @throws AccountError
 */
export async function openAccounts(
  spec: Spec,
  grants: readonly GrantSpec[],
  side: Side,
): Promise<Connections> {
  const names = new Set<string>();
  for (const grant of grants) {
    if (side !== 'source') names.add(ownerOf(grant));
    if (side !== 'destination') names.add(grant.to);
  }
  const isOfGrants = (name: string) =>
    (spec.grants ?? []).some((grant) => grant.to === name || ownerOf(grant) === name);
  if (side !== 'source')
    for (const name of Object.keys(spec.accounts)) if (!isOfGrants(name)) names.add(name);
  const keys = new Set(grants.map(({ kmsKey }) => kmsKey?.split(':')[4]));
  for (const [name, { id }] of Object.entries(spec.accounts))
    if (side !== 'source' && keys.has(id)) names.add(name);
  const connections = await Promise.all([...names].map((name) => connect(addressOf(spec, name))));
  return new Map(connections.map((connection) => [connection.id, connection]));
}

const ownerOf = ({ bucket }: GrantSpec): string => bucket.split('/')[0]!;

/** Readers that have read nothing yet. */
export function freshReaders(connections: Connections): Readers {
  return new Map([...connections].map(([id, connection]) => [id, new AccountReader(connection)]));
}
