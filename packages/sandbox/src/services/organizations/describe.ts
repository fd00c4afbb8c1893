import type { MemberRecord, OrganizationPolicyRecord, UnitRecord } from '../../store/records.ts';
import type { Call } from '../service.ts';
import { entityArn, policyArn, type Tree } from './tree.ts';

// What the organization is made of, as its API shows it.

export function describeOrganization({ organization }: Tree, call: Call) {
  const { id, management } = organization;
  return {
    Id: id,
    Arn: entityArn('organization', organization),
    FeatureSet: 'ALL' as const,
    MasterAccountArn: entityArn('account', organization, management),
    MasterAccountId: management,
    MasterAccountEmail: `${call.store.accounts.get(management)?.name ?? management}@example.com`,
  };
}

export function describeRoot({ organization }: Tree) {
  const { root, enabled } = organization;
  const PolicyTypes = enabled.map((Type) => ({ Type, Status: 'ENABLED' as const }));
  return { Id: root, Arn: entityArn('root', organization, root), Name: 'Root', PolicyTypes };
}

export function describeUnit({ id, name }: UnitRecord, { organization }: Tree) {
  return { Id: id, Arn: entityArn('ou', organization, id), Name: name };
}

export function describeAccount(
  { account, joined, method }: MemberRecord,
  { organization }: Tree,
  call: Call,
) {
  const name = call.store.accounts.get(account)?.name ?? account;
  return {
    Id: account,
    Arn: entityArn('account', organization, account),
    Email: `${name}@example.com`,
    Name: name,
    Status: 'ACTIVE' as const,
    State: 'ACTIVE' as const,
    JoinedMethod: method,
    JoinedTimestamp: new Date(joined),
  };
}

export function summarizePolicy(policy: OrganizationPolicyRecord, { organization }: Tree) {
  return {
    Id: policy.id,
    Arn: policyArn(policy, organization),
    Name: policy.name,
    Description: policy.description,
    Type: policy.type,
    AwsManaged: policy.awsManaged,
  };
}

export function describePolicy(policy: OrganizationPolicyRecord, tree: Tree) {
  return { PolicySummary: summarizePolicy(policy, tree), Content: policy.text };
}

export function describeTarget(id: string, tree: Tree, call: Call) {
  const { organization, units } = tree;
  if (id === organization.root)
    return { TargetId: id, Arn: entityArn('root', organization, id), Name: 'Root', Type: 'ROOT' as const };
  const unit = units.get(id);
  if (unit)
    return {
      TargetId: id,
      Arn: entityArn('ou', organization, id),
      Name: unit.name,
      Type: 'ORGANIZATIONAL_UNIT' as const,
    };
  const name = call.store.accounts.get(id)?.name ?? id;
  return { TargetId: id, Arn: entityArn('account', organization, id), Name: name, Type: 'ACCOUNT' as const };
}
