/** What errors of the SDK have in common; any of it may be missing. */
export interface ServiceError {
  name?: string;
  code?: string;
  message?: string;
  $metadata?: { httpStatusCode?: number; requestId?: string };
  $response?: { headers?: Record<string, string>; body?: unknown };
}

/** Any thrown value, as an error of the SDK. */
export const asServiceError = (error: unknown): ServiceError =>
  typeof error === 'object' && error !== null ? error : {};

/**
 * The hidden response of an SDK error leads through its body to the request, and so to the session token in its headers.
 * The body has been read by then.
 */
export function forgetRequest(error: unknown): void {
  const { $response } = asServiceError(error);
  if ($response && !Object.isFrozen($response)) $response.body = undefined;
}
