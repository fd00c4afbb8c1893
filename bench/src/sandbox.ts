import { mkdtempSync, rmSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
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

interface Key {
  accessKeyId: string;
  secretAccessKey: string;
}

interface Ready {
  endpoint: string;
  accounts: Key[];
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
    await benchIdentity(bare);
    printRows(`Signed, authorised, recorded requests, ${CONNECTIONS} in flight`, rows);
  } finally {
    await Promise.all([bare, inMemory, durable].map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** GetCallerIdentity and AssumeRole, alone and with ten thousand roles and a hundred thousand policies beside. */
async function benchIdentity(bare: Child): Promise<void> {
  const yardstick = {
    name: 'bare node:http',
    value: await rate(bare, await unsigned(bare, 'PUT', BODY), 200),
  };
  const large = mkdtempSync(join(tmpdir(), 'crossbucket-bench-'));
  await runChild(script('large-state.js'), [large, String(MANY_ROLES), String(MANY_POLICIES)]);
  const rows: Row[] = [];
  for (const [name, parameters] of [
    ['few roles', []],
    [`${MANY_ROLES} roles, ${MANY_POLICIES} policies`, ['--data', large]],
  ] as const) {
    const sandbox = await startChild(command, ['sandbox', '--json', ...parameters]);
    try {
      if (parameters.length > 0) rows.push({ name: `start, ${name}`, value: sandbox.startup, unit: 'ms' });
      for (const [operation, ready] of await identityRequests(sandbox))
        rows.push({
          name: `${operation}, ${name}`,
          value: await rate(sandbox, ready, 200),
          unit: '/s',
          yardstick,
        });
    } finally {
      await sandbox.stop();
    }
  }
  rmSync(large, { recursive: true, force: true });
  printRows(`Identity, ${CONNECTIONS} in flight`, rows);
}

const MANY_ROLES = 10_000;
const MANY_POLICIES = 100_000;
const STS = { name: 'sts', contentType: 'application/x-www-form-urlencoded' };
const IAM = { ...STS, name: 'iam' };

/** Ready requests of a user who may assume a role of the other account. */
async function identityRequests(sandbox: Child): Promise<[operation: string, ready: string][]> {
  const { endpoint, accounts } = readyOf(sandbox);
  const [app, data] = accounts as [Key, Key];
  const form = (fields: Record<string, string>) => Buffer.from(new URLSearchParams(fields).toString());
  const iam = async (root: Key, fields: Record<string, string>): Promise<string> => {
    const body = form({ Version: '2010-05-08', ...fields });
    return send(sandbox, await signedRequest({ endpoint, ...root }, 'POST', '/', body, IAM));
  };
  const document = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  await iam(app, { Action: 'CreateUser', UserName: 'bench' });
  await iam(app, {
    Action: 'PutUserPolicy',
    UserName: 'bench',
    PolicyName: 'assume',
    PolicyDocument: document({ Action: 'sts:AssumeRole', Resource: '*' }),
  });
  const created = await iam(app, { Action: 'CreateAccessKey', UserName: 'bench' });
  const user = {
    accessKeyId: /<AccessKeyId>(.*?)</.exec(created)![1]!,
    secretAccessKey: /<SecretAccessKey>(.*?)</.exec(created)![1]!,
  };
  await iam(data, {
    Action: 'CreateRole',
    RoleName: 'bench',
    AssumeRolePolicyDocument: document({
      Principal: { AWS: 'arn:aws:iam::111111111111:root' },
      Action: 'sts:AssumeRole',
    }),
  });
  const sts = (fields: Record<string, string>) =>
    signedRequest({ endpoint, ...user }, 'POST', '/', form({ Version: '2011-06-15', ...fields }), STS);
  const role = { RoleArn: 'arn:aws:iam::222222222222:role/bench', RoleSessionName: 'bench' };
  return [
    ['GetCallerIdentity', await sts({ Action: 'GetCallerIdentity' })],
    ['AssumeRole', await sts({ Action: 'AssumeRole', ...role })],
  ];
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

/** Sends one ready request and gives its answer's body. */
async function send(sandbox: Child, ready: string): Promise<string> {
  const text = Buffer.from(ready, 'base64');
  const end = text.indexOf('\r\n\r\n');
  const [first, ...lines] = text.toString('latin1', 0, end).split('\r\n');
  const [method, path] = first!.split(' ');
  const headers = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
  const call = request(readyOf(sandbox).endpoint, { method, path, headers });
  call.end(text.subarray(end + 4));
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  let answer = '';
  for await (const part of response as AsyncIterable<Buffer>) answer += part.toString();
  if (response.statusCode !== 200)
    throw new Error(`${method} ${path} answered ${response.statusCode}: ${answer}`);
  return answer;
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
