import type { PublicAccessBlock } from '@crossbucket/policy';
import type { Store } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call } from '../service.ts';
import { ONLY, OrganizationChanges } from './changes.ts';
import { notYours } from './errors.ts';
import { blockOf } from './s3-policies.ts';
import { settingFor, type Tree } from './tree.ts';

/** The organization of the sandbox: there is at most one. */
export function readTree(store: Store): Tree | undefined {
  const organization = store.organization.get(ONLY);
  if (!organization) return undefined;
  return {
    organization,
    units: new Map([...store.organizationUnits.values()].map((unit) => [unit.id, unit])),
    members: new Map([...store.organizationMembers.values()].map((member) => [member.account, member])),
    policies: [...store.organizationPolicies.values()],
  };
}

/** Block Public Access that is in force for an account: what its organization has settled, or else its own. */
export function accountBlock(account: string, store: Store): PublicAccessBlock | undefined {
  const tree = readTree(store);
  const setting = tree?.members.has(account) ? settingFor(tree, account) : undefined;
  return setting === undefined ? store.accounts.get(account)?.publicAccessBlock : blockOf(setting);
}

/** The organization, for a call that its management account alone makes. */
export function requireManagement(call: Call): { tree: Tree; changes: OrganizationChanges } {
  const { tree, changes } = requireTree(call);
  if (tree.organization.management !== call.caller.account) throw notYours();
  return { tree, changes };
}

/** The organization, for a call that may be delegated to a member; the decision has seen to that. */
export function requireTree(call: Call): { tree: Tree; changes: OrganizationChanges } {
  return { tree: requireMember(call), changes: new OrganizationChanges(call.store, call.clock.now()) };
}

export function requireMember(call: Call): Tree {
  const tree = readTree(call.store);
  if (tree?.members.has(call.caller.account)) return tree;
  throw new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
}
