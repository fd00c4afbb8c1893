import type { MemberSnapshot, NamedPolicy, OrganizationSnapshot, PolicyDocument } from '@crossbucket/policy';
import type {
  MemberRecord,
  OrganizationPolicyRecord,
  OrganizationPolicyType,
  OrganizationRecord,
  UnitRecord,
} from '../../store/records.ts';
import { policyArn } from './arns.ts';
import { organizationPolicy } from './delegation.ts';
import { blockOf, effectiveSetting, readS3Policy, type S3Policy } from './s3-policies.ts';

/** Everything that an organization is made of. */
export interface Tree {
  organization: OrganizationRecord;
  units: ReadonlyMap<string, UnitRecord>;
  /** By account id. */
  members: ReadonlyMap<string, MemberRecord>;
  policies: readonly OrganizationPolicyRecord[];
}

export function isParent({ organization, units }: Tree, id: string): boolean {
  return id === organization.root || units.has(id);
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

/**
 * The policies of a type at each level above and of an account, root first, at each in the order in which they were
 * attached; none where the type is not turned on.
 */
export function levelsOf(
  { organization, policies }: Tree,
  type: OrganizationPolicyType,
  path: readonly string[],
): OrganizationPolicyRecord[][] {
  if (!organization.enabled.includes(type)) return [];
  return path.map((target) =>
    policies
      .filter((policy) => policy.type === type && policy.targets.includes(target))
      .toSorted((a, b) => (a.order?.[target] ?? 0) - (b.order?.[target] ?? 0)),
  );
}

/** The organization as the engine reads it: every account's path, and the policies at each level of it. */
export function snapshotOf(tree: Tree): OrganizationSnapshot {
  const { organization, members } = tree;
  const accounts: OrganizationSnapshot['accounts'] = {};
  for (const { account } of members.values()) accounts[account] = memberSnapshot(tree, account);
  return {
    id: organization.id,
    managementAccount: organization.management,
    policy: organizationPolicy(organization),
    accounts,
  };
}

function memberSnapshot(tree: Tree, account: string): MemberSnapshot {
  const { organization } = tree;
  const path = pathTo(tree, account);
  const named = (type: OrganizationPolicyType) =>
    levelsOf(tree, type, path).map((level) => level.map((policy) => namedPolicy(policy, organization)));
  const setting = settingFor(tree, account);
  return {
    path: orgPath(tree, account),
    serviceControl: named('SERVICE_CONTROL_POLICY'),
    resourceControl: named('RESOURCE_CONTROL_POLICY'),
    ...(setting !== undefined && { publicAccessBlock: blockOf(setting) }),
  };
}

/** As `aws:PrincipalOrgPaths` has it: `o-.../r-.../ou-.../`. */
export function orgPath(tree: Tree, account: string): string {
  return `${[tree.organization.id, ...pathTo(tree, account).slice(0, -1)].join('/')}/`;
}

/** What the S3 policies of the organization come to for an account. */
export function settingFor(tree: Tree, account: string): S3Policy['assigned'] {
  const levels = levelsOf(tree, 'S3_POLICY', pathTo(tree, account));
  return effectiveSetting(levels.map((level) => level.map(({ text }) => readS3Policy(text))));
}
