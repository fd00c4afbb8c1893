import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { endWhenIdle } from './idle.ts';

/** Sends the beginning of a body of 10 bytes, and stops; gives what came back until the connection ended. */
async function answerOf(
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString()));
  socket.on('error', () => {});
  socket.write('PUT / HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc');
  await once(socket, 'close');
  server.close();
  return text;
}

test('a client that stops sending is told, and its connection ends', async () => {
  const text = await answerOf(async (request, response) => {
    endWhenIdle(request, 20);
    try {
      for await (const _ of request.iterator({ destroyOnReturn: false }));
    } catch (error) {
      const { code, headers } = error as { code: string; headers: Record<string, string> };
      response.writeHead(400, headers).end(code);
    }
  });
  expect(text).toMatch(/^HTTP\/1\.1 400 [\s\S]*connection: close[\s\S]*RequestTimeout/i);
});

test('where nobody reads it any more, its connection ends without an answer', async () => {
  expect(await answerOf((request) => endWhenIdle(request, 20))).toBe('');
});
