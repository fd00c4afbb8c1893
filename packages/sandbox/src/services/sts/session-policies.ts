import type { AssumeRoleCommandInput } from '@aws-sdk/client-sts';
import type { SessionClaims } from '../../gate/session-token.ts';
import type { RoleRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { requireDocument } from '../iam/documents.ts';
import type { Call } from '../service.ts';
import type { SessionTags } from './session-tags.ts';

/** Of the inline session policy, in characters; the packed size of all that a session carries has a limit of its own. */
const LARGEST_POLICY = 2048;
const MOST_POLICY_ARNS = 10;

/** The policies that narrow a session: the inline one, and managed ones of the role's account. */
export function readSessionPolicies(
  input: Pick<AssumeRoleCommandInput, 'Policy' | 'PolicyArns'>,
  role: RoleRecord,
  call: Call,
): SessionClaims['policies'] {
  const policies: NonNullable<SessionClaims['policies']> = [];
  if (input.Policy !== undefined) {
    if (input.Policy.length > LARGEST_POLICY)
      throw new AwsError(
        'ValidationError',
        `1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${LARGEST_POLICY}`,
      );
    requireDocument(input.Policy, 'session');
    policies.push({ name: 'session policy', text: input.Policy });
  }
  const arns = (input.PolicyArns ?? []).map(({ arn }) => arn ?? '');
  if (arns.length > MOST_POLICY_ARNS)
    throw new AwsError('ValidationError', `A session takes at most ${MOST_POLICY_ARNS} managed policies.`);
  for (const arn of arns) {
    const policy = call.store.findPolicy(arn);
    if (!policy || policy.account !== role.account)
      throw new AwsError('ValidationError', `Policy ${arn} does not exist in the account of the role.`);
    policies.push({ name: arn, text: policy.versions.find(({ id }) => id === policy.defaultVersion)!.text });
  }
  return policies.length > 0 ? policies : undefined;
}

/**
 * How much of what a session may carry is used, in percent. AWS packs policies and tags in a form that it does not
 * publish: this counts their characters against the limit of the policy alone.
 */
export function packedSize(
  input: Pick<AssumeRoleCommandInput, 'Policy' | 'PolicyArns'>,
  tags: SessionTags,
): number | undefined {
  const arns = (input.PolicyArns ?? []).reduce((sum, { arn }) => sum + (arn?.length ?? 0), 0);
  const pairs = Object.entries(tags.tags ?? {}).reduce(
    (sum, [key, value]) => sum + key.length + value.length,
    0,
  );
  const characters = (input.Policy?.length ?? 0) + arns + pairs;
  if (characters === 0) return undefined;
  const percent = Math.ceil((characters / (2 * LARGEST_POLICY)) * 100);
  if (percent <= 100) return percent;
  throw new AwsError(
    'PackedPolicyTooLarge',
    `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}
