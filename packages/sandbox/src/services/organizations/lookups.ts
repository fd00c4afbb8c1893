import type { MemberRecord, OrganizationPolicyRecord, UnitRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { isParent, type Tree } from './tree.ts';

export function requireRoot({ organization }: Tree, id: string): void {
  if (id !== organization.root) throw new AwsError('RootNotFoundException', `There is no root \`${id}\`.`);
}

export function requireParent(tree: Tree, id: string): void {
  if (!isParent(tree, id)) throw new AwsError('ParentNotFoundException', `There is no parent \`${id}\`.`);
}

export function requireUnit({ units }: Tree, id: string): UnitRecord {
  const unit = units.get(id);
  if (unit) return unit;
  throw new AwsError('OrganizationalUnitNotFoundException', `There is no organizational unit \`${id}\`.`);
}

export function requireAccount({ members }: Tree, id: string): MemberRecord {
  const member = members.get(id);
  if (member) return member;
  throw new AwsError(
    'AccountNotFoundException',
    `The account \`${id}\` is not a member of the organization.`,
  );
}

/** What a policy may be attached to. */
export function requireTarget(tree: Tree, id: string): void {
  if (isParent(tree, id) || tree.members.has(id)) return;
  throw new AwsError('TargetNotFoundException', `There is no root, unit or account \`${id}\`.`);
}

export function requirePolicy({ policies }: Tree, id: string): OrganizationPolicyRecord {
  const policy = policies.find((candidate) => candidate.id === id);
  if (policy) return policy;
  throw new AwsError('PolicyNotFoundException', `There is no policy \`${id}\`.`);
}
