import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Identity } from '../interop/clients.ts';
import { sign } from '../interop/signer.ts';
import type { Dice } from './requests.ts';

/** How a client behaves on the wire, beyond what it says. */
interface Trick {
  /** Sent one after the other. */
  pieces: Buffer[];
  /** Between them, in milliseconds. */
  pause: number;
  /** What it does when all is sent: waits for the answer, ends its side, or goes away. */
  ending: 'wait' | 'end' | 'destroy';
}

const text = (value: string) => Buffer.from(value, 'latin1');

interface Signed {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  payload?: string;
}

/** Head of a request that is signed as it should be. */
function headOf(
  { method = 'PUT', path, headers, payload }: Signed,
  endpoint: string,
  identity: Identity,
): string {
  const signed = sign(
    { method, url: `${endpoint}${path}`, headers: headers ?? {} },
    { identity, payload: payload ?? 'UNSIGNED-PAYLOAD' },
  );
  const lines = Object.entries(signed.headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const { host } = new URL(endpoint);
  return `${method} ${path} HTTP/1.1\r\n${'host' in signed.headers ? '' : `host: ${host}\r\n`}${lines.join('')}`;
}

/** A chunk of a body of content encoding aws-chunked; most are as they should be. */
function chunk(dice: Dice, size: number): string {
  const stated = dice.chance(80)
    ? size.toString(16)
    : dice.pick(['0', '-1', 'zz', '', '1', 'fffffffff', ' 10', '0x10', (size + 1).toString(16)]);
  const extension = dice.pick([
    '',
    `;chunk-signature=${'0'.repeat(64)}`,
    ';chunk-signature=',
    ';a=b;c',
    ';'.repeat(200),
  ]);
  const end = dice.chance(90) ? '\r\n' : dice.pick(['\n', '', '\r', '\r\n\r\n']);
  return `${stated}${extension}\r\n${'d'.repeat(size)}${end}`;
}

const TRAILERS = [
  '\r\n',
  'x-amz-checksum-crc32:AAAAAA==\r\n\r\n',
  'x-amz-checksum-crc32:\r\n\r\n',
  'x-amz-checksum-crc32\r\n\r\n',
  ':\r\n\r\n',
  'x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:0\r\n\r\n',
  `${'x:y\r\n'.repeat(100)}\r\n`,
  `x:${'y'.repeat(20_000)}\r\n\r\n`,
  'x-amz-checksum-crc32:AAAAAA==\r\n',
  '\u0000\r\n\r\n',
];

function chunked(dice: Dice, endpoint: string, identity: Identity, bucket: string): Buffer[] {
  const payload = dice.pick([
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  ]);
  const sizes = Array.from({ length: dice.roll(4) }, () => dice.pick([1, 10, 8192, 9000, 70_000]));
  const body = `${sizes.map((size) => chunk(dice, size)).join('')}${chunk(dice, 0).trimEnd()}\r\n${dice.pick(TRAILERS)}`;
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const headers: Record<string, string> = {
    'content-encoding': 'aws-chunked',
    ...(dice.chance(90) && {
      'x-amz-decoded-content-length': dice.chance(80)
        ? String(total)
        : dice.pick(['-1', 'x', '0', '99999999999']),
    }),
    ...(dice.chance(60) && {
      'x-amz-trailer': dice.pick(['x-amz-checksum-crc32', 'x-amz-checksum-md4', '', 'a,b']),
    }),
  };
  const head = headOf({ path: `/${bucket}/chunked`, headers, payload }, endpoint, identity);
  const framing = dice.chance(85)
    ? `content-length: ${body.length + (dice.chance(90) ? 0 : dice.pick([-1, 1, 100]))}\r\n`
    : 'transfer-encoding: chunked\r\n';
  return [text(`${head}${framing}\r\n`), ...cut(text(body), dice)];
}

function cut(bytes: Buffer, dice: Dice): Buffer[] {
  const at = dice.chance(50) ? bytes.length : dice.roll(bytes.length + 1);
  return [bytes.subarray(0, at), bytes.subarray(at)].filter((piece) => piece.length > 0);
}

const FRAMINGS = [
  'content-length: 5\r\ncontent-length: 5\r\n',
  'content-length: 5\r\ncontent-length: 6\r\n',
  'content-length: 5, 5\r\n',
  'content-length: +5\r\n',
  'content-length: 0x5\r\n',
  'content-length:\r\n',
  'content-length: 5\r\ntransfer-encoding: chunked\r\n',
  'transfer-encoding: chunked, chunked\r\n',
  'transfer-encoding: gzip, chunked\r\n',
  'transfer-encoding: xchunked\r\n',
  'transfer-encoding : chunked\r\n',
  'transfer-encoding:\u000bchunked\r\n',
  ' content-length: 5\r\n',
  'x: y\r\n z\r\n',
  'x\u0000y: z\r\n',
  'x: \u0000\r\n',
  'x: y\rz: w\r\n',
  'host: other\r\n',
  'expect: 100-continue\r\ncontent-length: 5\r\n',
  'expect: 200-ok\r\ncontent-length: 5\r\n',
  'upgrade: h2c\r\nconnection: upgrade\r\n',
  `${'x: y\r\n'.repeat(3000)}`,
  `x: ${'y'.repeat(200_000)}\r\n`,
  `${'y'.repeat(70_000)}: x\r\n`,
];

const TARGETS = [
  '*',
  'http://127.0.0.1/',
  'http://other.example/bucket/key',
  'https://127.0.0.1:1/bucket?acl',
  '//bucket//key',
  '/%',
  '/%2',
  '/%zz?%zz=%',
  '/bucket/%00',
  '/bucket/\u0001',
  '/bucket\\..\\key',
  '/../../etc/passwd',
  '/bucket/..%2f..%2f..%2fetc%2fpasswd',
  '/bucket/%c0%ae%c0%ae/',
  '/?',
  '/?&&&=&=',
  `/?${'a&'.repeat(5000)}`,
  `/${'a/'.repeat(20_000)}`,
  '#',
  'bucket',
  '/_crossbucket/../bucket',
  '/_crossbucket/%2e%2e',
];

const VERSIONS = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'http/1.1', 'HTTP/', ''];

