import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { runChild, script, startChild, type Child } from './children.ts';
import { printRows, type Row } from './report.ts';
import { signedRequest } from './signed-request.ts';

const MIB = 1024 ** 2;
const LARGE = 8 * MIB;
const BARE = 'bare node:http';
const S3RVER = 's3rver';
const command = script('../../packages/crossbucket/bin/crossbucket.js');

interface Ready {
  endpoint: string;
  accounts?: { accessKeyId: string; secretAccessKey: string; id?: string }[];
}

/** What S3 is used for: large objects, long listings, beside a bare server and another S3 on localhost. */
export async function benchS3(): Promise<void> {
  await benchObjects();
  await benchListings();
  await benchMemory();
}

async function benchObjects(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  const children = {
    bare: await startChild(script('bare-server.js'), [String(LARGE)]),
    sandbox: await startChild(command, ['sandbox', '--json']),
    s3rver: await startChild(script('s3rver-server.js'), [folder]),
  };
  try {
    for (const child of [children.sandbox, children.s3rver]) {
      await send(child, 'PUT', '/bench').catch(() => undefined);
      await send(child, 'PUT', '/bench/small', Buffer.alloc(4096, 'y'));
      await send(child, 'PUT', '/bench/large', Buffer.alloc(LARGE, 'y'));
      await send(child, 'PUT', '/bench/larger', Buffer.alloc(2 * LARGE, 'y'));
      for (let index = 0; index < FEW; index++)
        await send(child, 'PUT', `/bench/listed/${index}`, Buffer.from('y'));
    }
    const rows: Row[] = [
      // The first read of a file of the sandbox decrypts it; of this size, none is kept.
      {
        name: 'GET 16 MiB, from the disk',
        value: ((await rate(children.sandbox, 'GET', '/bench/larger', undefined, 4)) * 2 * LARGE) / MIB,
        unit: 'MiB/s',
        yardstick: {
          name: S3RVER,
          value: ((await rate(children.s3rver, 'GET', '/bench/larger', undefined, 4)) * 2 * LARGE) / MIB,
        },
      },
    ];
    for (const method of ['GET', 'PUT'] as const) {
      const body = method === 'PUT' ? Buffer.alloc(LARGE, 'z') : undefined;
      const speed = async (child: Child) =>
        ((await rate(child, method, '/bench/large', body, 4)) * LARGE) / MIB;
      const [bare, sandbox, s3rver] = [
        await speed(children.bare),
        await speed(children.sandbox),
        await speed(children.s3rver),
      ];
      const row = { name: `${method} 8 MiB`, value: sandbox, unit: 'MiB/s' };
      rows.push(
        { ...row, yardstick: { name: BARE, value: bare } },
        { ...row, yardstick: { name: S3RVER, value: s3rver } },
      );
    }
    for (const method of ['GET', 'PUT'] as const) {
      const body = method === 'PUT' ? Buffer.alloc(4096, 'z') : undefined;
      rows.push({
        name: `${method} 4 KiB`,
        value: await rate(children.sandbox, method, '/bench/small', body, 16),
        unit: '/s',
        yardstick: { name: S3RVER, value: await rate(children.s3rver, method, '/bench/small', body, 16) },
      });
    }
    const list = '/bench?list-type=2&prefix=listed%2F';
    rows.push({
      name: `the list of ${FEW} objects`,
      value: await rate(children.sandbox, 'GET', list, undefined, 1),
      unit: '/s',
      yardstick: { name: S3RVER, value: await rate(children.s3rver, 'GET', list, undefined, 1) },
    });
    printRows('Objects', rows);
  } finally {
    await Promise.all(Object.values(children).map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

const MANY = 1_000_000;
const FEW = 1000;

/** The first thousand of many, and of just as many. */
async function benchListings(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  try {
    await runChild(script('many-objects.js'), [folder, '111111111111', String(MANY), String(FEW)]);
    const sandbox = await startChild(command, ['sandbox', '--json', '--data', folder]);
    const list = (path: string) => rate(sandbox, 'GET', path, undefined, 1);
    const few = { name: `${FEW} of ${FEW}`, value: await list('/few?list-type=2') };
    printRows('Listing a thousand objects', [
      { name: `${FEW} of ${MANY}`, value: await list('/many?list-type=2'), unit: '/s', yardstick: few },
      {
        name: `${FEW} of ${MANY}, from the middle`,
        value: await list('/many?list-type=2&start-after=data%2F000500000.json'),
        unit: '/s',
        yardstick: few,
      },
      {
        name: `the one common prefix of ${MANY}`,
        value: await list('/many?delimiter=%2F&list-type=2'),
        unit: '/s',
        yardstick: few,
      },
    ]);
    await sandbox.stop();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const HUGE = 5 * 1024 ** 3;

/** How much memory the sandbox takes at most while five gibibytes go in and out. */
async function benchMemory(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  const sandbox = await startChild(command, ['sandbox', '--json', '--data', folder]);
  try {
    await send(sandbox, 'PUT', '/bench');
    const started = performance.now();
    await send(sandbox, 'PUT', '/bench/huge', HUGE);
    const stored = performance.now();
    await send(sandbox, 'GET', '/bench/huge');
    const read = performance.now();
    const peak =
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${sandbox.pid}/status`, 'utf8'))?.[1]) / 1024;
    const speed = (from: number, to: number) => HUGE / MIB / ((to - from) / 1000);
    printRows('An object of 5 GiB, --data', [
      { name: 'PUT', value: speed(started, stored), unit: 'MiB/s' },
      { name: 'GET', value: speed(stored, read), unit: 'MiB/s' },
      { name: 'resident at most', value: peak, unit: 'MiB' },
    ]);
  } finally {
    await sandbox.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rate(
  child: Child,
  method: string,
  path: string,
  body: Buffer | undefined,
  connections: number,
): Promise<number> {
  const { endpoint, accounts } = readyOf(child);
  const key = accounts?.[0] ?? { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' };
  const job = {
    port: Number(new URL(endpoint).port),
    request: await signedRequest({ endpoint, ...key }, method, path, body),
    connections,
    duration: 3000,
    status: 200,
  };
  // Too long for a command line.
  const file = join(mkdtempSync(join(tmpdir(), 'crossbucket-job-')), 'job.json');
  writeFileSync(file, JSON.stringify(job));
  const { perSecond } = await runChild<{ perSecond: number }>(script('raw-client.js'), [`@${file}`]);
  rmSync(join(file, '..'), { recursive: true, force: true });
  return perSecond;
}

const PIECE = Buffer.alloc(MIB, 'p');

/** @param body Bytes, or how many of them, whose hash the request does not state. */
async function send(
  child: Child,
  method: string,
  path: string,
  body: Buffer | number = Buffer.alloc(0),
): Promise<void> {
  const { endpoint, accounts } = readyOf(child);
  const ready = await signedRequest({ endpoint, ...accounts![0]! }, method, path, body);
  const text = Buffer.from(ready, 'base64');
  const end = text.indexOf('\r\n\r\n');
  const [, ...lines] = text.toString('latin1', 0, end).split('\r\n');
  const call = request(endpoint, {
    method,
    path,
    headers: Object.fromEntries(lines.map((line) => line.split(': ') as [string, string])),
  });
  if (typeof body === 'number')
    for (let sent = 0; sent < body; sent += PIECE.length)
      if (!call.write(PIECE.subarray(0, body - sent))) await once(call, 'drain');
  call.end(typeof body === 'number' ? undefined : body);
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let size = 0;
  for await (const part of response as AsyncIterable<Buffer>) size += part.length;
  if (response.statusCode !== 200)
    throw new Error(`${method} ${path} answered ${response.statusCode} (${size} bytes)`);
}

function readyOf(child: Child): Ready {
  return JSON.parse(child.firstLine) as Ready;
}
