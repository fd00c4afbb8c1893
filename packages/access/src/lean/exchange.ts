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
  const abort = () => connection.destroy(signal.reason as Error);
  signal.addEventListener('abort', abort);
  const forget = () => signal.removeEventListener('abort', abort);
  try {
    const answer = await connection.send(head, body);
    answer.body.onceOver(forget);
    return answer;
  } catch (error) {
    forget();
    throw signal.aborted ? signal.reason : error;
  }
}
