import type { OrganizationPolicyRecord, OrganizationPolicyType } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { describePolicy, summarizePolicy } from './describe.ts';
import { invalidInput } from './errors.ts';
import { requirePolicy } from './lookups.ts';
import { pageOf } from './pages.ts';
import { problemOf, requireType } from './policy-types.ts';
import { requireMember, requireTree } from './state.ts';
import { readTags } from './tags.ts';
import type { Tree } from './tree.ts';

export const policyHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  CreatePolicy(input, call) {
    const { tree, changes } = requireTree(call);
    const type = requireType(input.Type);
    requireContent(input.Content!, type);
    requireNewName(tree, input.Name!, type);
    const { Name, Description, Content } = input;
    const policy = changes.createPolicy({
      name: Name!,
      description: Description ?? '',
      type,
      text: Content!,
      tags: readTags(input.Tags),
    });
    return { Policy: describePolicy(policy, tree) };
  },

  DescribePolicy(input, call) {
    const tree = requireMember(call);
    return { Policy: describePolicy(requirePolicy(tree, input.PolicyId!), tree) };
  },

  UpdatePolicy(input, call) {
    const { tree, changes } = requireTree(call);
    const policy = requireOwn(requirePolicy(tree, input.PolicyId!));
    if (input.Content !== undefined) requireContent(input.Content, policy.type);
    if (input.Name !== undefined && input.Name !== policy.name) requireNewName(tree, input.Name, policy.type);
    const changed = {
      ...policy,
      name: input.Name ?? policy.name,
      description: input.Description ?? policy.description,
      text: input.Content ?? policy.text,
    };
    changes.savePolicy(changed);
    return { Policy: describePolicy(changed, tree) };
  },

  DeletePolicy(input, call) {
    const tree = requireMember(call);
    const policy = requireOwn(requirePolicy(tree, input.PolicyId!));
    if (policy.targets.length > 0)
      throw new AwsError(
        'PolicyInUseException',
        'The policy is attached to one or more entities. Detach it first.',
      );
    call.store.organizationPolicies.delete(policy.id);
    return {};
  },

  ListPolicies(input, call) {
    const tree = requireMember(call);
    const type = requireType(input.Filter);
    const { page, more } = pageOf(
      tree.policies.filter((policy) => policy.type === type),
      input,
    );
    return { Policies: page.map((policy) => summarizePolicy(policy, tree)), ...more };
  },
};

function requireNewName({ policies }: Tree, name: string, type: OrganizationPolicyType): void {
  if (!policies.some((policy) => policy.name === name && policy.type === type)) return;
  throw new AwsError('DuplicatePolicyException', 'A policy with the same name already exists.');
}

function requireOwn(policy: OrganizationPolicyRecord): OrganizationPolicyRecord {
  if (!policy.awsManaged) return policy;
  throw invalidInput('IMMUTABLE_POLICY', 'A policy that AWS manages cannot be changed.');
}

function requireContent(text: string, type: OrganizationPolicyType): void {
  const problem = problemOf(text, type);
  if (problem === undefined) return;
  throw new AwsError(
    'MalformedPolicyDocumentException',
    `The provided policy document does not meet the requirements of the specified policy type: ${problem.message}`,
  );
}
