import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { fromIni } from '@aws-sdk/credential-provider-ini';
import { afterEach, beforeEach, expect, test } from 'vitest';

const command = fileURLToPath(new URL('../../../bin/crossbucket.js', import.meta.url));

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-test-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

interface Ready {
  endpoint: string;
  configFile: string;
  credentialsFile: string;
  accounts: { id: string; name: string; accessKeyId: string; secretAccessKey: string }[];
}

async function start(...parameters: string[]): Promise<{ child: ChildProcess; ready: Ready }> {
  const child = spawn(process.execPath, [command, 'sandbox', '--json', ...parameters]);
  children.push(child);
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return { child, ready: JSON.parse(line) as Ready };
}

/** Runs a command that ends by itself. */
async function end(...parameters: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = spawn(process.execPath, [command, ...parameters]);
  children.push(child);
  let [out, err] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

test('says in one line of JSON where it is and how to reach it, and stops when asked', async () => {
  const { child, ready } = await start();
  expect(ready.endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(ready.accounts.map(({ id }) => id)).toEqual(['111111111111', '222222222222']);
  for (const file of [ready.configFile, ready.credentialsFile])
    expect(statSync(file).mode & 0o777).toBe(0o600);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('writes profiles of roots and users that an SDK needs nothing but', async () => {
  const config = join(folder, 'config.yaml');
  writeFileSync(config, 'accounts: [{ id: "111111111111", name: app, users: [{ name: worker }] }]\n');
  const { ready } = await start('--config', config);
  for (const [profile, arn] of [
    ['app', 'arn:aws:iam::111111111111:root'],
    ['app-worker', 'arn:aws:iam::111111111111:user/worker'],
  ]) {
    const credentials = fromIni({
      profile: profile!,
      configFilepath: ready.configFile,
      filepath: '/dev/null',
    });
    const sts = new STSClient({ region: 'us-east-1', endpoint: ready.endpoint, credentials });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Arn: arn });
  }
});

test.each([
  ['an unknown command', () => ['sandbx'], 2, /unknown command 'sandbx'/],
  ['an unknown flag', () => ['sandbox', '--prot', '1'], 2, /unknown option '--prot'/],
  ['a port that is no number', () => ['sandbox', '--port', 'abc'], 2, /a port is a number/],
  [
    'a config that is not there',
    () => ['sandbox', '--config', join(folder, 'none')],
    2,
    /cannot read the config file/,
  ],
  ['a config that is not YAML', () => ['sandbox', '--config', write('a: [')], 2, /config\.yaml:\d+:\d+: /],
  [
    'an account id that is none',
    () => ['sandbox', '--config', write('accounts: [{ id: "12" }]')],
    2,
    /config\.yaml:1:18: .*twelve digits/,
  ],
  ['a key that nobody knows', () => ['sandbox', '--config', write('acounts: []')], 2, /config\.yaml:1:1: /],
  [
    'a data folder that cannot be',
    () => ['sandbox', '--data', '/dev/null/x'],
    3,
    /cannot use `\/dev\/null\/x` as the data folder/,
  ],
])('refuses %s with one error and what to do', async (_, parameters, code, message) => {
  const ended = await end(...parameters());
  expect({ code: ended.code, out: ended.out }).toEqual({ code, out: '' });
  expect(ended.err).toMatch(message);
  expect(ended.err).toMatch(/\nhelp: /);
  expect(ended.err).not.toMatch(/\n\s+at /);
});

test('refuses a port that is in use', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ended = await end('sandbox', '--port', String(port));
  server.close();
  expect(ended).toMatchObject({ code: 3, out: '', err: expect.stringContaining(`port ${port} is in use`) });
});

function write(text: string): string {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, text);
  return path;
}
