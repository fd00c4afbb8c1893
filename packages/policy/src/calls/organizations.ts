import type { ApiCall } from '../snapshot.ts';
import { has, requestTags, textAt, untaggedKeys, words } from './input.ts';
import { type KeySource, type Need, type Row, table } from './need.ts';

// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html

const OPERATIONS = words(`
  AcceptHandshake AttachPolicy CancelHandshake CloseAccount CreateAccount CreateGovCloudAccount CreateOrganization
  CreateOrganizationalUnit CreatePolicy DeclineHandshake DeleteOrganization DeleteOrganizationalUnit DeletePolicy
  DeleteResourcePolicy DeregisterDelegatedAdministrator DescribeAccount DescribeCreateAccountStatus
  DescribeEffectivePolicy DescribeHandshake DescribeOrganization DescribeOrganizationalUnit DescribePolicy
  DescribeResourcePolicy DescribeResponsibilityTransfer DetachPolicy DisableAWSServiceAccess DisablePolicyType
  EnableAWSServiceAccess EnableAllFeatures EnablePolicyType InviteAccountToOrganization
  InviteOrganizationToTransferResponsibility LeaveOrganization ListAWSServiceAccessForOrganization ListAccounts
  ListAccountsForParent ListAccountsWithInvalidEffectivePolicy ListChildren ListCreateAccountStatus
  ListDelegatedAdministrators ListDelegatedServicesForAccount ListEffectivePolicyValidationErrors
  ListHandshakesForAccount ListHandshakesForOrganization ListInboundResponsibilityTransfers
  ListOrganizationalUnitsForParent ListOutboundResponsibilityTransfers ListParents ListPolicies ListPoliciesForTarget
  ListRoots ListTagsForResource ListTargetsForPolicy MoveAccount PutResourcePolicy RegisterDelegatedAdministrator
  RemoveAccountFromOrganization TagResource TerminateResponsibilityTransfer UntagResource UpdateOrganizationalUnit
  UpdatePolicy UpdateResponsibilityTransfer`);

/** What a call says of the policies that it is about; of a policy that it names by id, whoever makes the call knows. */
const policyType: KeySource = ({ input, context }) => ({
  'organizations:PolicyType':
    textAt(input, 'PolicyType') ??
    textAt(input, 'Type') ??
    textAt(input, 'Filter') ??
    context?.['organizations:PolicyType'],
});

const servicePrincipal: KeySource = ({ input }) => ({
  'organizations:ServicePrincipal': textAt(input, 'ServicePrincipal'),
});

const resourceTags =
  (arn: string): KeySource =>
  ({ resourceTags: tags }) =>
    Object.fromEntries(
      Object.entries(tags?.[arn] ?? {}).map(([key, value]) => [`aws:ResourceTag/${key}`, value]),
    );

/** Where an operation makes something with tags, setting them is asked for as well. */
const tagging = (arn: string): Need => ({
  action: 'organizations:TagResource',
  on: () => arn,
  keys: [requestTags()],
  when: (call) => call.operation !== 'TagResource' && has('Tags')(call),
});

/** On each entity that the input names, as far as their ARNs are known: ids alone do not make one. */
const row: Row = (call: ApiCall) =>
  (call.resourceArns?.length ? call.resourceArns : ['*']).flatMap((arn): Need[] => [
    {
      action: `organizations:${call.operation}`,
      on: () => arn,
      keys: [policyType, servicePrincipal, requestTags(), untaggedKeys, resourceTags(arn)],
    },
    tagging(arn),
  ]);

/** Operations of Organizations; each has an action of its name. */
export const ORGANIZATIONS = table(() => Object.fromEntries(OPERATIONS.map((operation) => [operation, row])));
