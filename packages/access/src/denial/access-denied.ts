import type { CauseCode, Layer } from '@crossbucket/policy';
import { parseDenialMessage } from './denial-message.ts';
import { denialText } from './denial-text.ts';

/** What an AccessDenied message says. S3 says why only to callers of the same account or organization. */
export interface Denial {
  /** The message itself, unescaped. */
  message: string;
  /** `bare` when the message gives no principal and no action. */
  form: 'bare' | 'full';
  /** ARN of the caller. */
  principal?: string;
  /** `s3:GetObject` */
  action?: string;
  /** As the message has it: an ARN, or a name. */
  resource?: string;
  reason?: DenialReason;
  /** For `aws iam-toolbox get-request-authorization-details`, where the message links to it. */
  authorizationId?: string;
}

export interface DenialReason {
  kind: 'missing-allow' | 'explicit-deny' | 'public-access-block';
  /** The layer that decided. AWS names one even when several deny, and not always the one to change. */
  layer: Layer;
  cause: CauseCode;
  /** ARN of the policy that denies, where the message has it. */
  policyArn?: string;
  /** `BlockPublicPolicy`, ... */
  setting?: string;
}

/**
 * Reads an AccessDenied from an error of any AWS SDK (or from its `cause`), a CloudTrail record, an error document, the
 * output of the AWS CLI, or a message in a log; undefined for anything else. Never throws, and takes time in proportion
 * to the text.
 */
export function parseAccessDenied(error: unknown): Denial | undefined {
  try {
    return typeof error === 'string' ? parseText(error) : parseError(error, DEEPEST_CAUSE);
  } catch {
    // A hostile getter or proxy.
    return undefined;
  }
}

const DENIED_CODES = new Set(['AccessDenied', 'AccessDeniedException', 'Forbidden', '403']);
const BARE = /^(?:access ?denied|forbidden|403 forbidden)\.?$/i;
/** What SDKs put where the answer to a HEAD has no body. */
const NO_MESSAGE = /^(?:|unknown|unknownerror)$/i;
const DEEPEST_CAUSE = 8;

function parseText(raw: string): Denial | undefined {
  const { code, message } = denialText(raw);
  const full = parseDenialMessage(message);
  if (full) return full;
  const text = message.trim();
  const denied = code === undefined ? BARE.test(text) : DENIED_CODES.has(code);
  return denied ? { message: text, form: 'bare' } : undefined;
}

function parseError(error: unknown, depth: number): Denial | undefined {
  if (typeof error !== 'object' || error === null || depth === 0) return undefined;
  const { name, code, Code, errorCode, message, errorMessage, cause } = error as Record<string, unknown>;
  const text = [message, errorMessage].find((value) => typeof value === 'string') as string | undefined;
  const said = parseText(text ?? '');
  if (said?.form === 'full') return said;
  const denied = [name, code, Code, errorCode].some(
    (value) => typeof value === 'string' && DENIED_CODES.has(value),
  );
  const bodiless = statusOf(error) === 403 && NO_MESSAGE.test(text ?? '');
  return denied || bodiless ? { message: text ?? '', form: 'bare' } : (said ?? parseError(cause, depth - 1));
}

function statusOf(error: object): unknown {
  const { $metadata, statusCode } = error as {
    $metadata?: { httpStatusCode?: unknown };
    statusCode?: unknown;
  };
  return $metadata?.httpStatusCode ?? statusCode;
}
