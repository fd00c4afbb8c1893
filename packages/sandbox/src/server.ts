import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SandboxError } from './errors.ts';
import { refusalOf } from './wire/not-http.ts';
import { isForControl, type Control } from './control/control.ts';
import { headOf } from './pipeline/identify.ts';
import type { Endpoint } from './gate/network.ts';
import type { Pipeline } from './pipeline/pipeline.ts';
import type { Authority } from './tls/authority.ts';

const LOOPBACK = '127.0.0.1';
/** Longer than clients keep idle connections, so that they are the ones who close. */
const KEEP_ALIVE = 75_000;
/** Node's own 16 KiB are too few for a session token with ten managed policies in it. */
const MAX_HEADERS = 131_072;

/**
 * Answers a request; never rejects.
 * @param beforeReading Called before the body is asked for, to let a client go on that waits for that.
 */
export type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  beforeReading: () => void,
) => Promise<void>;

/**
 * Sends the paths of the sandbox itself to `control` and all others to AWS.
 * @param endpoint The VPC endpoint whose port this is.
 */
export function createHandler(pipeline: Pipeline, control: Control, endpoint?: Endpoint): Handler {
  return (request, response, beforeReading) => {
    const head = headOf(request);
    if (isForControl(head)) return control.handle(head, request, response);
    return pipeline.handle(head, request, response, beforeReading, endpoint);
  };
}

/** The HTTP server, on loopback alone. */
export class LoopbackServer {
  readonly #server: Server;
  readonly endpoint: string;
  readonly #running: RunningCalls;

  private constructor(server: Server, endpoint: string, running: RunningCalls) {
    this.#server = server;
    this.endpoint = endpoint;
    this.#running = running;
  }

  /**
   * @param authority With it, the server speaks TLS.
   * @throws SandboxError `PortInUse`, `PortNotAllowed`
   */
  static async listen(handler: Handler, port: number, authority?: Authority): Promise<LoopbackServer> {
    const running = new RunningCalls();
    const handle = (request: IncomingMessage, response: ServerResponse, beforeReading: () => void): void =>
      running.follow(handler(request, response, beforeReading));
    // A body may take as long as its bytes keep coming: see `wire/idle.ts`.
    const options = { keepAliveTimeout: KEEP_ALIVE, maxHeaderSize: MAX_HEADERS, requestTimeout: 0 };
    const answer = (request: IncomingMessage, response: ServerResponse): void =>
      handle(request, response, nothing);
    const server = authority
      ? (await import('node:https')).createServer({ ...options, ...authority.serverOptions }, answer)
      : createServer(options, answer);
    // A client that waits before it sends its body is told to go on when the call is known to be allowed.
    server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      handle(request, response, () => response.writeContinue());
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      if (socket.writable) socket.end(refusalOf(error.code));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (cause: NodeJS.ErrnoException) => reject(listenError(cause, port)));
      server.listen(port, LOOPBACK, resolve);
    });
    const { port: actual } = server.address() as AddressInfo;
    return new LoopbackServer(server, `${authority ? 'https' : 'http'}://${LOOPBACK}:${actual}`, running);
  }

  /** Ends every connection, and waits until no call uses the store any more. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await this.#running.ended();
  }
}

function nothing(): void {}

/** Counts the calls that are not answered yet. */
class RunningCalls {
  #count = 0;
  #whenNone: (() => void) | undefined;
  readonly #end = (): void => {
    this.#count -= 1;
    if (this.#count === 0) this.#whenNone?.();
  };

  /** @param call Never rejects. */
  follow(call: Promise<void>): void {
    this.#count += 1;
    void call.then(this.#end);
  }

  async ended(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#whenNone = resolve));
  }
}

function listenError(cause: NodeJS.ErrnoException, port: number): SandboxError {
  if (cause.code === 'EADDRINUSE')
    return new SandboxError(
      'PortInUse',
      `port ${port} is in use`,
      'stop what listens there, name another port, or 0 for any that is free',
      { cause },
    );
  return new SandboxError(
    'PortNotAllowed',
    `cannot listen on port ${port}: ${cause.code ?? cause.message}`,
    'name a port from 1024 to 65535, or 0 for any that is free',
    { cause },
  );
}
