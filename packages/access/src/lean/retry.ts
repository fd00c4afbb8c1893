import { setTimeout as sleep } from 'node:timers/promises';
import { asServiceError } from '../sdk-error.ts';
import { ConnectionError } from './exchange.ts';

const TEMPORARY = new Set([408, 429, 500, 502, 503, 504]);
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
const TEMPORARY_CODES = new Set([
  'InternalError',
  'OperationAborted',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
]);

/** True where the same request may well succeed a moment later. */
export function isTemporary(error: unknown): boolean {
  if (error instanceof ConnectionError) return true;
  const { name = '', $metadata } = asServiceError(error);
  return TEMPORARY_CODES.has(name) || TEMPORARY.has($metadata?.httpStatusCode ?? 0);
}

const FIRST = 100;
const CEILING = 20_000;

/** Full jitter: anywhere below a ceiling that doubles with each failure (1 or more). */
export function backoff(failures: number, random = Math.random()): number {
  return Math.min(CEILING, FIRST * 2 ** Math.min(failures, 20)) * random;
}

/** Rejects with the reason of the abort. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}
