/** What errors of the SDK have in common; any of it may be missing. */
export interface AwsError {
  name?: string;
  code?: string;
  message?: string;
  /** S3's own: the principal that it does not know, for one. */
  Detail?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { statusCode?: number; headers?: Record<string, string> };
}

export const asAwsError = (error: unknown): AwsError =>
  typeof error === 'object' && error !== null ? error : {};

export const statusOf = (error: unknown): number | undefined => {
  const { $metadata, $response } = asAwsError(error);
  return $metadata?.httpStatusCode ?? $response?.statusCode;
};

export const hasName = (error: unknown, ...names: readonly string[]): boolean =>
  names.includes(asAwsError(error).name ?? '');

export type FailureKind = 'denied' | 'credentials' | 'throttled' | 'unreachable' | 'other';

const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'UnauthorizedOperation',
]);

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const CREDENTIALS: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenRefreshRequired',
  'UnrecognizedClientException',
]);

const THROTTLED: ReadonlySet<string> = new Set([
  'LimitExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'ThrottledException',
  'TooManyRequestsException',
]);

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

export function failureKind(error: unknown): FailureKind {
  const status = statusOf(error);
  const { name = '', code = '' } = asAwsError(error);
  if (CREDENTIALS.has(name)) return 'credentials';
  if (THROTTLED.has(name)) return 'throttled';
  // A HEAD answers with a status and nothing else.
  if (DENIED.has(name) || status === 403) return 'denied';
  if (status === undefined && (NETWORK.has(code) || NETWORK.has(name) || name === 'TimeoutError'))
    return 'unreachable';
  return 'other';
}
