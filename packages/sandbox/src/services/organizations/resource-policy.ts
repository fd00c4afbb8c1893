import { parsePolicy, statementsOf, type PolicyDocument, type Statement } from '@crossbucket/policy';
import { awsPrincipalsOf } from '../../store/principal-ids.ts';
import type { OrganizationRecord, OrganizationResourcePolicyRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { findUnknownPrincipal } from '../principals.ts';
import type { Call, HandlersOf } from '../service.ts';
import { DELEGABLE_ACTIONS } from './delegation.ts';
import { constraint, invalidInput } from './errors.ts';
import { requireManagement, requireMember } from './state.ts';
import { readTags } from './tags.ts';
import { arnOfResourcePolicy } from './arns.ts';

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const LONGEST = 40_000;

/** The policy by which a management account delegates. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_delegate_policies.html */
export const resourcePolicyHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  PutResourcePolicy(input, call) {
    const { tree, changes } = requireManagement(call);
    const { resourcePolicy } = tree.organization;
    const text = input.Content!;
    requireDocument(text, call);
    const tags = readTags(input.Tags);
    if (resourcePolicy && tags.length > 0)
      throw constraint(
        'UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED',
        'Tags are given when the resource policy is created; later, TagResource sets them.',
      );
    const saved = resourcePolicy
      ? { ...resourcePolicy, text }
      : { id: changes.newResourcePolicyId(), text, tags };
    changes.save({ resourcePolicy: saved });
    return { ResourcePolicy: describe(saved, { ...tree.organization, resourcePolicy: saved }) };
  },

  DescribeResourcePolicy(_, call) {
    const { organization } = requireMember(call);
    return { ResourcePolicy: describe(requireResourcePolicy(organization), organization) };
  },

  DeleteResourcePolicy(_, call) {
    const { tree, changes } = requireManagement(call);
    requireResourcePolicy(tree.organization);
    changes.save({ resourcePolicy: undefined });
    return {};
  },
};

function requireResourcePolicy({ resourcePolicy }: OrganizationRecord): OrganizationResourcePolicyRecord {
  if (resourcePolicy) return resourcePolicy;
  throw new AwsError('ResourcePolicyNotFoundException', 'The organization has no resource policy.');
}

function describe({ id, text }: OrganizationResourcePolicyRecord, organization: OrganizationRecord) {
  return { ResourcePolicySummary: { Id: id, Arn: arnOfResourcePolicy(organization) }, Content: text };
}

function requireDocument(text: string, call: Call): void {
  if (text.length > LONGEST)
    throw constraint('POLICY_CONTENT_LIMIT_EXCEEDED', `A resource policy has at most ${LONGEST} characters.`);
  const malformed = (message: string) => invalidInput('INVALID_RESOURCE_POLICY_JSON', message);
  const { document, problems } = parsePolicy(text);
  const problem = problems.find(({ severity }) => severity === 'error');
  if (problem || !document) throw malformed(problem?.message ?? 'The resource policy is not JSON.');
  for (const statement of statementsOf(document)) requireStatement(statement, malformed);
  requirePrincipals(document, call);
}

/** https://docs.aws.amazon.com/organizations/latest/userguide/orgs-policy-delegate-update.html */
function requireStatement(statement: Statement, malformed: (message: string) => AwsError): void {
  const { Principal, Action, Resource } = statement;
  if (Principal === undefined || Action === undefined || Resource === undefined)
    throw malformed('A statement of a resource policy has `Principal`, `Action` and `Resource`.');
  for (const pattern of [Action].flat())
    if (!isDelegable(pattern))
      throw invalidInput('UNSUPPORTED_ACTION_IN_RESOURCE_POLICY', `\`${pattern}\` cannot be delegated.`);
}

/** Whether a pattern covers actions that can be delegated, and no others that there are. */
function isDelegable(pattern: string): boolean {
  if (!/[*?]/.test(pattern))
    return [...DELEGABLE_ACTIONS].some((action) => action.toLowerCase() === pattern.toLowerCase());
  return /^organizations:(?:Describe|List)/i.test(pattern);
}

function requirePrincipals(document: PolicyDocument, call: Call): void {
  const unknown = findUnknownPrincipal(awsPrincipalsOf(document), call);
  const others = statementsOf(document).some(
    ({ Principal }) => Principal !== '*' && Object.keys(Principal ?? {}).some((kind) => kind !== 'AWS'),
  );
  if (unknown === undefined && !others) return;
  throw invalidInput(
    'INVALID_PRINCIPAL',
    `The resource policy has a principal that is not valid${unknown === undefined ? '' : `: \`${unknown}\``}.`,
  );
}