function trickOf(dice: Dice, endpoint: string, identity: Identity, bucket: string): Buffer[] {
  const kind = dice.roll(5);
  if (kind === 0) return chunked(dice, endpoint, identity, bucket);
  if (kind === 1) {
    const head = headOf({ path: `/${bucket}/framed` }, endpoint, identity);
    return [text(`${head}${dice.pick(FRAMINGS)}\r\n`), ...cut(text('5\r\nhello\r\n0\r\n\r\n'), dice)];
  }
  if (kind === 2) {
    const method = dice.pick(['GET', 'PUT', 'POST', 'OPTIONS', 'CONNECT', 'TRACE', 'M-SEARCH', 'get', '']);
    return [
      text(
        `${method} ${dice.pick(TARGETS)} ${dice.pick(VERSIONS)}\r\nhost: ${dice.pick(['a', '', '..', `${bucket}.localhost`, `${'a.'.repeat(200)}localhost`, '[::1]', 'a b'])}\r\n\r\n`,
      ),
    ];
  }
  if (kind === 3) {
    // Several at once, of which one is broken or says that it is the last.
    const one = (path: string, more = '') =>
      `${headOf({ method: 'GET', path }, endpoint, identity)}${more}\r\n`;
    const all = [
      one(`/${bucket}/k`),
      one(`/${bucket}/k`, dice.pick(['connection: close\r\n', 'x\r\n', ''])),
      dice.pick(['\r\n\r\n', 'x', one('/'), '']),
      one(`/${bucket}?list-type=2`),
    ];
    return cut(text(all.join('')), dice);
  }
  const length = dice.pick([10, 70_000, 2_000_000]);
  const head = headOf({ path: `/${bucket}/gone` }, endpoint, identity);
  const sent = dice.pick([0, 1, 9, length - 1, length, length + 10]);
  return [
    text(`${head}content-length: ${length}\r\n\r\n`),
    ...cut(Buffer.alloc(Math.min(sent, 200_000), 'b'), dice),
  ];
}

/** Makes one client that misbehaves. */
export function makeTrick(dice: Dice, endpoint: string, identity: Identity, bucket: string): Trick {
  const pieces = trickOf(dice, endpoint, identity, bucket);
  return {
    pieces:
      dice.chance(90) || pieces[0]!.length > 5000
        ? pieces
        : [...pieces[0]!].map((byte) => Buffer.from([byte])),
    pause: dice.chance(80) ? 0 : 1,
    ending: dice.pick(['wait', 'wait', 'end', 'destroy'] as const),
  };
}

/**
 * Plays a trick on a connection of its own.
 * @returns The statuses of the answers that came within so many milliseconds.
 */
export async function play(trick: Trick, port: number, patience: number): Promise<string[]> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => resolve());
  });
  const answered = new Promise<void>((resolve) => {
    socket.on('data', (bytes) => {
      received += bytes.toString('latin1');
      resolve();
    });
    socket.on('end', () => resolve());
  });
  socket.on('error', () => {});
  for (const piece of trick.pieces) {
    if (!socket.writable) break;
    socket.write(piece);
    if (trick.pause > 0) await sleep(trick.pause);
  }
  if (trick.ending === 'end') socket.end();
  if (trick.ending !== 'destroy') await Promise.race([answered, closed, sleep(patience)]);
  socket.destroy();
  return [...received.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status!);
}

/** Plays many tricks, some at a time. */
export async function playAll(
  count: number,
  dice: Dice,
  { endpoint, identity, bucket }: { endpoint: string; identity: Identity; bucket: string },
  each: (status: string | undefined) => void,
): Promise<void> {
  const port = Number(new URL(endpoint).port);
  let left = count;
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      while (left-- > 0) {
        const statuses = await play(makeTrick(dice, endpoint, identity, bucket), port, 200);
        for (const status of statuses.length > 0 ? statuses : [undefined]) each(status);
      }
    }),
  );
}
