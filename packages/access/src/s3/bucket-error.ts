import { isUnreachable } from '../credentials/sts-failure.ts';
import { AccessError, type AccessErrorCode } from '../errors.ts';
import { asServiceError, forgetRequest } from '../sdk-error.ts';
import { parseAccessDenied, type Denial } from '../denial/access-denied.ts';
import {
  describeCall,
  explainCommand,
  locationOf,
  reasonOf,
  type FailedCall,
} from '../denial/denied-call.ts';

/** S3 said 403. Across organizations it does not say why; the `command` finds out. */
export class AccessDeniedError extends AccessError {
  override readonly name = 'AccessDeniedError';
  /** What S3's message says. */
  readonly denial: Denial;
  readonly call: FailedCall;
  /** Explains the denial from the policies of both accounts. */
  readonly command: string;

  constructor(call: FailedCall, denial: Denial, cause: unknown) {
    const command = explainCommand(call, denial);
    super('access-denied', `${describeCall(call)} is denied: ${reasonOf(denial, call)}`, `run: ${command}`, {
      cause,
    });
    this.denial = denial;
    this.call = call;
    this.command = command;
  }
}

interface Meaning {
  code: AccessErrorCode;
  says: (call: FailedCall) => string;
  help: (call: FailedCall) => string;
}

const noBucket: Meaning = {
  code: 'no-such-bucket',
  says: ({ bucket }) => `there is no bucket \`${bucket}\``,
  help: () => 'check its name, and that AWS_ENDPOINT_URL_S3 or the profile leads to where it is',
};

const noKey: Meaning = {
  code: 'no-such-key',
  says: (call) => `there is no object \`${locationOf(call)}\``,
  help: ({ bucket }) => `keys are case-sensitive; list them: crossbucket ls s3://${bucket}/`,
};

const noUpload: Meaning = {
  code: 'no-such-upload',
  says: (call) => `the upload of \`${locationOf(call)}\` is not open any more`,
  help: () => 'somebody or a lifecycle rule has ended it: run it again',
};
const altered: Meaning = {
  code: 'checksum-mismatch',
  says: (call) => `the bytes that arrived for \`${locationOf(call)}\` are not those that were sent`,
  help: () => 'run it again; if that does not help, something between here and S3 alters what it passes on',
};
const rejected: Meaning = {
  code: 'credentials-rejected',
  says: (call) => `s3 rejects the credentials for ${describeCall(call)}`,
  help: ({ roleArn }) =>
    roleArn
      ? 'fresh ones were rejected too: check the clock and the endpoint'
      : 'renew them, or pass a role to assume',
};

const skewed: Meaning = {
  code: 'clock-skew',
  says: (call) => `the clock of this machine is too far from that of s3 for ${describeCall(call)}`,
  help: () => 'set the clock, for example by NTP',
};

const without: Meaning = {
  code: 'source-credentials',
  says: (call) => `there are no credentials for ${describeCall(call)}`,
  help: () => 'set AWS_PROFILE, or pass `profile` or `credentials`',
};

const elsewhere: Meaning = {
  code: 'wrong-region',
  says: ({ bucket }) => `bucket \`${bucket}\` is in another region than the client`,
  help: () => 'leave `client` out, or give it the region of the bucket',
};

const precondition: Meaning = {
  code: 'precondition-failed',
  says: (call) => `the condition on \`${locationOf(call)}\` does not hold`,
  help: () => 'read the object again: somebody else has changed it',
};

const unreachable: Meaning = {
  code: 's3-unreachable',
  says: (call) => `s3 cannot be reached for ${describeCall(call)}`,
  help: () => 'check the network, and AWS_ENDPOINT_URL_S3, AWS_REGION or the profile',
};

const failed: Meaning = {
  code: 's3-failed',
  says: (call) => `${describeCall(call)} failed`,
  help: () => 'see the cause',
};

const BY_NAME: Record<string, Meaning> = {
  CredentialsProviderError: without,
  NoSuchBucket: noBucket,
  NoSuchKey: noKey,
  NoSuchVersion: noKey,
  NoSuchUpload: noUpload,
  BadDigest: altered,
  XAmzContentSHA256Mismatch: altered,
  ExpiredToken: rejected,
  InvalidToken: rejected,
  InvalidClientTokenId: rejected,
  InvalidAccessKeyId: rejected,
  SignatureDoesNotMatch: rejected,
  RequestTimeTooSkewed: skewed,
  PermanentRedirect: elsewhere,
  AuthorizationHeaderMalformed: elsewhere,
  PreconditionFailed: precondition,
};

function meaningOf(error: unknown, { key }: FailedCall): Meaning {
  const { name = '', $metadata } = asServiceError(error);
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name]!;
  // The answer to a HEAD has no body that could say what is missing.
  if ($metadata?.httpStatusCode === 404) return key === undefined ? noBucket : noKey;
  if ($metadata?.httpStatusCode === 412) return precondition;
  return isUnreachable(error) ? unreachable : failed;
}

/** Turns an error of the S3 client into one that names bucket, account and what to do; an abort stays what it is. */
export function bucketError(error: unknown, call: FailedCall): unknown {
  if (error instanceof AccessError || asServiceError(error).name === 'AbortError') return error;
  forgetRequest(error);
  const denial = parseAccessDenied(error);
  if (denial) return new AccessDeniedError(call, denial, error);
  const { code, says, help } = meaningOf(error, call);
  const { message } = asServiceError(error);
  return new AccessError(code, `${says(call)}: ${message ?? String(error)}`, help(call), { cause: error });
}
