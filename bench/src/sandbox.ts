import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { runChild, script, startChild, type Child } from './children.ts';
import { median, printRows, type Row } from './report.ts';
import { signedRequest } from './signed-request.ts';

const CONNECTIONS = 16;
const DURATION = 3000;
const STARTS = 5;
const OBJECT = '/bench/object';
const BODY = Buffer.alloc(4096, 'y');

interface Ready {
  endpoint: string;
  accounts: { accessKeyId: string; secretAccessKey: string }[];
}

const command = script('../../packages/crossbucket/bin/crossbucket.js');

/** Starts, and signed reads and writes of 4 KiB with 16 in flight, beside a bare `node:http` server. */
export async function benchSandbox(): Promise<void> {
  await benchStart();
  const bare = await startChild(script('bare-server.js'), []);
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  const inMemory = await startChild(command, ['sandbox', '--json']);
  const durable = await startChild(command, ['sandbox', '--json', '--data', folder]);
  try {
    const bareGet = await rate(bare, await unsigned(bare, 'GET'), 200);
    const barePut = await rate(bare, await unsigned(bare, 'PUT', BODY), 200);
    const rows: Row[] = [];
    for (const [name, sandbox] of [
      ['temporary', inMemory],
      ['--data, every PUT on the disk', durable],
    ] as const) {
      await prepare(sandbox);
      const yardstick = 'bare node:http';
      rows.push(
        {
          name: `GET 4 KiB, ${name}`,
          value: await rate(sandbox, await signed(sandbox, 'GET'), 200),
          unit: '/s',
          yardstick: { name: yardstick, value: bareGet },
        },
        {
          name: `PUT 4 KiB, ${name}`,
          value: await rate(sandbox, await signed(sandbox, 'PUT', BODY), 200),
          unit: '/s',
          yardstick: { name: yardstick, value: barePut },
        },
      );
    }
    printRows(`Signed, authorised, recorded requests, ${CONNECTIONS} in flight`, rows);
  } finally {
    await Promise.all([bare, inMemory, durable].map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds from the start of the process to its first answer. */
async function benchStart(): Promise<void> {
  const times = { sandbox: [] as number[], bare: [] as number[] };
  for (let index = 0; index < STARTS; index++) {
    times.bare.push(await timeToFirstAnswer(() => startChild(script('bare-server.js'), [])));
    times.sandbox.push(await timeToFirstAnswer(() => startChild(command, ['sandbox', '--json'])));
  }
  printRows('Start of the process to the first answer (median)', [
    {
      name: 'crossbucket sandbox',
      value: median(times.sandbox),
      unit: 'ms',
      yardstick: { name: 'bare node:http', value: median(times.bare) },
    },
  ]);
}

async function timeToFirstAnswer(start: () => Promise<Child>): Promise<number> {
  const started = performance.now();
  const child = await start();
  await fetch(readyOf(child).endpoint);
  const time = performance.now() - started;
  await child.stop();
  return time;
}

async function prepare(sandbox: Child): Promise<void> {
  for (const [path, body] of [
    ['/bench', Buffer.alloc(0)],
    [OBJECT, BODY],
  ] as const)
    await send(sandbox, await signed(sandbox, 'PUT', body, path));
}

/** Sends one ready request and waits for its answer. */
async function send(sandbox: Child, ready: string): Promise<void> {
  const text = Buffer.from(ready, 'base64');
  const end = text.indexOf('\r\n\r\n');
  const [first, ...lines] = text.toString('latin1', 0, end).split('\r\n');
  const [method, path] = first!.split(' ');
  const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
  const call = request(readyOf(sandbox).endpoint, { method, path, headers });
  call.end(text.subarray(end + 4));
  const [response] = await once(call, 'response');
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`${method} ${path} answered ${response.statusCode}`);
}

async function rate(child: Child, ready: string, status: number): Promise<number> {
  const port = Number(new URL(readyOf(child).endpoint).port);
  const job = { port, request: ready, connections: CONNECTIONS, duration: DURATION, status };
  const { perSecond } = await runChild<{ perSecond: number }>(script('raw-client.js'), [JSON.stringify(job)]);
  return perSecond;
}

function readyOf(child: Child): Ready {
  return JSON.parse(child.firstLine) as Ready;
}

async function signed(sandbox: Child, method: string, body?: Buffer, path = OBJECT): Promise<string> {
  const { endpoint, accounts } = readyOf(sandbox);
  return signedRequest({ endpoint, ...accounts[0]! }, method, path, body);
}

/** The same bytes for a server that does not look at them. */
async function unsigned(bare: Child, method: string, body?: Buffer): Promise<string> {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' };
  return signedRequest({ endpoint: readyOf(bare).endpoint, ...credentials }, method, OBJECT, body);
}
