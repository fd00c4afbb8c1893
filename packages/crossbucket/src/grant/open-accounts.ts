import { AccountReader, connect, type AccountConnection } from '../accounts/index.ts';
import { addressOf, type GrantSpec, type Spec } from '../spec/index.ts';
import type { Readers } from './gather.ts';
import type { Side } from './plan-grants.ts';

/** Accounts of a configuration that are open, by id. */
export type Connections = ReadonlyMap<string, AccountConnection>;

/**
 * Connects to the accounts that these grants concern, those of one side only where one is asked for; and to the
 * configuration's other accounts when a key of theirs is met.
 * @throws AccountError
 */
export async function openAccounts(
  spec: Spec,
  grants: readonly GrantSpec[],
  side: Side,
): Promise<Connections> {
  const names = new Set<string>();
  for (const grant of grants) {
    if (side !== 'source') names.add(grant.bucket.split('/')[0]!);
    if (side !== 'destination') names.add(grant.to);
    const owner = /^arn:[^:]+:kms:[^:]+:(\d{12}):/.exec(grant.kmsKey ?? '')?.[1];
    for (const [name, { id }] of Object.entries(spec.accounts))
      if (id === owner && side !== 'source') names.add(name);
  }
  const connections = await Promise.all([...names].map((name) => connect(addressOf(spec, name))));
  return new Map(connections.map((connection) => [connection.id, connection]));
}

/** Readers that have read nothing yet. */
export function freshReaders(connections: Connections): Readers {
  return new Map([...connections].map(([id, connection]) => [id, new AccountReader(connection)]));
}
