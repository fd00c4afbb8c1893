import { authorize, parsePolicy, type PolicyDocument } from '@crossbucket/policy';
import { awsPrincipalsOf, principalIdsOf, textNow } from '../../store/principal-ids.ts';
import type { KeyRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { findUnknownPrincipal } from '../principals.ts';
import type { Call, HandlersOf } from '../service.ts';

const NAME = 'default';

export const keyPolicyHandlers: HandlersOf<typeof import('@aws-sdk/client-kms')> = {
  PutKeyPolicy(input, call) {
    const { policyPrincipals: _, ...key } = call.survey.keys![0]!;
    requireName(input.PolicyName);
    const policy = readKeyPolicy(input.Policy!, key.arn, input, call);
    call.store.keys.set(key.arn, { ...key, ...policy });
    return {};
  },

  GetKeyPolicy(input, call) {
    const { policy, policyPrincipals } = call.survey.keys![0]!;
    requireName(input.PolicyName);
    return { Policy: textNow(policy, policyPrincipals, call.store), PolicyName: NAME };
  },

  ListKeyPolicies: () => ({ PolicyNames: [NAME], Truncated: false }),
};

/**
 * Checks a key policy as KMS does before it takes it.
 * @returns What the key's record keeps of it.
 * @throws AwsError `MalformedPolicyDocumentException`
 */
export function readKeyPolicy(
  text: string,
  arn: string,
  { BypassPolicyLockoutSafetyCheck: bypass }: { BypassPolicyLockoutSafetyCheck?: boolean | undefined },
  call: Call,
): Pick<KeyRecord, 'policy' | 'policyPrincipals'> {
  const { document, problems } = parsePolicy(text, 'key');
  const problem = problems.find(({ severity }) => severity === 'error');
  if (problem || !document) throw malformed(problem?.message ?? 'Syntax errors in policy.');
  if (findUnknownPrincipal(awsPrincipalsOf(document), call) !== undefined)
    throw malformed('Policy contains a statement with one or more invalid principals.');
  if (bypass !== true && locksOut(document, arn, call))
    throw malformed('The new key policy will not allow you to update the key policy in the future.');
  const policyPrincipals = principalIdsOf(document, call.store);
  return { policy: text, ...(policyPrincipals && { policyPrincipals }) };
}

/**
 * Whether a key policy leaves its maker unable to change it again: it must let the caller put a key policy, or let
 * the account say who may.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
function locksOut(document: PolicyDocument, arn: string, { caller }: Call): boolean {
  const anything = {
    Version: '2012-10-17',
    Statement: { Effect: 'Allow', Action: '*', Resource: '*' },
  } as const;
  const role = caller.session?.kind === 'role' ? caller.session : undefined;
  const decision = authorize(
    {
      principal: caller.arn,
      action: 'kms:PutKeyPolicy',
      resource: arn,
      resourceAccount: caller.account,
      context: { ...(role && { 'aws:PrincipalArn': role.roleArn }), 'aws:userid': caller.userId },
    },
    { identity: [anything], resource: document },
  );
  return decision.outcome !== 'allow';
}

function requireName(name: string | undefined): void {
  if (name === undefined || name === NAME) return;
  throw new AwsError('NotFoundException', 'No such policy exists');
}

const malformed = (message: string): AwsError =>
  new AwsError('MalformedPolicyDocumentException', message, { status: 400 });

/**
 * The policy of a key that was made without one: the account's own policies decide.
 * https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export function defaultPolicy(account: string): string {
  const statement = {
    Sid: 'Enable IAM User Permissions',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };
  return JSON.stringify({ Version: '2012-10-17', Id: 'key-default-1', Statement: [statement] }, null, 2);
}
