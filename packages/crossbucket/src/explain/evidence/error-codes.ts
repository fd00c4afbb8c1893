import type { CauseCode } from '@crossbucket/policy';
import type { Facts } from '../core/situation.ts';

/** An error of AWS's: its code, and what the message says. */
export interface ErrorText {
  code: string;
  message: string;
  /** Value of `x-amz-bucket-region`, where the answer had one. */
  region?: string | undefined;
}

interface Meaning {
  claim: CauseCode;
  facts?: (error: ErrorText) => Partial<Facts>;
}

const credentials = (claim: NonNullable<Facts['credentials']>['code'], words: string): Meaning => ({
  claim,
  facts: ({ code, message }) => ({ credentials: { code: claim, detail: `${words} (${code}: ${message})` } }),
});

const EXPIRED = credentials('credentials-expired', 'the session has expired');
const INVALID = credentials('credentials-invalid', 'AWS does not take the credentials');
const SKEWED = credentials('clock-skew', 'the clock of the caller is wrong');

const OTHER_REGION: Meaning = {
  claim: 'wrong-region',
  facts: ({ message, region }) => {
    const [, asked] = /region '([a-z0-9-]+)' is wrong/.exec(message) ?? [];
    return {
      ...(asked !== undefined && { region: asked }),
      ...(region !== undefined && { bucketRegion: region }),
    };
  },
};

const STS_OFF: Meaning = {
  claim: 'sts-region-disabled',
  facts: ({ message }) => {
    const [, account = ''] = /account:(\d{12})/.exec(message) ?? [];
    return { stsDisabled: { account, region: '' } };
  },
};

/**
 * What error codes mean.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  AuthorizationHeaderMalformed: INVALID,
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  TokenRefreshRequired: EXPIRED,
  InvalidAccessKeyId: INVALID,
  InvalidClientTokenId: INVALID,
  InvalidSecurity: INVALID,
  InvalidSignatureException: INVALID,
  InvalidToken: INVALID,
  IncompleteSignature: INVALID,
  MissingAuthenticationToken: INVALID,
  NotSignedUp: INVALID,
  SignatureDoesNotMatch: INVALID,
  UnrecognizedClientException: INVALID,
  RequestTimeTooSkewed: SKEWED,
  RequestExpired: SKEWED,
  PermanentRedirect: OTHER_REGION,
  TemporaryRedirect: OTHER_REGION,
  IllegalLocationConstraintException: OTHER_REGION,
  RegionDisabledException: STS_OFF,
  NoSuchBucket: { claim: 'no-such-bucket', facts: () => ({ bucketMissing: true }) },
  NoSuchKey: { claim: 'no-such-key', facts: () => ({ objectMissing: true }) },
  NoSuchVersion: { claim: 'no-such-key', facts: () => ({ objectMissing: true }) },
  AccessControlListNotSupported: { claim: 'acl-not-supported' },
  'KMS.DisabledException': { claim: 'kms-key-unavailable' },
  DisabledException: { claim: 'kms-key-unavailable' },
  'KMS.KMSInvalidStateException': { claim: 'kms-key-unavailable' },
  KMSInvalidStateException: { claim: 'kms-key-unavailable' },
};

/** What an error means that is no plain denial; undefined for one that says nothing to us. */
export function meaningOf(error: ErrorText): { claim: CauseCode; facts: Partial<Facts> } | undefined {
  const known = byMessage(error) ?? (Object.hasOwn(MEANINGS, error.code) ? MEANINGS[error.code] : undefined);
  return known && { claim: known.claim, facts: known.facts?.(error) ?? {} };
}

/** Codes that mean several things. */
function byMessage({ code, message }: ErrorText): Meaning | undefined {
  if (/^Signature (?:expired|not yet current)/.test(message)) return SKEWED;
  if (/region '[a-z0-9-]+' is wrong/.test(message)) return OTHER_REGION;
  if (code === 'ValidationError' && /DurationSeconds/.test(message)) return { claim: 'session-duration' };
  if (/protected by object lock/i.test(message)) return { claim: 'object-lock' };
  if (/SSE-C|server.side encryption with customer/i.test(message)) return undefined;
  return undefined;
}
