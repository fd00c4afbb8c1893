import { SandboxError } from '../errors.ts';
import { problemOf } from '../services/organizations/policy-types.ts';
import { OrganizationChanges } from '../services/organizations/changes.ts';
import { readTree } from '../services/organizations/state.ts';
import type { OrganizationPolicyType } from '../store/records.ts';
import type { Store } from '../store/store.ts';
import type { BranchConfig, OrganizationConfig } from './config.ts';

const TYPES = {
  serviceControl: 'SERVICE_CONTROL_POLICY',
  resourceControl: 'RESOURCE_CONTROL_POLICY',
  s3: 'S3_POLICY',
} as const satisfies Record<string, OrganizationPolicyType>;

type Controls = Pick<BranchConfig, keyof typeof TYPES>;

/** Makes the organization of a config, with every type of policies turned on; an earlier start's is kept as it is. */
export function seedOrganization(store: Store, config: OrganizationConfig, now: number): void {
  if (readTree(store)) return;
  checkBranch(config.root ?? {}, store);
  if (!store.accounts.has(config.management)) throw noSuchAccount(config.management);
  const changes = new OrganizationChanges(store, now);
  const { root } = changes.create(config.management);
  for (const type of Object.values(TYPES)) changes.enable(type);
  fill(root, config.root ?? {}, changes, store);
}

function fill(parent: string, branch: BranchConfig, changes: OrganizationChanges, store: Store): void {
  attachAll(parent, branch, changes);
  for (const entry of branch.accounts ?? []) {
    const account = typeof entry === 'string' ? { id: entry } : entry;
    const member = store.organizationMembers.get(account.id);
    // The management account is there from the start, and may be put into a unit.
    if (member) changes.move(member, parent);
    else changes.addMember(account.id, parent, 'INVITED');
    attachAll(account.id, account, changes);
  }
  for (const unit of branch.units ?? []) fill(changes.addUnit(unit.name, parent).id, unit, changes, store);
}

function attachAll(target: string, controls: Controls, changes: OrganizationChanges): void {
  for (const [member, type] of Object.entries(TYPES)) {
    for (const [name, document] of Object.entries(controls[member as keyof Controls] ?? {}))
      changes.attach(
        changes.createPolicy({ name, description: '', type, text: JSON.stringify(document) }),
        target,
      );
  }
}

/** Everything is checked before anything is changed. */
function checkBranch(branch: BranchConfig, store: Store): void {
  checkControls(branch);
  for (const entry of branch.accounts ?? []) {
    const account = typeof entry === 'string' ? { id: entry } : entry;
    if (!store.accounts.has(account.id)) throw noSuchAccount(account.id);
    checkControls(account);
  }
  for (const unit of branch.units ?? []) checkBranch(unit, store);
}

function checkControls(controls: Controls): void {
  for (const [member, type] of Object.entries(TYPES)) {
    for (const [name, document] of Object.entries(controls[member as keyof Controls] ?? {})) {
      const problem = problemOf(JSON.stringify(document), type);
      if (!problem) continue;
      throw new SandboxError(
        'InvalidConfig',
        `the ${member} policy \`${name}\` is not valid: ${problem.message}`,
        problem.help ?? 'mend the document; `crossbucket lint FILE` shows every problem of one',
      );
    }
  }
}

function noSuchAccount(id: string): SandboxError {
  return new SandboxError(
    'InvalidConfig',
    `the organization names the account \`${id}\`, which is not among \`accounts\``,
    'list every account under `accounts`',
  );
}
