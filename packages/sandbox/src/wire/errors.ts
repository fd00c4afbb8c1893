/** An answer that is an error in AWS's own format: its code, status and message, and what else the service adds. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  /** Without it, the service's model or its table of errors tells. */
  readonly status: number | undefined;
  /** Further elements of the error: `Key`, `BucketName`, ... */
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: string,
    message: string,
    extra: {
      status?: number;
      fields?: Record<string, string>;
      headers?: Record<string, string>;
      cause?: unknown;
    } = {},
  ) {
    super(message, { cause: extra.cause });
    this.code = code;
    this.status = extra.status;
    this.fields = extra.fields ?? {};
    this.headers = extra.headers ?? {};
  }
}

/** Statuses of codes that no model declares. */
const STATUS: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AccessDeniedException: 400,
  AccountProblem: 403,
  AllAccessDisabled: 403,
  AuthFailure: 403,
  BucketNotEmpty: 409,
  ExpiredToken: 400,
  IncompleteSignature: 400,
  InternalError: 500,
  InternalFailure: 500,
  InvalidAccessKeyId: 403,
  InvalidClientTokenId: 403,
  InvalidRange: 416,
  InvalidSecurity: 403,
  MethodNotAllowed: 405,
  MissingAuthenticationToken: 403,
  MissingContentLength: 411,
  NoSuchBucket: 404,
  NoSuchBucketPolicy: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  OperationAborted: 409,
  PermanentRedirect: 301,
  PreconditionFailed: 412,
  RequestTimeTooSkewed: 403,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  UnrecognizedClientException: 400,
};

/** HTTP status of an error: its own, the model's, or the table's. */
export function statusOf(error: AwsError, declared?: ReadonlyMap<string, number>): number {
  return error.status ?? declared?.get(error.code) ?? STATUS[error.code] ?? 400;
}
