import type { NamedPolicy, PolicyDocument, Statement } from '@crossbucket/policy';
import { statementsOf } from '@crossbucket/policy';
import type { OrganizationRecord } from '../../store/records.ts';

// Who may call what is said by the SDK's documentation of each operation.

/** What every member may call for itself. */
const OWN = words(`AcceptHandshake CreateOrganization DeclineHandshake DescribeHandshake DescribeOrganization
  LeaveOrganization ListHandshakesForAccount`);

/** What a delegated administrator may call: it sees the whole organization, and changes nothing of it. */
const READS =
  words(`DescribeAccount DescribeCreateAccountStatus DescribeEffectivePolicy DescribeOrganizationalUnit
  DescribePolicy DescribeResourcePolicy ListAWSServiceAccessForOrganization ListAccounts ListAccountsForParent
  ListAccountsWithInvalidEffectivePolicy ListChildren ListCreateAccountStatus ListDelegatedAdministrators
  ListDelegatedServicesForAccount ListEffectivePolicyValidationErrors ListHandshakesForOrganization
  ListOrganizationalUnitsForParent ListParents ListPolicies ListPoliciesForTarget ListRoots ListTagsForResource
  ListTargetsForPolicy`);

/** What a resource policy may give to members. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html */
const DELEGABLE =
  words(`AttachPolicy CreatePolicy DeletePolicy DescribeHandshake DescribeOrganization DetachPolicy
  DisablePolicyType EnablePolicyType ListHandshakesForAccount TagResource UntagResource UpdatePolicy`);

export const DELEGABLE_ACTIONS: ReadonlySet<string> = new Set([...READS, ...DELEGABLE]);

/** What members may do with their organization: what its resource policy says, and what AWS gives them anyway. */
export function organizationPolicy(organization: OrganizationRecord): NamedPolicy {
  const { id, management, delegations = [], resourcePolicy } = organization;
  const isMember = { StringEquals: { 'aws:PrincipalOrgID': id } };
  const stored = resourcePolicy ? statementsOf(JSON.parse(resourcePolicy.text) as PolicyDocument) : [];
  const statements: Statement[] = [
    ...stored,
    { Sid: 'Members', Effect: 'Allow', Principal: '*', Action: OWN, Resource: '*', Condition: isMember },
    {
      Sid: 'EffectivePolicies',
      Effect: 'Allow',
      Principal: '*',
      Action: 'organizations:DescribeEffectivePolicy',
      Resource: `arn:aws:organizations::${management}:account/${id}/\${aws:PrincipalAccount}`,
      Condition: isMember,
    },
  ];
  const administrators = [...new Set(delegations.map(({ account }) => account))];
  if (administrators.length > 0)
    statements.push({
      Sid: 'DelegatedAdministrators',
      Effect: 'Allow',
      Principal: { AWS: administrators },
      Action: READS,
      Resource: '*',
    });
  return {
    name: `resource policy of ${id}`,
    document: { Version: '2012-10-17', Statement: statements },
  };
}

function words(text: string): string[] {
  return text
    .trim()
    .split(/\s+/)
    .map((operation) => `organizations:${operation}`);
}
