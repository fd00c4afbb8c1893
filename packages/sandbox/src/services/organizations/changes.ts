import { randomBytes } from 'node:crypto';
import type {
  AccountRequestRecord,
  HandshakeRecord,
  MemberRecord,
  OrganizationPolicyRecord,
  OrganizationPolicyType,
  OrganizationRecord,
  TagRecord,
  UnitRecord,
} from '../../store/records.ts';
import type { Store } from '../../store/store.ts';

/** There is at most one organization. */
export const ONLY = 'organization';

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

  save(changed: { [Member in keyof OrganizationRecord]?: OrganizationRecord[Member] | undefined }): void {
    const merged = { ...this.#organization(), ...changed };
    const kept = Object.entries(merged).filter(([, value]) => value !== undefined);
    this.#store.organization.set(ONLY, Object.fromEntries(kept) as unknown as OrganizationRecord);
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

  addUnit(name: string, parent: string, tags: TagRecord[] = []): UnitRecord {
    const root = this.#organization().root.slice(2);
    const unit: UnitRecord = { id: `ou-${root}-${randomText(8)}`, name, parent, tags };
    this.saveUnit(unit);
    this.#attachFullAccess(unit.id);
    return unit;
  }

  saveUnit(unit: UnitRecord): void {
    this.#store.organizationUnits.set(unit.id, unit);
  }

  addMember(
    account: string,
    parent: string,
    method: MemberRecord['method'],
    more: Pick<MemberRecord, 'name' | 'email' | 'tags'> = {},
  ): void {
    this.saveMember({ account, parent, joined: this.#now, method, ...more });
    this.#attachFullAccess(account);
  }

  saveMember(member: MemberRecord): void {
    this.#store.organizationMembers.set(member.account, member);
  }

  move(member: MemberRecord, parent: string): void {
    this.saveMember({ ...member, parent });
  }

  removeMember(account: string): void {
    this.#store.organizationMembers.delete(account);
    for (const policy of this.#store.organizationPolicies.values())
      if (policy.targets.includes(account)) this.detach(policy, account);
  }

  deleteAll(): void {
    const { organization, organizationUnits, organizationMembers, organizationPolicies } = this.#store;
    for (const { id } of organizationUnits.values()) organizationUnits.delete(id);
    for (const { account } of organizationMembers.values()) organizationMembers.delete(account);
    for (const { id } of organizationPolicies.values()) organizationPolicies.delete(id);
    organization.delete(ONLY);
  }

  noteRequest(request: AccountRequestRecord): void {
    this.save({ accountRequests: [...(this.#organization().accountRequests ?? []), request] });
  }

  saveHandshake(handshake: HandshakeRecord): HandshakeRecord {
    const others = (this.#organization().handshakes ?? []).filter(({ id }) => id !== handshake.id);
    this.save({ handshakes: [...others, handshake] });
    return handshake;
  }

  newHandshakeId = (): string => `h-${randomText(32)}`;
  newRequestId = (): string => `car-${randomText(32)}`;
  newResourcePolicyId = (): string => `rp-${randomText(8)}`;

  /** Turns a type of policies on; AWS then attaches its own allow-all to every root, unit and account. */
  enable(type: OrganizationPolicyType): void {
    const organization = this.#organization();
    if (organization.enabled.includes(type)) return;
    this.save({ enabled: [...organization.enabled, type] });
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
    this.save({ enabled: organization.enabled.filter((other) => other !== type) });
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
    const taken = [...this.#store.organizationPolicies.values()].map((one) => one.order?.[target] ?? 0);
    const order = { ...policy.order, [target]: Math.max(0, ...taken) + 1 };
    this.savePolicy({ ...policy, targets: [...policy.targets, target], order });
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

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomText(length: number): string {
  return [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
