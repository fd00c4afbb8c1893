/** What can go wrong between us and an account; more may join in minor releases. */
export type AccountErrorCode =
  /** No such profile, or no credentials in it. */
  | 'unknown-profile'
  | 'no-credentials'
  /** AWS does not take the credentials: wrong, expired, or signed at the wrong time. */
  | 'credentials-rejected'
  /** The credentials are those of another account. */
  | 'wrong-account'
  | 'unreachable'
  | 'throttled'
  | 'aws-denied'
  | 'aws-failed'
  | 'malformed-document';

/** A call of an account that failed: which account, which call, which document. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly code: AccountErrorCode;
  readonly help: string;
  readonly account: string | undefined;
  /** `iam:GetRole` */
  readonly call: string | undefined;
  /** `bucket-policy acme-reports` */
  readonly document: string | undefined;

  constructor(
    code: AccountErrorCode,
    message: string,
    help: string,
    {
      account,
      call,
      document,
      cause,
    }: { account?: string; call?: string; document?: string; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.code = code;
    this.help = help;
    this.account = account;
    this.call = call;
    this.document = document;
  }
}
