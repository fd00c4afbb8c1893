import { asServiceError } from '../sdk-error.ts';

const REJECTED = new Set(['ExpiredToken', 'ExpiredTokenException', 'InvalidToken', 'InvalidClientTokenId']);

/** True for the codes by which any service rejects credentials that another fetch may cure. */
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

/** True when no answer came. */
export function isUnreachable(error: unknown): boolean {
  const { name, code } = asServiceError(error);
  return name === 'TimeoutError' || UNREACHABLE.has(code ?? '');
}

const TEMPORARY = new Set([
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'IDPCommunicationError',
]);

/** True when asking again cannot help until somebody changes something. */
export function refusesForGood(error: unknown): boolean {
  const { name = '', $metadata } = asServiceError(error);
  const status = $metadata?.httpStatusCode ?? 0;
  return status >= 400 && status < 500 && status !== 408 && status !== 429 && !TEMPORARY.has(name);
}
