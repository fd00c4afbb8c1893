import type {
  AwsCredentialIdentity,
  HandlerExecutionContext,
  InitializeHandler,
  Pluggable,
} from '@aws-sdk/types';
import { sessionOf, type LiveSession } from '../credentials/live-session.ts';
import { rejectsCredentials } from '../credentials/sts-failure.ts';

/** The session that signed the call of this context, if this package issued it. */
export function signingSession(context: object): { session: LiveSession; accessKeyId: string } | undefined {
  const { __smithy_context: inner } = context as {
    __smithy_context?: { selectedHttpAuthScheme?: { identity?: AwsCredentialIdentity } };
  };
  const identity = inner?.selectedHttpAuthScheme?.identity;
  const session = identity && sessionOf(identity);
  return session && { session, accessKeyId: identity.accessKeyId };
}

/** A stream that is being read cannot be sent again. */
function isReplayable(input: object): boolean {
  const { Body } = input as { Body?: unknown };
  return Body === undefined || typeof Body === 'string' || Body instanceof Uint8Array;
}

/** Tells a session whether a service took its credentials; a call with rejected ones is made once more, with others. */
export function reportCredentials<Input extends object, Output extends object>(): Pluggable<Input, Output> {
  return {
    applyToStack: (stack) =>
      stack.add(report, { step: 'initialize', name: 'reportCredentials', override: true }),
  };
}

function report<Input extends object, Output extends object>(
  next: InitializeHandler<Input, Output>,
  context: HandlerExecutionContext,
): InitializeHandler<Input, Output> {
  const attempt: typeof next = async (args) => {
    const result = await next(args);
    const signed = signingSession(context);
    signed?.session.accepted(signed.accessKeyId);
    return result;
  };
  return async (args) => {
    try {
      return await attempt(args);
    } catch (error) {
      const signed = rejectsCredentials(error) ? signingSession(context) : undefined;
      const others = signed?.session.rejected(signed.accessKeyId) ?? false;
      if (!others || !isReplayable(args.input)) throw error;
      return attempt(args);
    }
  };
}
