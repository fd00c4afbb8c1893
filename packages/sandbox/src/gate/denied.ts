import type { AccessRequest, CallDecision, Cause } from '@crossbucket/policy';
import { AwsError } from '../wire/errors.ts';
import type { Protocol } from '../wire/protocol.ts';
import type { Caller } from './caller.ts';

/** How AWS calls the policy that decided. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const POLICY_TYPES: readonly [prefix: string, type: string][] = [
  ['identity-policy', 'identity-based policy'],
  ['resource-policy', 'resource-based policy'],
  ['access-point-policy', 'resource-based policy'],
  ['kms-key-policy', 'resource-based policy'],
  ['kms-identity-policy', 'identity-based policy'],
  ['boundary', 'permissions boundary'],
  ['session-policy', 'session policy'],
  ['scp', 'service control policy'],
  ['rcp', 'resource control policy'],
  ['vpc-endpoint-policy', 'VPC endpoint policy'],
  ['trust-policy', 'role trust policy'],
];

/**
 * Turns a decision into AWS's denial. S3 says why only to callers of the bucket's account or organization; to others
 * the message is bare. The other services name the caller and the action to everyone, and why within the same bounds.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
 */
export function denialOf(
  decision: CallDecision,
  caller: Caller,
  protocol: Protocol,
  sameOrganization: boolean,
): AwsError {
  const code = protocol === 'json' ? 'AccessDeniedException' : 'AccessDenied';
  const failed = failedOf(decision);
  if (!failed || caller.kind === 'anonymous') return new AwsError(code, 'Access Denied', { status: 403 });
  const { action, resource } = failed.request;
  const quoted = protocol === 'rest-xml' ? `"${resource}"` : resource;
  const subject = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${quoted}`;
  const why = sameOrganization ? explain(failed.cause, action) : undefined;
  if (protocol === 'rest-xml')
    return new AwsError(code, why === undefined ? 'Access Denied' : `${subject} ${why}`, { status: 403 });
  const status = protocol === 'query' ? 403 : 400;
  return new AwsError(code, why === undefined ? subject : `${subject} ${why}`, { status });
}

interface Failed {
  request: AccessRequest;
  cause: Cause | undefined;
}

/** The authorization that was not allowed, or the one that Block Public Access refuses though policies allow it. */
function failedOf({ authorizations, causes }: CallDecision): Failed | undefined {
  const failed = authorizations.find(({ decision: { outcome } }) => outcome !== 'allow');
  if (failed) return { request: failed.request, cause: failed.decision.causes[0] };
  const [first] = authorizations;
  const [cause] = causes;
  return first && cause?.code === 'public-access-block' ? { request: first.request, cause } : undefined;
}

function explain(cause: Cause | undefined, action: string): string | undefined {
  if (cause?.code === 'public-access-block') {
    const what = action.endsWith('Policy') ? 'policies' : 'ACLs';
    const setting = action.endsWith('Policy') ? 'BlockPublicPolicy' : 'BlockPublicAcls';
    return `because public ${what} are prevented by the ${setting} setting in S3 Block Public Access.`;
  }
  const type = POLICY_TYPES.find(([prefix]) => cause?.code.startsWith(prefix))?.[1];
  if (!cause || type === undefined) return undefined;
  if (!cause.code.endsWith('-explicit-deny')) return `because no ${type} allows the ${action} action`;
  return `with an explicit deny in ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
