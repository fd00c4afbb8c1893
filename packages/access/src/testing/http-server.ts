import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string;
  /** Path and query, as sent. */
  url: URL;
  headers: IncomingHttpHeaders;
  body: string;
}

/** `undefined` hangs up. */
export type Reply = { status?: number; headers?: Record<string, string>; body?: string } | undefined;

export interface TestServer {
  url: string;
  received: Received[];
  reply: (request: Received, index: number) => Reply | Promise<Reply>;
  close(): Promise<void>;
}

/** A server on loopback that replies what the test says and keeps every request. */
export async function startServer(reply: TestServer['reply']): Promise<TestServer> {
  const server = createServer(async (incoming, response) => {
    let body = '';
    for await (const chunk of incoming) body += String(chunk);
    const { method = '', headers } = incoming;
    const request = { method, url: new URL(incoming.url ?? '/', running.url), headers, body };
    running.received.push(request);
    const answer = await running.reply(request, running.received.length - 1);
    if (!answer) {
      response.destroy();
      return;
    }
    response.writeHead(answer.status ?? 200, {
      connection: 'close',
      ...(answer.body !== undefined && { 'content-length': Buffer.byteLength(answer.body) }),
      ...answer.headers,
    });
    response.end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const running: TestServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: [],
    reply,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return running;
}
