import type { SlicedBody } from '../s3/object-calls.ts';
import type { Answer } from './wire/connection.ts';
import { writeHead } from './wire/head.ts';
import { connectionTo } from './wire/pool.ts';

export { ConnectionError } from './wire/connection-error.ts';
export type { Answer } from './wire/connection.ts';

export interface OutgoingRequest {
  secure: boolean;
  hostname: string;
  port: number | undefined;
  method: string;
  /** With its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array | SlicedBody;
}

/**
 * Sends a request and resolves with the head of its answer. Its body must be read or closed. Rejects with a
 * `ConnectionError`, or the reason of an abort, which ends the body too.
 */
export async function exchange(outgoing: OutgoingRequest, signal?: AbortSignal): Promise<Answer> {
  if (signal?.aborted) throw signal.reason;
  const { secure, hostname, port = secure ? 443 : 80, method, path, headers, body } = outgoing;
  const head = writeHead(method, path, headers);
  const connection = connectionTo({ secure, hostname, port });
  if (!signal) return connection.send(head, body);
  const forget = onAbort(signal, () => connection.destroy(signal.reason as Error));
  try {
    const answer = await connection.send(head, body);
    answer.body.onceOver(forget);
    return answer;
  } catch (error) {
    forget();
    throw signal.aborted ? signal.reason : error;
  }
}

const aborts = new WeakMap<AbortSignal, Set<() => void>>();

/** One listener for all requests of a signal: adding and removing one for each would take longer than signing them. */
function onAbort(signal: AbortSignal, abort: () => void): () => void {
  let waiting = aborts.get(signal);
  if (!waiting) {
    const made = new Set<() => void>();
    signal.addEventListener('abort', () => {
      for (const each of made) each();
    });
    aborts.set(signal, made);
    waiting = made;
  }
  waiting.add(abort);
  return () => waiting.delete(abort);
}
