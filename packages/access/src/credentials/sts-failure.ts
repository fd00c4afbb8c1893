import { AccessError, type AccessErrorCode } from '../errors.ts';
import { parseRoleArn } from './role-arn.ts';

/** An error of STS, or of the way to it. */
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

interface ServiceError {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number };
}

const asServiceError = (error: unknown): ServiceError =>
  typeof error === 'object' && error !== null ? error : {};

/** The codes by which any service rejects credentials that another fetch may cure. */
const REJECTED = new Set(['ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'InvalidClientTokenId']);

export function rejectsCredentials(error: unknown): boolean {
  return REJECTED.has(asServiceError(error).name ?? '');
}

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
]);

export function isUnreachable(error: unknown): boolean {
  const { name, code } = asServiceError(error);
  return name === 'TimeoutError' || UNREACHABLE.has(code ?? '');
}

interface Explanation {
  code: AccessErrorCode;
  says: (role: string, account: string) => string;
  help: (role: string, account: string) => string;
}

const denied: Explanation = {
  code: 'assume-role-denied',
  says: (role, account) => `account ${account} does not let these credentials assume \`${role}\``,
  help: (role, account) =>
    `the owner of ${account} must name the caller (and its external id, if any) in the role's trust policy, and the caller's own policy must allow sts:AssumeRole; \`crossbucket explain sts:AssumeRole ${role}\` says which of them is missing`,
};

const badSource: Explanation = {
  code: 'source-credentials',
  says: (role) => `sts rejects the source credentials that should assume \`${role}\``,
  help: () => 'renew them (for example `aws sso login`), or pass others by `profile` or `credentials`',
};

const EXPLANATIONS: Record<string, Explanation> = {
  AccessDenied: denied,
  AccessDeniedException: denied,
  ExpiredToken: badSource,
  ExpiredTokenException: badSource,
  InvalidToken: badSource,
  InvalidClientTokenId: badSource,
  UnrecognizedClientException: badSource,
  SignatureDoesNotMatch: badSource,
  CredentialsProviderError: {
    code: 'source-credentials',
    says: (role) => `there are no source credentials to assume \`${role}\` with`,
    help: () => 'set AWS_PROFILE or pass `profile` or `credentials`',
  },
  RegionDisabledException: {
    code: 'sts-region-disabled',
    says: (role) => `sts is not active for the caller's account in the region that was asked for \`${role}\``,
    help: () => 'activate the region in the IAM console of that account, or pass another `region`',
  },
  PackedPolicyTooLarge: {
    code: 'session-policy-too-large',
    says: (role) => `session policy and tags for \`${role}\` are too large once packed`,
    help: () => 'shorten the policy, pass fewer tags, or use `policyArns`',
  },
};

const CHAIN_LIMIT = /exceeds the 1 hour session limit/;

const chainLimit: Explanation = {
  code: 'session-duration',
  says: (role) => `the caller is a role session itself, so its session of \`${role}\` lasts 1 hour at most`,
  help: () =>
    'ask for a `duration` of 1h or less, or leave it out: credentials are renewed before they expire anyway',
};

const tooLong: Explanation = {
  code: 'session-duration',
  says: (role) => `the \`duration\` exceeds the maximum session duration of \`${role}\``,
  help: (role, account) =>
    `ask for less, or have the owner of ${account} raise MaxSessionDuration of \`${role}\``,
};

const unreachable: Explanation = {
  code: 'sts-unreachable',
  says: (role) => `sts cannot be reached to assume \`${role}\``,
  help: () => 'check the network, AWS_ENDPOINT_URL_STS and AWS_REGION',
};

const other: Explanation = {
  code: 'assume-role-failed',
  says: (role) => `sts did not issue a session of \`${role}\``,
  help: (role) =>
    `see the cause; \`crossbucket explain sts:AssumeRole ${role}\` checks the policies of both accounts`,
};

function explanationOf(error: unknown): Explanation {
  const { name = '', message = '' } = asServiceError(error);
  if (CHAIN_LIMIT.test(message)) return chainLimit;
  if (name === 'ValidationError' && message.includes('MaxSessionDuration')) return tooLong;
  if (isUnreachable(error)) return unreachable;
  return Object.hasOwn(EXPLANATIONS, name) ? EXPLANATIONS[name]! : other;
}

const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestTimeout',
]);

/** Wraps whatever stopped an AssumeRole: names the role and its account, and says what to do. */
export function assumeRoleError(error: unknown, roleArn: string): AccessError {
  if (error instanceof AccessError) return error;
  const { code, says, help } = explanationOf(error);
  const { account } = parseRoleArn(roleArn);
  const { name = '', message = String(error), $metadata } = asServiceError(error);
  const status = $metadata?.httpStatusCode ?? 0;
  const permanent = status >= 400 && status < 500 && status !== 408 && status !== 429 && !THROTTLED.has(name);
  return new AssumeRoleError(
    code,
    roleArn,
    permanent,
    `${says(roleArn, account)}: ${message}`,
    help(roleArn, account),
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
  const permanent = isPermanent(failure);
  return new AssumeRoleError(
    'credentials-expired',
    roleArn,
    permanent,
    `the session of \`${roleArn}\` ended at ${new Date(expiredAt).toISOString()} and was not renewed: ${failure.message}`,
    failure.help,
    failure.cause,
  );
}
