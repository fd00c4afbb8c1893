import {
  Agent as HttpAgent,
  request as requestHttp,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import type { SlicedBody } from '../s3/object-calls.ts';

export interface OutgoingRequest {
  secure: boolean;
  hostname: string;
  port: number | undefined;
  method: string;
  /** With its query. */
  path: string;
  headers: Record<string, string>;
  body?: Uint8Array | SlicedBody;
}

export interface ExchangeOptions {
  /** Milliseconds without a byte in either direction. */
  idle: number;
  signal?: AbortSignal;
}

/** No answer came, or not all of it. Asking again may help. */
export class ConnectionError extends Error {
  /** As the SDK names it. */
  override readonly name: string;
  readonly code: string | undefined;
  /** The connection had served a request before: it may have been closed for its age just when this one was sent. */
  readonly stale: boolean;
  constructor(name: string, message: string, code: string | undefined, stale: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = name;
    this.code = code;
    this.stale = stale;
  }
}

// As many connections as requests are let through above.
const KEPT = { keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64, scheduling: 'lifo' } as const;
const http = new HttpAgent(KEPT);
const https = new HttpsAgent(KEPT);

/** Sends a request and resolves with the head of its answer. Rejects with a `ConnectionError`, or the reason of an abort. */
export function exchange(outgoing: OutgoingRequest, options: ExchangeOptions): Promise<IncomingMessage> {
  const { secure, hostname, port, method, path, headers, body } = outgoing;
  const { idle, signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const target = { hostname, port, method, path, headers, timeout: idle };
    const request = secure
      ? requestHttps({ ...target, agent: https })
      : requestHttp({ ...target, agent: http });
    const abort = () => request.destroy(signal!.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    request.once('close', () => signal?.removeEventListener('abort', abort));
    request.once('timeout', () => request.destroy(timeoutError(request, idle)));
    request.once('error', (error) => reject(asConnectionError(error, request, signal)));
    request.once('response', resolve);
    if (body && (secure || !(body instanceof Uint8Array)) && body.length > SLICE)
      sendSlices(request, body).catch((error: Error) => request.destroy(error));
    else request.end(body as Uint8Array | undefined);
  });
}

/** TLS would encrypt all that it is given at once into memory of its own. */
const SLICE = 256 * 1024;

async function sendSlices(request: ClientRequest, body: Uint8Array | SlicedBody): Promise<void> {
  const chunks = body instanceof Uint8Array ? slices(body) : body.chunks();
  for await (const chunk of chunks) {
    if (request.destroyed) return;
    if (!request.write(chunk)) await drained(request);
  }
  request.end();
}

function* slices(body: Uint8Array): Iterable<Uint8Array> {
  for (let at = 0; at < body.length; at += SLICE) yield body.subarray(at, at + SLICE);
}

const drained = (request: ClientRequest) =>
  new Promise<void>((resolve) => {
    const go = () => {
      request.off('drain', go).off('close', go);
      resolve();
    };
    request.once('drain', go).once('close', go);
  });

const timeoutError = ({ reusedSocket }: ClientRequest, idle: number) =>
  new ConnectionError(
    'TimeoutError',
    `nothing came for ${idle / 1000} seconds`,
    'ETIMEDOUT',
    reusedSocket === true,
  );

function asConnectionError(
  error: NodeJS.ErrnoException,
  { reusedSocket }: ClientRequest,
  signal: AbortSignal | undefined,
): Error {
  if (error instanceof ConnectionError || (signal?.aborted && error === signal.reason)) return error;
  const { message, code } = error;
  return new ConnectionError(error.name, message, code, reusedSocket === true, error);
}
