import type { InitializeMiddleware, MetadataBearer, Pluggable } from '@aws-sdk/types';
import { asServiceError, forgetRequest } from '../sdk-error.ts';
import { parseAccessDenied, type Denial } from '../denial/access-denied.ts';
import { explainCommand, failedCall, reasonOf, type FailedCall } from '../denial/denied-call.ts';
import { reportCredentials, signingSession } from './report-credentials.ts';

/** A call that S3 denied, for whoever can say more. */
export interface DeniedCall extends FailedCall {
  denial: Denial;
  requestId?: string;
}

export interface ExplainDenialsOptions {
  /**
   * Looks up why: `explain` of `crossbucket/explain`, or your own. Its text joins the error's message; an answer that is
   * more than text is kept whole as `explained`. If it fails, the denial stands as it is.
   */
  explain?: (call: DeniedCall) => DenialAnswer | Promise<DenialAnswer>;
}

/** A text, or what has one. */
export type DenialAnswer = string | { toString(): string } | undefined;

/** What is added to the SDK's error of a denied call. */
export interface ExplainedDenial {
  denial: Denial;
  /** Explains the denial from the policies of both accounts. */
  command: string;
  /** What `explain` said. */
  explanation?: string;
  /** The same, whole, where it is more than a text. */
  explained?: object;
}

interface ClientWithMiddleware {
  middlewareStack: { use(plugin: Pluggable<object, MetadataBearer>): void };
}

/**
 * Adds to the errors of a client what a denial means: the parsed `denial`, the `command` that explains it, and both in
 * the message. The errors stay the SDK's own. Credentials of `fromCrossAccountRole` that a service rejects as expired
 * are renewed, and the call is made once more.
 */
export function explainDenials<Client extends object>(
  client: Client,
  options: ExplainDenialsOptions = {},
): Client {
  const { middlewareStack } = client as unknown as ClientWithMiddleware;
  middlewareStack.use(reportCredentials());
  middlewareStack.use(explaining(options));
  return client;
}

function explaining({ explain }: ExplainDenialsOptions): Pluggable<object, MetadataBearer> {
  const middleware: InitializeMiddleware<object, MetadataBearer> = (next, context) => async (args) => {
    try {
      return await next(args);
    } catch (error) {
      const denial = parseAccessDenied(error);
      if (!denial || !(error instanceof Error)) throw error;
      const operation = (context.commandName ?? '').replace(/Command$/, '');
      const call = await failedCall(operation, args.input, signingSession(context)?.session.describe());
      forgetRequest(error);
      const requestId = asServiceError(error).$metadata?.requestId;
      throw await enrich(error, { ...call, denial, requestId }, explain);
    }
  };
  return {
    applyToStack: (stack) =>
      stack.add(middleware, { step: 'initialize', name: 'explainDenials', priority: 'high', override: true }),
  };
}

async function enrich(
  error: Error,
  call: DeniedCall,
  explain: ExplainDenialsOptions['explain'],
): Promise<Error> {
  const command = explainCommand(call, call.denial);
  const answer = await quietly(call, explain);
  const explanation = answer === undefined ? undefined : String(answer);
  const meaning = explanation ?? `${reasonOf(call.denial, call)}; run: ${command}`;
  error.message = `${error.message} (${meaning})`;
  return Object.assign(error, {
    denial: call.denial,
    command,
    ...(explanation && { explanation }),
    ...(typeof answer === 'object' && { explained: answer }),
  } satisfies ExplainedDenial);
}

async function quietly(call: DeniedCall, explain: ExplainDenialsOptions['explain']): Promise<DenialAnswer> {
  try {
    return await explain?.(call);
  } catch {
    return undefined;
  }
}
