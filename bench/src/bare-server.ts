import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The yardstick: a server of node's that answers a GET with so many bytes (4 KiB), all else with 4 KiB, and does no work. */
const small = Buffer.alloc(4096, 'x');
const body = Buffer.alloc(Number(process.argv[2] ?? small.length), 'x');

const server = createServer((request, response) => {
  const answer = request.method === 'GET' ? body : small;
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`${JSON.stringify({ endpoint: `http://127.0.0.1:${port}` })}\n`);
});
