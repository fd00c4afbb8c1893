import type {
  HandshakeRecord,
  MemberRecord,
  OrganizationPolicyRecord,
  UnitRecord,
} from '../../store/records.ts';
import type { Call } from '../service.ts';
import { entityArn, handshakeArn, policyArn } from './arns.ts';
import { orgPath, type Tree } from './tree.ts';

// What the organization is made of, as its API shows it.

export function describeOrganization({ organization, members }: Tree, call: Call) {
  const { id, management } = organization;
  const member = members.get(management)!;
  return {
    Id: id,
    Arn: entityArn('organization', organization),
    FeatureSet: 'ALL' as const,
    MasterAccountArn: entityArn('account', organization, management),
    MasterAccountId: management,
    MasterAccountEmail: emailOf(member, call),
    AvailablePolicyTypes: organization.enabled.includes('SERVICE_CONTROL_POLICY')
      ? [{ Type: 'SERVICE_CONTROL_POLICY' as const, Status: 'ENABLED' as const }]
      : [],
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

export function describeAccount(member: MemberRecord, tree: Tree, call: Call) {
  const { account, joined, method } = member;
  const closed = call.store.accounts.get(account)?.closed !== undefined;
  return {
    Id: account,
    Arn: entityArn('account', tree.organization, account),
    Email: emailOf(member, call),
    Name: nameOf(member, call),
    Status: closed ? ('SUSPENDED' as const) : ('ACTIVE' as const),
    State: closed ? ('CLOSED' as const) : ('ACTIVE' as const),
    JoinedMethod: method,
    JoinedTimestamp: new Date(joined),
    Paths: [orgPath(tree, account)],
  };
}

const nameOf = ({ account, name }: MemberRecord, call: Call): string =>
  name ?? call.store.accounts.get(account)?.name ?? account;

/** Accounts of the config have no address of their own. */
export const emailOf = (member: MemberRecord, call: Call): string =>
  member.email ?? `${nameOf(member, call)}@example.com`;

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
  const Name = nameOf(tree.members.get(id)!, call);
  return { TargetId: id, Arn: entityArn('account', organization, id), Name, Type: 'ACCOUNT' as const };
}

export function describeHandshake(handshake: HandshakeRecord, { organization, members }: Tree, call: Call) {
  const { id, account, state, requested, expires, notes } = handshake;
  const master = members.get(organization.management)!;
  return {
    Id: id,
    Arn: handshakeArn(organization, id),
    Action: 'INVITE' as const,
    State: state,
    Parties: [
      { Id: organization.id, Type: 'ORGANIZATION' as const },
      { Id: account, Type: 'ACCOUNT' as const },
    ],
    RequestedTimestamp: new Date(requested),
    ExpirationTimestamp: new Date(expires),
    Resources: [
      {
        Type: 'ORGANIZATION' as const,
        Value: organization.id,
        Resources: [
          { Type: 'MASTER_EMAIL' as const, Value: emailOf(master, call) },
          { Type: 'MASTER_NAME' as const, Value: nameOf(master, call) },
          { Type: 'ORGANIZATION_FEATURE_SET' as const, Value: 'ALL' },
        ],
      },
      { Type: 'ACCOUNT' as const, Value: account },
      ...(notes === undefined ? [] : [{ Type: 'NOTES' as const, Value: notes }]),
    ],
  };
}
