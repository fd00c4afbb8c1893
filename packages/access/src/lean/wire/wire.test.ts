import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { exchange } from '../exchange.ts';
import { ChunkReader } from './chunks.ts';
import { framingOf, readHead, writeHead } from './head.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers each request head with what the test writes; keeps how many connections there were. */
async function serve(answer: (socket: Socket, request: number) => void) {
  const state = { connections: 0, requests: 0 };
  const server = createServer((socket) => {
    state.connections++;
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data.toString('latin1');
      while (text.includes('\r\n\r\n')) {
        text = text.slice(text.indexOf('\r\n\r\n') + 4);
        answer(socket, state.requests++);
      }
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (signal?: AbortSignal) =>
    exchange(
      { secure: false, hostname: '127.0.0.1', port, method: 'GET', path: '/', headers: { host: 'h' } },
      signal,
    );
  return Object.assign(state, { ask });
}

async function bytesOf(answer: Awaited<ReturnType<typeof exchange>>, wanted: number) {
  const chunks: Buffer[] = [];
  await answer.body.pour(wanted, (chunk) => {
    chunks.push(Buffer.from(chunk));
    return undefined;
  });
  return Buffer.concat(chunks);
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
const large = Buffer.alloc(3_000_001, 'crossbucket');

describe('an exchange', () => {
  test('uses its connection again, for bodies of any size in any pieces', async () => {
    const server = await serve((socket, request) => {
      const body = large.subarray(0, [0, 5, large.length, 70_000][request % 4]);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\nX-N: ${request}\r\n\r\n`);
      for (let at = 0; at < body.length; at += 99_999) socket.write(body.subarray(at, at + 99_999));
    });
    for (let request = 0; request < 12; request++) {
      const answer = await server.ask();
      expect(answer).toMatchObject({ status: 200, headers: { 'x-n': String(request) } });
      const size = [0, 5, large.length, 70_000][request % 4]!;
      expect((await bytesOf(answer, size)).equals(large.subarray(0, size))).toBe(true);
    }
    expect(server.connections).toBe(1);
  });

  test('holds the server back while a sink is slow, and loses nothing', async () => {
    const server = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${large.length}\r\n\r\n`);
      socket.write(large);
    });
    const answer = await server.ask();
    const chunks: Buffer[] = [];
    await answer.body.pour(large.length, async (chunk) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      chunks.push(Buffer.from(chunk));
    });
    expect(Buffer.concat(chunks).equals(large)).toBe(true);
  });

  test('hangs up on what nobody wants', async () => {
    const server = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${large.length}\r\n\r\n`);
      socket.write(large);
    });
    expect((await bytesOf(await server.ask(), 1000)).equals(large.subarray(0, 1000))).toBe(true);
    (await server.ask()).body.close();
    (await server.ask()).body.close();
    expect(server.connections).toBe(3);
  });

  test('reads bodies in chunks and bodies until the end, and 100 Continue before them', async () => {
    const server = await serve((socket, request) => {
      if (request === 0)
        socket.write(
          'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: x\r\n\r\n',
        );
      else socket.end('HTTP/1.1 500 Oops\r\n\r\nto the end');
    });
    expect(await (await server.ask()).body.text(100)).toBe('abcde');
    expect(await (await server.ask()).body.text(100)).toBe('to the end');
    expect(server.connections).toBe(1);
  });

  test.each([
    ['ends before it answers', (socket: Socket) => socket.end()],
    ['ends within its head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n')],
    ['answers in another language', (socket: Socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n')],
    [
      'has a length that is none',
      (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'),
    ],
    [
      'has a head without end',
      (socket: Socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(300_000)}`),
    ],
  ])('with a server that %s is an error', async (_, answer) => {
    const server = await serve(answer);
    expect(await failure(server.ask())).toMatchObject({ stale: false });
  });

  test('that is cut off within its body is an error of the body', async () => {
    const server = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'));
    expect(await failure(bytesOf(await server.ask(), 10))).toBeInstanceOf(Error);
  });

  test('on a connection that was closed meanwhile says so', async () => {
    const server = await serve((socket, request) => {
      if (request === 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      else socket.destroy();
    });
    await server.ask();
    expect(await failure(server.ask())).toMatchObject({ stale: true });
  });

  test('can be aborted before, in and after its head', async () => {
    const server = await serve((socket, request) => {
      if (request > 0) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
    });
    const before = AbortSignal.abort(new Error('mine'));
    expect(await failure(server.ask(before))).toMatchObject({ message: 'mine' });
    const waiting = new AbortController();
    setTimeout(() => waiting.abort(new Error('mine')), 20);
    expect(await failure(server.ask(waiting.signal))).toMatchObject({ message: 'mine' });
    const reading = new AbortController();
    const answer = await server.ask(reading.signal);
    setTimeout(() => reading.abort(), 20);
    expect(await failure(bytesOf(answer, 10))).toBeInstanceOf(Error);
  });
});

test('no value of a header or path becomes a header or request of its own', () => {
  expect(() => writeHead('GET', '/', { a: 'b\r\nc: d' })).toThrow(TypeError);
  expect(() => writeHead('GET', '/ HTTP/1.1\r\n', {})).toThrow(TypeError);
  expect(() => writeHead('GET', '/', { a: 'ü' })).toThrow(TypeError);
  expect(readHead('HTTP/1.1 200 OK\r\nA:  b: c ')).toEqual({ status: 200, headers: { a: 'b: c' } });
  expect(framingOf({ status: 304, headers: { 'content-length': '9' } })).toEqual({
    kind: 'length',
    bytes: 0,
  });
});

test('a body in chunks is the same however it arrives', () => {
  const piece = fc.uint8Array({ minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), fc.integer({ min: 1, max: 30 }), (pieces, step) => {
      const sent = Buffer.concat([
        ...pieces.flatMap((bytes) => [
          Buffer.from(`${bytes.length.toString(16)}\r\n`),
          bytes,
          Buffer.from('\r\n'),
        ]),
        Buffer.from('0\r\n\r\n'),
      ]);
      const reader = new ChunkReader();
      const data: Buffer[] = [];
      for (let at = 0; at < sent.length; at += step)
        reader.read(sent.subarray(at, at + step), (chunk) => data.push(Buffer.from(chunk)));
      expect(reader.done).toBe(true);
      expect(Buffer.concat(data).equals(Buffer.concat(pieces))).toBe(true);
    }),
  );
  expect(() => new ChunkReader().read(Buffer.from('zz\r\n'), () => {})).toThrow('no size');
  expect(() => new ChunkReader().read(Buffer.from('1\r\nabc\r\n'), () => {})).toThrow('longer');
});
