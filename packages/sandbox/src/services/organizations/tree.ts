import type { NamedPolicy, OrganizationSnapshot, PolicyDocument } from '@crossbucket/policy';
import type {
  MemberRecord,
  OrganizationPolicyRecord,
  OrganizationRecord,
  UnitRecord,
} from '../../store/records.ts';

/** Everything that an organization is made of. */
export interface Tree {
  organization: OrganizationRecord;
  units: ReadonlyMap<string, UnitRecord>;
  /** By account id. */
  members: ReadonlyMap<string, MemberRecord>;
  policies: readonly OrganizationPolicyRecord[];
}

/** The way from the root down to a root, unit or account, both ends included. */
export function pathTo({ units, members }: Tree, id: string): string[] {
  const path = [id];
  for (;;) {
    const parent = members.get(path[0]!)?.parent ?? units.get(path[0]!)?.parent;
    if (parent === undefined) return path;
    path.unshift(parent);
  }
}

const documents = new WeakMap<OrganizationPolicyRecord, NamedPolicy>();

function namedPolicy(record: OrganizationPolicyRecord, organization: OrganizationRecord): NamedPolicy {
  let policy = documents.get(record);
  if (!policy) {
    policy = {
      name: record.name,
      arn: policyArn(record, organization),
      document: JSON.parse(record.text) as PolicyDocument,
    };
    documents.set(record, policy);
  }
  return policy;
}

/** The organization as the engine reads it: every account's path, and the policies at each level of it. */
export function snapshotOf(tree: Tree): OrganizationSnapshot {
  const { organization, members, policies } = tree;
  const levels = (type: OrganizationPolicyRecord['type'], path: readonly string[]): NamedPolicy[][] => {
    if (!organization.enabled.includes(type)) return [];
    return path.map((target) =>
      policies
        .filter((policy) => policy.type === type && policy.targets.includes(target))
        .map((policy) => namedPolicy(policy, organization)),
    );
  };
  const accounts: OrganizationSnapshot['accounts'] = {};
  for (const { account } of members.values()) {
    const path = pathTo(tree, account);
    accounts[account] = {
      path: `${[organization.id, ...path.slice(0, -1)].join('/')}/`,
      serviceControl: levels('SERVICE_CONTROL_POLICY', path),
      resourceControl: levels('RESOURCE_CONTROL_POLICY', path),
    };
  }
  return { id: organization.id, managementAccount: organization.management, accounts };
}

export function policyArn(policy: OrganizationPolicyRecord, { id, management }: OrganizationRecord): string {
  const type = policy.type.toLowerCase();
  if (policy.awsManaged) return `arn:aws:organizations::aws:policy/${type}/${policy.id}`;
  return `arn:aws:organizations::${management}:policy/${id}/${type}/${policy.id}`;
}

export function entityArn(
  kind: 'organization' | 'root' | 'ou' | 'account',
  { id, management }: OrganizationRecord,
  entity?: string,
): string {
  return `arn:aws:organizations::${management}:${kind}/${id}${entity === undefined ? '' : `/${entity}`}`;
}
