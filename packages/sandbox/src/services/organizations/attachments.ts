import type { OrganizationPolicyRecord, OrganizationPolicyType } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { describeTarget, summarizePolicy } from './describe.ts';
import { constraint, invalidInput } from './errors.ts';
import { requirePolicy, requireTarget } from './lookups.ts';
import { pageOf } from './pages.ts';
import { requireEnabled, requireType } from './policy-types.ts';
import { requireMember, requireTree } from './state.ts';
import type { Tree } from './tree.ts';

/** Policies of one type on one root, unit or account. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const MOST_ATTACHED = 5;

/** Which policies are attached to which roots, units and accounts. */
export const attachmentHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  ListPoliciesForTarget(input, call) {
    const tree = requireMember(call);
    requireTarget(tree, input.TargetId!);
    const type = requireType(input.Filter);
    const attached = tree.policies.filter(
      (policy) => policy.type === type && policy.targets.includes(input.TargetId!),
    );
    const { page, more } = pageOf(attached, input);
    return { Policies: page.map((policy) => summarizePolicy(policy, tree)), ...more };
  },

  ListTargetsForPolicy(input, call) {
    const tree = requireMember(call);
    const { page, more } = pageOf(requirePolicy(tree, input.PolicyId!).targets, input);
    return { Targets: page.map((target) => describeTarget(target, tree, call)), ...more };
  },

  AttachPolicy(input, call) {
    const { tree, changes } = requireTree(call);
    const policy = requirePolicy(tree, input.PolicyId!);
    const target = input.TargetId!;
    requireTarget(tree, target);
    requireEnabled(tree, policy.type);
    if (policy.targets.includes(target))
      throw new AwsError(
        'DuplicatePolicyAttachmentException',
        'The policy is attached to the target already.',
      );
    if (attachedTo(tree, target, policy.type).length >= MOST_ATTACHED)
      throw constraint(
        'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
        `A target takes at most ${MOST_ATTACHED} policies of a type.`,
      );
    changes.attach(policy, target);
    return {};
  },

  DetachPolicy(input, call) {
    const { tree, changes } = requireTree(call);
    const policy = requirePolicy(tree, input.PolicyId!);
    const target = input.TargetId!;
    requireTarget(tree, target);
    if (!policy.targets.includes(target))
      throw new AwsError('PolicyNotAttachedException', 'The policy is not attached to the specified target.');
    // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    if (policy.awsManaged && policy.type === 'RESOURCE_CONTROL_POLICY')
      throw invalidInput('NON_DETACHABLE_POLICY', 'RCPFullAWSAccess cannot be detached.');
    if (policy.type === 'SERVICE_CONTROL_POLICY' && attachedTo(tree, target, policy.type).length === 1)
      throw constraint('MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED', 'A target keeps at least one SCP.');
    changes.detach(policy, target);
    return {};
  },
};

function attachedTo(
  { policies }: Tree,
  target: string,
  type: OrganizationPolicyType,
): OrganizationPolicyRecord[] {
  return policies.filter((policy) => policy.type === type && policy.targets.includes(target));
}
