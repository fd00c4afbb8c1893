import { dirname } from 'node:path';
import { chooseGrants, openAccounts, type Connections, type Side } from '../../grant/index.ts';
import { readSpec, SPEC_FILE, type GrantSpec, type Spec } from '../../spec/index.ts';

/** Options that every subcommand of `grant` has. */
export interface GrantOptions {
  config?: string;
  side?: Side;
  json?: boolean;
  yes?: boolean;
}

/** The configuration, the grants that are meant, and their accounts. */
export interface GrantSession {
  spec: Spec;
  /** Folder of the configuration. */
  folder: string;
  grants: GrantSpec[];
  connections: Connections;
  side: Side;
}

export async function openSession(names: readonly string[], options: GrantOptions): Promise<GrantSession> {
  const file = options.config ?? SPEC_FILE;
  const spec = await readSpec(file);
  const grants = chooseGrants(spec, names);
  const side = options.side ?? 'both';
  return { spec, folder: dirname(file), grants, side, connections: await openAccounts(spec, grants, side) };
}
