import { SandboxError } from '../errors.ts';
import { internalErrors } from '../internal-errors.ts';
import { AwsError } from '../wire/errors.ts';

/** Whatever went wrong, as AWS would answer it; what nobody expects is published, too. */
export function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) return error;
  if (error instanceof SandboxError)
    return new AwsError('ServiceUnavailable', `${error.message}: ${error.help}`, {
      status: 503,
      cause: error,
    });
  // A client that went away in the middle of its body: nobody reads the answer.
  if ((error as NodeJS.ErrnoException).code === 'ECONNRESET')
    return new AwsError('RequestTimeout', 'The connection was closed before the request was complete.', {
      cause: error,
    });
  internalErrors.publish({ error });
  return new AwsError('InternalError', 'We encountered an internal error. Please try again.', {
    cause: error,
  });
}
