import {
  createServer,
  request as send,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';

export interface Passing {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
}

export type ProxyFault =
  | undefined
  /** Ends the connection before the server has seen the request. */
  | 'hang-up'
  /** Lets the server do it, and ends the connection. */
  | 'lose-answer'
  /** Turns over one bit of the body on its way to the server. */
  | 'alter'
  | { status: number; code: string };

export interface FaultyProxy {
  url: string;
  requests: Passing[];
  fault: (request: Passing, index: number) => ProxyFault;
  before: (request: Passing) => Promise<void> | undefined;
  reset(): void;
  close(): Promise<void>;
}

/** Stands between a client and a server, keeps every request, and does to some what the test says. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  const { hostname, port } = new URL(target);
  const http = createServer((incoming, response) => void pass(incoming, response));
  http.listen(0, '127.0.0.1');
  await new Promise((resolve) => http.once('listening', resolve));
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    requests: [],
    fault: () => undefined,
    before: () => undefined,
    reset() {
      proxy.requests = [];
      proxy.fault = () => undefined;
      proxy.before = () => undefined;
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };

  async function pass(incoming: IncomingMessage, response: ServerResponse) {
    const { method = '', url = '', headers } = incoming;
    const passing = { method, url, headers };
    const index = proxy.requests.push(passing) - 1;
    const fault = proxy.fault(passing, index);
    const body = await buffer(incoming);
    await proxy.before(passing);
    if (fault === 'hang-up') return response.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, { 'content-type': 'application/xml' });
      return response.end(`<Error><Code>${fault.code}</Code><Message>${fault.code}</Message></Error>`);
    }
    if (fault === 'alter') body[0] = body[0]! ^ 1;
    const outgoing = send({ hostname, port, method, path: url, headers }, (answer) => {
      if (fault === 'lose-answer') {
        answer.resume().once('end', () => response.destroy());
        return;
      }
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    outgoing.once('error', () => response.destroy());
    return outgoing.end(body);
  }
  return proxy;
}
