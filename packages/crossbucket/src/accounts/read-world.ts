import type { OrganizationSnapshot, World } from '@crossbucket/policy';
import type { AccountReader } from './account-reader.ts';

/** What each account's reader has read so far, and the organization, as far as one of them may read it. */
export async function readWorld(
  readers: readonly AccountReader[],
  endpoints: World['endpoints'] = {},
): Promise<World> {
  const organization = await readOrganization(readers);
  const accounts = Object.fromEntries(readers.map((reader) => [reader.connection.id, reader.snapshot()]));
  return {
    accounts,
    ...(organization && { organization }),
    ...(Object.keys(endpoints).length > 0 && { endpoints }),
  };
}

/**
 * The organization of these accounts. Only its management account or a delegated administrator may read SCPs and RCPs; without one, they are
 * noted as unknown (`scp`, `rcp`) of each account.
 */
export async function readOrganization(
  readers: readonly AccountReader[],
): Promise<OrganizationSnapshot | undefined> {
  const described = await Promise.all(readers.map((reader) => reader.organization.describe()));
  // One organization is all that a world has: that of the first account, which is the destination or the only one.
  const first = described.find((found) => typeof found === 'object');
  const accounts: OrganizationSnapshot['accounts'] = {};
  await Promise.all(
    readers.map(async (reader, index) => {
      const told = described[index];
      if (told === undefined) return;
      // An SCP may keep an account from asking what it is a member of; whoever reads the tree knows.
      const own = told === 'unread' ? first : told;
      if (typeof own !== 'object' || own.id !== first?.id) return forgetControls(reader);
      const readable = readers.filter((_, other) => isIn(described[other], own.id));
      const ordered = readable.toSorted((a, b) => rank(b, own) - rank(a, own));
      for (const through of ordered) {
        const found = await through.organization.account(own.id, reader.connection.id);
        if (found === undefined) continue;
        accounts[reader.connection.id] = found;
        if (told === 'unread') reader.settle('organization');
        return;
      }
      if (told === 'unread') return forgetControls(reader);
      accounts[reader.connection.id] = { path: `${own.id}/`, serviceControl: [], resourceControl: [] };
      forgetControls(reader, own.managementAccount === reader.connection.id);
    }),
  );
  if (first === undefined || typeof first !== 'object') return undefined;
  return { id: first.id, managementAccount: first.managementAccount, accounts };
}

const isIn = (described: unknown, id: string): boolean =>
  typeof described === 'object' && described !== null && (described as { id: string }).id === id;

const rank = ({ connection }: AccountReader, { managementAccount }: { managementAccount: string }): number =>
  connection.id === managementAccount ? 1 : 0;

function forgetControls(reader: AccountReader, isManagement = false): void {
  // Neither binds the management account's own principals and resources.
  if (isManagement) return;
  const action = 'organizations:ListPoliciesForTarget';
  for (const what of ['scp', 'rcp']) reader.note(what, `no permission for ${action}`, action);
}
