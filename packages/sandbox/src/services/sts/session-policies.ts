import type { PolicyDescriptorType } from '@aws-sdk/client-sts';
import type { SessionClaims } from '../../gate/session-token.ts';
import { AwsError } from '../../wire/errors.ts';
import { requireDocument } from '../iam/documents.ts';
import type { Call } from '../service.ts';

/** Of the inline session policy and the managed ones' ARNs together: as the SDK's model of STS says. */
const MOST_CHARACTERS = 2048;
const MOST_POLICY_ARNS = 10;
const NONE: Pick<SessionClaims, 'policy' | 'policyArns'> = {};

interface PolicyInput {
  Policy?: string | undefined;
  PolicyArns?: PolicyDescriptorType[] | undefined;
}

/**
 * The policies that narrow a session: the inline one, and managed ones.
 * @param account Account of the role or user, whose policies they are, if not AWS's.
 */
export function readSessionPolicies(
  { Policy: policy, PolicyArns = [] }: PolicyInput,
  account: string,
  call: Call,
): Pick<SessionClaims, 'policy' | 'policyArns'> {
  if (policy === undefined && PolicyArns.length === 0) return NONE;
  const arns = PolicyArns.map(({ arn }) => arn ?? '');
  if (policy !== undefined) requireDocument(policy, 'session');
  if (arns.length > MOST_POLICY_ARNS)
    throw new AwsError(
      'ValidationError',
      `1 validation error detected: Value at 'policyArns' failed to satisfy constraint: Member must have length less than or equal to ${MOST_POLICY_ARNS}`,
    );
  for (const arn of arns) {
    const found = call.store.findPolicy(arn);
    if (!found || (found.account !== account && found.account !== 'aws'))
      throw new AwsError('ValidationError', `Policy ${arn} does not exist in account ${account}.`);
  }
  const characters = arns.reduce((sum, arn) => sum + arn.length, policy?.length ?? 0);
  if (characters > MOST_CHARACTERS)
    throw new AwsError(
      'PackedPolicyTooLarge',
      `The session policies have ${characters} characters, and the maximum is ${MOST_CHARACTERS}.`,
    );
  return {
    ...(policy !== undefined && { policy }),
    ...(arns.length > 0 && { policyArns: arns }),
  };
}
