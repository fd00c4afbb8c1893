import type { CallDecision, Cause, CauseCode, Layer } from '@crossbucket/policy';
import type { KeyRecord } from '../store/records.ts';
import { AwsError } from '../wire/errors.ts';
import type { Protocol } from '../wire/protocol.ts';
import type { Caller } from './caller.ts';
import { notYours } from '../services/organizations/errors.ts';
import { discreetly, keyError, type Failed } from './denied-key.ts';

/** How AWS calls the policy that decided. https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html */
const POLICY_TYPES: Partial<Record<Layer, string>> = {
  'identity-policy': 'an identity-based policy',
  'resource-policy': 'a resource-based policy',
  'access-point-policy': 'a resource-based policy',
  'key-policy': 'a resource-based policy',
  boundary: 'a permissions boundary',
  'session-policy': 'a session policy',
  scp: 'a service control policy',
  rcp: 'a resource control policy',
  'vpc-endpoint-policy': 'a VPC endpoint policy',
  'trust-policy': 'the role trust policy',
};

/**
 * Those whose ARN an explicit denial gives, where they have one.
 * https://aws.amazon.com/blogs/security/enhanced-access-denied-error-messages-with-policy-arns
 */
const NAMED_BY_ARN: ReadonlySet<Layer | undefined> = new Set<Layer>([
  'scp',
  'rcp',
  'boundary',
  'session-policy',
  'identity-policy',
]);

/** What is no denial to a client, but an error of the service's own. */
const OWN_ERRORS: ReadonlyMap<CauseCode, (caller: Caller) => AwsError> = new Map([
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-ownership-error-responses.html
  ['acl-not-supported', aclNotSupported],
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
  ['session-duration', tooLong],
]);

export function aclNotSupported(): AwsError {
  return new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
}

function tooLong({ session }: Caller): AwsError {
  const limit =
    session?.kind === 'role'
      ? '1 hour session limit for roles assumed by role chaining'
      : 'MaxSessionDuration set for this role';
  return new AwsError('ValidationError', `The requested DurationSeconds exceeds the ${limit}.`);
}

/**
 * Turns a decision into AWS's denial. S3 says why only to callers of the bucket's account or organization; to others
 * the message is bare. The other services name the caller and the action to everyone, and why within the same bounds.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/troubleshoot-403-errors.html
 */
export function denialOf(
  decision: CallDecision,
  caller: Caller,
  protocol: Protocol,
  isTogether: (account: string | undefined) => boolean,
  keys: readonly KeyRecord[] = [],
): AwsError {
  const code = protocol === 'json' ? 'AccessDeniedException' : 'AccessDenied';
  const [cause] = decision.causes;
  const own = cause && OWN_ERRORS.get(cause.code);
  if (own) return own(caller);
  if (isKeptToOwner(decision))
    return new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
      status: 405,
    });
  const failed = failedOf(decision);
  if (!failed || caller.kind === 'anonymous') return new AwsError(code, 'Access Denied', { status: 403 });
  if (caller.kind === 'web-identity')
    return new AwsError(code, `Not authorized to perform ${failed.request.action}`, { status: 403 });
  const unusable = keyError(failed, caller, protocol, keys);
  if (unusable) return unusable;
  const { action, resource, resourceAccount } = failed.request;
  if (action.startsWith('organizations:') && failed.cause?.code === 'resource-policy-missing-allow')
    return notYours();
  const status = protocol === 'json' ? 400 : 403;
  const subject = `User: ${caller.arn} is not authorized to perform: ${action}`;
  const isKey = action.startsWith('kms:');
  const together = isTogether(resourceAccount);
  const discreet = together ? undefined : discreetly(failed);
  if (discreet !== undefined) return new AwsError(code, `${subject} ${discreet}`, { status });
  const quoted = protocol === 'rest-xml' ? `"${resource}"` : resource;
  const why = together || isKey ? explain(failed.cause, action) : undefined;
  // S3 tells strangers nothing of its own decisions; those of KMS it passes on.
  if (protocol === 'rest-xml' && why === undefined && !isKey)
    return new AwsError(code, 'Access Denied', { status });
  return new AwsError(code, `${subject} on resource: ${quoted}${why === undefined ? '' : ` ${why}`}`, {
    status,
  });
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html */
function isKeptToOwner({ authorizations }: CallDecision): boolean {
  return authorizations.find(({ decision }) => decision.outcome !== 'allow')?.decision.keptToOwner === true;
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
    // What an organization has settled for an account is refused without a reason.
    if (action.endsWith('PublicAccessBlock')) return undefined;
    const what = action.endsWith('Policy') ? 'policies' : 'ACLs';
    const setting = action.endsWith('Policy') ? 'BlockPublicPolicy' : 'BlockPublicAcls';
    return `because public ${what} are prevented by the ${setting} setting in S3 Block Public Access.`;
  }
  const type = cause?.layer && POLICY_TYPES[cause.layer];
  if (type === undefined) return undefined;
  if (cause!.statement?.effect !== 'Deny')
    return `because no ${type.replace(/^\w+ /, '')} allows the ${action} action`;
  const arn = NAMED_BY_ARN.has(cause!.layer) ? cause!.document?.arn : undefined;
  return `with an explicit deny in ${type}${arn === undefined ? '' : `: ${arn}`}`;
}
