/** Stable names of what can go wrong; more may join in minor releases. */
export type AccessErrorCode =
  | 'invalid-option'
  | 'missing-peer'
  | 'source-credentials'
  | 'unknown-profile'
  | 'mfa-code'
  | 'assume-role-denied'
  | 'assume-role-failed'
  | 'session-duration'
  | 'session-policy-too-large'
  | 'session-policy-invalid'
  | 'sts-region-disabled'
  | 'sts-unreachable'
  | 'credentials-expired'
  | 'cache-unsafe'
  | 'access-denied'
  | 'credentials-rejected'
  | 'no-such-bucket'
  | 'no-such-key'
  | 'no-such-upload'
  | 'not-json'
  | 'wrong-region'
  | 'clock-skew'
  | 'precondition-failed'
  | 's3-unreachable'
  | 's3-failed'
  | 'too-large'
  | 'unsafe-key'
  | 'bad-key'
  | 'object-changed'
  | 'file-changed'
  | 'checksum-mismatch'
  | 'transfer-busy'
  | 'listing-unsorted'
  | 'empty-source'
  | 'overlap'
  | 'transfer-incomplete'
  | 'disk-full'
  | 'file-denied'
  | 'file-missing'
  | 'file-failed';

/** Every failure and misuse of this package: a stable `code`, a sentence, and a line that says what to do. */
export class AccessError extends Error {
  override readonly name: string = 'AccessError';
  readonly code: AccessErrorCode;
  readonly help: string;

  constructor(code: AccessErrorCode, message: string, help: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
