import { parsePolicy, type PolicyKind } from '@crossbucket/policy';
import type { OrganizationPolicyType } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import type { HandlersOf } from '../service.ts';
import { describeRoot } from './describe.ts';
import { invalidInput } from './errors.ts';
import { requireRoot, requireTarget } from './lookups.ts';
import { effectiveText, readS3Policy } from './s3-policies.ts';
import { requireMember, requireTree } from './state.ts';
import { isParent, levelsOf, pathTo, settingFor, type Tree } from './tree.ts';

const KINDS = {
  SERVICE_CONTROL_POLICY: 'scp',
  RESOURCE_CONTROL_POLICY: 'rcp',
  S3_POLICY: undefined,
} as const satisfies Record<OrganizationPolicyType, PolicyKind | undefined>;

/** Types of policies: which are in force, and what those come to that inherit. */
export const policyTypeHandlers: HandlersOf<typeof import('@aws-sdk/client-organizations')> = {
  EnablePolicyType(input, call) {
    const { tree, changes } = requireTree(call);
    requireRoot(tree, input.RootId!);
    const type = requireType(input.PolicyType);
    if (tree.organization.enabled.includes(type))
      throw new AwsError('PolicyTypeAlreadyEnabledException', 'The policy type is enabled already.');
    changes.enable(type);
    return { Root: describeRoot(requireMember(call)) };
  },

  DisablePolicyType(input, call) {
    const { tree, changes } = requireTree(call);
    requireRoot(tree, input.RootId!);
    const type = requireType(input.PolicyType);
    requireEnabled(tree, type);
    changes.disable(type);
    return { Root: describeRoot(requireMember(call)) };
  },

  DescribeEffectivePolicy(input, call) {
    const tree = requireMember(call);
    const target = input.TargetId ?? call.caller.account;
    if (isParent(tree, target))
      throw invalidInput('TARGET_NOT_SUPPORTED', 'Effective policies are those of accounts.');
    requireTarget(tree, target);
    const type = requireType(input.PolicyType);
    if (type !== 'S3_POLICY')
      throw invalidInput('INVALID_ENUM_POLICY_TYPE', `There is no effective policy of the type ${type}.`);
    const setting = settingFor(tree, target);
    if (setting === undefined)
      throw new AwsError(
        'EffectivePolicyNotFoundException',
        'The account has no effective policy of this type.',
      );
    const contributing = levelsOf(tree, type, pathTo(tree, target)).flat();
    const updated = Math.max(...contributing.map((policy) => policy.updated ?? tree.organization.created));
    return {
      EffectivePolicy: {
        PolicyContent: effectiveText(setting),
        LastUpdatedTimestamp: new Date(updated),
        TargetId: target,
        PolicyType: type,
      },
    };
  },
};

/** What is wrong with a policy's text. */
export function problemOf(
  text: string,
  type: OrganizationPolicyType,
): { message: string; help?: string } | undefined {
  const kind = KINDS[type];
  if (kind === undefined) return problemOfS3Policy(text);
  const { document, problems } = parsePolicy(text, kind);
  const problem = problems.find(({ severity }) => severity === 'error');
  return problem ?? (document ? undefined : { message: 'it is not JSON' });
}

function problemOfS3Policy(text: string): { message: string } | undefined {
  try {
    readS3Policy(text);
    return undefined;
  } catch (error) {
    return { message: (error as Error).message };
  }
}

export function requireType(type: string | undefined): OrganizationPolicyType {
  if (type !== undefined && Object.hasOwn(KINDS, type)) return type as OrganizationPolicyType;
  throw new AwsError('NotImplemented', `The sandbox does not implement the policy type ${type}.`, {
    status: 501,
  });
}

export function requireEnabled({ organization }: Tree, type: OrganizationPolicyType): void {
  if (organization.enabled.includes(type)) return;
  throw new AwsError('PolicyTypeNotEnabledException', `The policy type ${type} is not enabled for the root.`);
}
