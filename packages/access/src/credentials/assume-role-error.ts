import { explainRoleCommand, type CallSource } from '../denial/denied-call.ts';
import { AccessError, type AccessErrorCode } from '../errors.ts';
import { asServiceError, forgetRequest } from '../sdk-error.ts';
import { parseRoleArn } from './role-arn.ts';
import { isUnreachable, refusesForGood } from './sts-failure.ts';

/** STS, or something on the way to it, did not issue a session. The error it gave is the `cause`. */
export class AssumeRoleError extends AccessError {
  override readonly name = 'AssumeRoleError';
  readonly roleArn: string;
  /** True when asking again cannot help until somebody changes something. */
  readonly permanent: boolean;

  constructor(
    code: AccessErrorCode,
    roleArn: string,
    permanent: boolean,
    message: string,
    help: string,
    cause: unknown,
  ) {
    super(code, message, help, { cause });
    this.roleArn = roleArn;
    this.permanent = permanent;
  }
}

export function isPermanent(error: unknown): boolean {
  return error instanceof AssumeRoleError && error.permanent;
}

interface Explanation {
  code: AccessErrorCode;
  says: (role: string, account: string) => string;
  help: (role: string, account: string, source: CallSource) => string;
}

const denied: Explanation = {
  code: 'assume-role-denied',
  says: (role, account) => `account ${account} does not let these credentials assume \`${role}\``,
  help: (role, account, source) =>
    `the role's trust policy in ${account} must name the caller, with the same external id if it asks for one, and the caller's own policy must allow sts:AssumeRole on the role; find out which is missing: ${explainRoleCommand(role, source)}`,
};

const wrongCode: Explanation = {
  code: 'mfa-code',
  says: (role) => `the MFA code for \`${role}\` is not valid`,
  help: () => 'wait for the next code of the device, since each works once, and check `mfa.serial`',
};

const badSource: Explanation = {
  code: 'source-credentials',
  says: (role) => `sts rejects the source credentials that should assume \`${role}\``,
  help: () => 'renew them (for example `aws sso login`), or pass others by `profile` or `credentials`',
};

const noSource: Explanation = {
  code: 'source-credentials',
  says: (role) => `there are no source credentials to assume \`${role}\` with`,
  help: () => 'set AWS_PROFILE, or pass `profile` or `credentials`',
};

const badToken: Explanation = {
  code: 'source-credentials',
  says: (role) => `sts rejects the web identity token that should assume \`${role}\``,
  help: (role, account) =>
    `the token must be fresh, and account ${account} must have its issuer as an identity provider that the role's trust policy names`,
};

const regionOff: Explanation = {
  code: 'sts-region-disabled',
  says: (role) => `sts is not active for the caller's account in the region asked for \`${role}\``,
  help: () => 'activate the region in the account settings of IAM, or pass another `region`',
};

const tooLarge: Explanation = {
  code: 'session-policy-too-large',
  says: (role) => `session policy and tags for \`${role}\` are too large once packed`,
  help: () => 'shorten the policy, pass fewer tags, or use `policyArns`',
};

const badPolicy: Explanation = {
  code: 'session-policy-invalid',
  says: (role) => `sts cannot read the session policy for \`${role}\``,
  help: () => 'check it: crossbucket lint FILE',
};

const chainLimit: Explanation = {
  code: 'session-duration',
  says: (role) => `the caller is a role session itself, so its session of \`${role}\` lasts 1 hour at most`,
  help: () =>
    'ask for 1h or less, or leave `duration` out: credentials are renewed before they expire anyway',
};

const tooLong: Explanation = {
  code: 'session-duration',
  says: (role) => `\`duration\` exceeds the maximum session duration of \`${role}\``,
  help: (_, account) => `ask for less, or have the owner of account ${account} raise the role's maximum`,
};

const unreachable: Explanation = {
  code: 'sts-unreachable',
  says: (role) => `sts cannot be reached to assume \`${role}\``,
  help: () => 'check the network, and AWS_ENDPOINT_URL_STS, AWS_REGION or the profile',
};

const other: Explanation = {
  code: 'assume-role-failed',
  says: (role, account) => `sts did not issue a session of \`${role}\` in account ${account}`,
  help: () => 'see the cause',
};

const BY_NAME: Record<string, Explanation> = {
  AccessDenied: denied,
  AccessDeniedException: denied,
  ExpiredToken: badSource,
  InvalidToken: badSource,
  InvalidClientTokenId: badSource,
  UnrecognizedClientException: badSource,
  SignatureDoesNotMatch: badSource,
  ExpiredTokenException: badToken,
  InvalidIdentityToken: badToken,
  InvalidIdentityTokenException: badToken,
  IDPRejectedClaim: badToken,
  IDPRejectedClaimException: badToken,
  CredentialsProviderError: noSource,
  RegionDisabledException: regionOff,
  MalformedPolicyDocument: badPolicy,
  MalformedPolicyDocumentException: badPolicy,
  PackedPolicyTooLarge: tooLarge,
  PackedPolicyTooLargeException: tooLarge,
};

function explanationOf(error: unknown): Explanation {
  const { name = '', message = '' } = asServiceError(error);
  // https://repost.aws/ja/knowledge-center/iam-role-chaining-limit
  if (message.includes('1 hour session limit')) return chainLimit;
  if (message.includes('MultiFactorAuthentication failed')) return wrongCode;
  if (name === 'ValidationError' && message.includes('MaxSessionDuration')) return tooLong;
  if (isUnreachable(error)) return unreachable;
  return Object.hasOwn(BY_NAME, name) ? BY_NAME[name]! : other;
}

/** Wraps whatever stopped a session from being issued: names the role and its account, and says what to do. */
export function assumeRoleError(error: unknown, roleArn: string, source: CallSource = {}): AccessError {
  if (error instanceof AccessError) return error;
  forgetRequest(error);
  const { code, says, help } = explanationOf(error);
  const { account } = parseRoleArn(roleArn);
  const detail = asServiceError(error).message ?? String(error);
  const message = `${says(roleArn, account)}: ${detail}`;
  return new AssumeRoleError(
    code,
    roleArn,
    refusesForGood(error),
    message,
    help(roleArn, account, source),
    error,
  );
}

/** Thrown when nothing valid is left and it is too early to ask again; `failure` is how the last try ended. */
export function expiredError(
  roleArn: string,
  expiredAt: number | undefined,
  failure: AccessError,
): AccessError {
  if (expiredAt === undefined) return failure;
  const message = `the session of \`${roleArn}\` ended at ${new Date(expiredAt).toISOString()} and could not be renewed: ${failure.message}`;
  const cause = failure.cause ?? failure;
  return new AssumeRoleError(
    'credentials-expired',
    roleArn,
    isPermanent(failure),
    message,
    failure.help,
    cause,
  );
}
