import type { OrganizationPolicyRecord, OrganizationRecord } from '../../store/records.ts';
import type { Tree } from './tree.ts';

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html

export function policyArn(policy: OrganizationPolicyRecord, { id, management }: OrganizationRecord): string {
  const type = policy.type.toLowerCase();
  if (policy.awsManaged) return `arn:aws:organizations::aws:policy/${type}/${policy.id}`;
  return `arn:aws:organizations::${management}:policy/${id}/${type}/${policy.id}`;
}

/** All policies of a type. */
export function arnOfPolicies({ id, management }: OrganizationRecord, type: string): string {
  return `arn:aws:organizations::${management}:policy/${id}/${type.toLowerCase()}/*`;
}

export function handshakeArn({ id, management }: OrganizationRecord, handshake: string): string {
  return `arn:aws:organizations::${management}:handshake/${id}/invite/${handshake}`;
}

export function arnOfResourcePolicy({ id, management, resourcePolicy }: OrganizationRecord): string {
  return `arn:aws:organizations::${management}:resourcepolicy/${id}/${resourcePolicy?.id ?? '*'}`;
}

/** The ARN of what an id names; nothing where there is no such thing. */
export function arnOf({ organization, units, members, policies }: Tree, id: string): string | undefined {
  const { root, resourcePolicy, handshakes } = organization;
  if (id === root) return entityArn('root', organization, id);
  if (id === resourcePolicy?.id) return arnOfResourcePolicy(organization);
  if (units.has(id)) return entityArn('ou', organization, id);
  if (members.has(id)) return entityArn('account', organization, id);
  if (handshakes?.some((handshake) => handshake.id === id)) return handshakeArn(organization, id);
  const policy = policies.find((candidate) => candidate.id === id);
  return policy && policyArn(policy, organization);
}

export function entityArn(
  kind: 'organization' | 'root' | 'ou' | 'account',
  { id, management }: OrganizationRecord,
  entity?: string,
): string {
  return `arn:aws:organizations::${management}:${kind}/${id}${entity === undefined ? '' : `/${entity}`}`;
}
