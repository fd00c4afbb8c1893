import { randomBytes } from 'node:crypto';
import type { PublicAccessBlock } from '@crossbucket/policy';
import type {
  MemberRecord,
  OrganizationPolicyRecord,
  OrganizationPolicyType,
  OrganizationRecord,
  UnitRecord,
} from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call } from '../service.ts';
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

const ONLY = 'organization';

/** The policies that AWS attaches everywhere. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html */
const FULL_ACCESS: Readonly<Partial<Record<OrganizationPolicyType, OrganizationPolicyRecord>>> = {
  SERVICE_CONTROL_POLICY: {
    id: 'p-FullAWSAccess',
    name: 'FullAWSAccess',
    description: 'Allows access to every operation',
    type: 'SERVICE_CONTROL_POLICY',
    awsManaged: true,
    text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
    targets: [],
  },
  RESOURCE_CONTROL_POLICY: {
    id: 'p-RCPFullAWSAccess',
    name: 'RCPFullAWSAccess',
    description: 'Allows access to every operation',
    type: 'RESOURCE_CONTROL_POLICY',
    awsManaged: true,
    text: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}',
    targets: [],
  },
};

/** Changes to the organization, as the API and a config make them. */
export class OrganizationChanges {
  readonly #store: Store;
  readonly #now: number;

  constructor(store: Store, now: number) {
    this.#store = store;
    this.#now = now;
  }

  create(management: string): OrganizationRecord {
    const organization: OrganizationRecord = {
      id: `o-${randomText(10)}`,
      management,
      root: `r-${randomText(4)}`,
      enabled: [],
      created: this.#now,
    };
    this.#store.organization.set(ONLY, organization);
    this.addMember(management, organization.root, 'INVITED');
    return organization;
  }

  addUnit(name: string, parent: string): UnitRecord {
    const root = this.#organization().root.slice(2);
    const unit: UnitRecord = { id: `ou-${root}-${randomText(8)}`, name, parent };
    this.#store.organizationUnits.set(unit.id, unit);
    this.#attachFullAccess(unit.id);
    return unit;
  }

  addMember(account: string, parent: string, method: MemberRecord['method']): void {
    this.#store.organizationMembers.set(account, { account, parent, joined: this.#now, method });
    this.#attachFullAccess(account);
  }

  move(member: MemberRecord, parent: string): void {
    this.#store.organizationMembers.set(member.account, { ...member, parent });
  }

  /** Turns a type of policies on; AWS then attaches its own allow-all to every root, unit and account. */
  enable(type: OrganizationPolicyType): void {
    const organization = this.#organization();
    if (organization.enabled.includes(type)) return;
    this.#store.organization.set(ONLY, { ...organization, enabled: [...organization.enabled, type] });
    const full = FULL_ACCESS[type];
    if (!full) return;
    const targets = [
      organization.root,
      ...[...this.#store.organizationUnits.values()].map(({ id }) => id),
      ...[...this.#store.organizationMembers.values()].map(({ account }) => account),
    ];
    this.#store.organizationPolicies.set(full.id, { ...full, targets });
  }

  disable(type: OrganizationPolicyType): void {
    const organization = this.#organization();
    const enabled = organization.enabled.filter((other) => other !== type);
    this.#store.organization.set(ONLY, { ...organization, enabled });
    for (const policy of this.#store.organizationPolicies.values())
      if (policy.type === type) this.savePolicy({ ...policy, targets: [] });
  }

  createPolicy(
    policy: Omit<OrganizationPolicyRecord, 'id' | 'awsManaged' | 'targets'>,
  ): OrganizationPolicyRecord {
    const record = { ...policy, id: `p-${randomText(8)}`, awsManaged: false, targets: [] };
    this.savePolicy(record);
    return record;
  }

  savePolicy(policy: OrganizationPolicyRecord): void {
    this.#store.organizationPolicies.set(policy.id, { ...policy, updated: this.#now });
  }

  attach(policy: OrganizationPolicyRecord, target: string): void {
    this.savePolicy({ ...policy, targets: [...policy.targets, target] });
  }

  detach(policy: OrganizationPolicyRecord, target: string): void {
    this.savePolicy({ ...policy, targets: policy.targets.filter((other) => other !== target) });
  }

  #organization(): OrganizationRecord {
    return this.#store.organization.get(ONLY)!;
  }

  #attachFullAccess(target: string): void {
    for (const type of this.#organization().enabled) {
      const policy = this.#store.organizationPolicies.get(FULL_ACCESS[type]?.id ?? '');
      if (policy) this.attach(policy, target);
    }
  }
}

/** The organization, for a call of its management account. */
export function requireManagement(call: Call): { tree: Tree; changes: OrganizationChanges } {
  const tree = requireMember(call);
  if (tree.organization.management !== call.caller.account)
    throw new AwsError('AccessDeniedException', "You don't have permissions to access this resource.");
  return { tree, changes: new OrganizationChanges(call.store, call.clock.now()) };
}

export function requireMember(call: Call): Tree {
  const tree = readTree(call.store);
  if (tree?.members.has(call.caller.account)) return tree;
  throw new AwsError('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
