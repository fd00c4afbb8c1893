import { parsePolicy } from '@crossbucket/policy';
import type { OrganizationPolicyRecord, OrganizationPolicyType } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { pageOf } from './pages.ts';
import { requireManagement } from './state.ts';
import { isParent } from './structure.ts';
import { entityArn, policyArn, type Tree } from './tree.ts';

/** Policies of one type on one root, unit or account. https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html */
const MOST_ATTACHED = 5;

const KINDS = { SERVICE_CONTROL_POLICY: 'scp', RESOURCE_CONTROL_POLICY: 'rcp' } as const;

export const policyHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  EnablePolicyType(input, call) {
    const { tree, changes } = requireManagement(call);
    const type = requireType(input.PolicyType);
    if (tree.organization.enabled.includes(type))
      throw new AwsError('PolicyTypeAlreadyEnabledException', 'The policy type is enabled already.');
    changes.enable(type);
    return {
      Root: { Id: tree.organization.root, Name: 'Root', PolicyTypes: [{ Type: type, Status: 'ENABLED' }] },
    };
  },

  DisablePolicyType(input, call) {
    const { tree, changes } = requireManagement(call);
    const type = requireType(input.PolicyType);
    requireEnabled(tree, type);
    changes.disable(type);
    return { Root: { Id: tree.organization.root, Name: 'Root', PolicyTypes: [] } };
  },

  CreatePolicy(input, call) {
    const { tree, changes } = requireManagement(call);
    const type = requireType(input.Type);
    requireContent(input.Content!, type);
    requireNewName(tree, input.Name!, type);
    const { Name, Description, Content } = input;
    const policy = changes.createPolicy({
      name: Name!,
      description: Description ?? '',
      type,
      text: Content!,
    });
    return { Policy: describe(policy, tree) };
  },

  DescribePolicy(input, call) {
    const { tree } = requireManagement(call);
    return { Policy: describe(requirePolicy(tree, input.PolicyId!), tree) };
  },

  UpdatePolicy(input, call) {
    const { tree, changes } = requireManagement(call);
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
    return { Policy: describe(changed, tree) };
  },

  DeletePolicy(input, call) {
    const { tree } = requireManagement(call);
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
    const { tree } = requireManagement(call);
    const type = requireType(input.Filter);
    const { page, more } = pageOf(
      tree.policies.filter((policy) => policy.type === type),
      input,
    );
    return { Policies: page.map((policy) => summarize(policy, tree)), ...more };
  },

  ListPoliciesForTarget(input, call) {
    const { tree } = requireManagement(call);
    requireTarget(tree, input.TargetId!);
    const type = requireType(input.Filter);
    const attached = tree.policies.filter(
      (policy) => policy.type === type && policy.targets.includes(input.TargetId!),
    );
    const { page, more } = pageOf(attached, input);
    return { Policies: page.map((policy) => summarize(policy, tree)), ...more };
  },

  ListTargetsForPolicy(input, call) {
    const { tree } = requireManagement(call);
    const { page, more } = pageOf(requirePolicy(tree, input.PolicyId!).targets, input);
    return { Targets: page.map((target) => describeTarget(target, tree, call)), ...more };
  },

  AttachPolicy(input, call) {
    const { tree, changes } = requireManagement(call);
    const policy = requirePolicy(tree, input.PolicyId!);
    const target = input.TargetId!;
    requireTarget(tree, target);
    requireEnabled(tree, policy.type);
    if (policy.targets.includes(target))
      throw new AwsError(
        'DuplicatePolicyAttachmentException',
        'A policy with the specified name and type already exists.',
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
    const { tree, changes } = requireManagement(call);
    const policy = requirePolicy(tree, input.PolicyId!);
    const target = input.TargetId!;
    requireTarget(tree, target);
    if (!policy.targets.includes(target))
      throw new AwsError('PolicyNotAttachedException', 'The policy is not attached to the specified target.');
    // https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    if (policy.awsManaged && policy.type === 'RESOURCE_CONTROL_POLICY')
      throw constraint('POLICY_CONTENT_NOT_ALLOWED', 'RCPFullAWSAccess cannot be detached.');
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

function requireType(type: string | undefined): OrganizationPolicyType {
  if (type !== undefined && Object.hasOwn(KINDS, type)) return type as OrganizationPolicyType;
  throw new AwsError('NotImplemented', `The sandbox does not implement the policy type ${type}.`, {
    status: 501,
  });
}

function requireEnabled({ organization }: Tree, type: OrganizationPolicyType): void {
  if (organization.enabled.includes(type)) return;
  throw new AwsError('PolicyTypeNotEnabledException', `The policy type ${type} is not enabled for the root.`);
}

function requireContent(text: string, type: OrganizationPolicyType): void {
  const { document, problems } = parsePolicy(text, KINDS[type]);
  const problem = problems.find(({ severity }) => severity === 'error');
  if (document && !problem) return;
  throw new AwsError(
    'MalformedPolicyDocumentException',
    `The provided policy document does not meet the requirements of the specified policy type: ${problem?.message ?? 'it is not JSON'}`,
  );
}

function requireNewName({ policies }: Tree, name: string, type: OrganizationPolicyType): void {
  if (!policies.some((policy) => policy.name === name && policy.type === type)) return;
  throw new AwsError('DuplicatePolicyException', 'A policy with the same name already exists.');
}

function requirePolicy({ policies }: Tree, id: string): OrganizationPolicyRecord {
  const policy = policies.find((candidate) => candidate.id === id);
  if (policy) return policy;
  throw new AwsError('PolicyNotFoundException', `There is no policy \`${id}\`.`);
}

function requireOwn(policy: OrganizationPolicyRecord): OrganizationPolicyRecord {
  if (!policy.awsManaged) return policy;
  throw new AwsError('InvalidInputException', 'An AWS managed policy cannot be changed.');
}

function requireTarget(tree: Tree, id: string): void {
  if (isParent(tree, id) || tree.members.has(id)) return;
  throw new AwsError('TargetNotFoundException', `There is no root, unit or account \`${id}\`.`);
}

function constraint(reason: string, message: string): AwsError {
  return new AwsError('ConstraintViolationException', message, { fields: { Reason: reason } });
}

function summarize(policy: OrganizationPolicyRecord, { organization }: Tree) {
  return {
    Id: policy.id,
    Arn: policyArn(policy, organization),
    Name: policy.name,
    Description: policy.description,
    Type: policy.type,
    AwsManaged: policy.awsManaged,
  };
}

function describe(policy: OrganizationPolicyRecord, tree: Tree) {
  return { PolicySummary: summarize(policy, tree), Content: policy.text };
}

function describeTarget(id: string, tree: Tree, call: Call) {
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
