import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The yardstick: a server of node's that answers 4 KiB to everything and does no work. */
const body = Buffer.alloc(4096, 'x');

const server = createServer((request, response) => {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-length': body.length });
    response.end(body);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ endpoint: `http://127.0.0.1:${port}` })}\n`);
});
