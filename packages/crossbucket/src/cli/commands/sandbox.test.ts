import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ChildSandbox } from '../../../../../test/faults/child-sandbox.ts';
import { run } from '../main.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command line that is to fail at once. */
async function fail(...argv: string[]) {
  let err = '';
  let out = '';
  const sink = (add: (text: string) => void) =>
    new Writable({
      write(chunk: Buffer, _, done) {
        add(chunk.toString());
        done();
      },
    });
  const style = { bold: String, dim: String, green: String, red: String };
  const exit = await run(argv, {
    out: sink((text) => (out += text)),
    err: sink((text) => (err += text)),
    style,
  });
  expect(out).toBe('');
  return { exit, lines: err.trimEnd().split('\n') };
}

const config = (text: string): string => {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, text);
  return path;
};

describe('a config', () => {
  const see = 'help: see docs/sandbox.md for the keys that a config may have';
  const account = 'accounts:\n  - id: "111111111111"\n';
  const userWith = (text: string) => `${account}    users:\n      - name: app\n${text}`;

  test.each<[string, string, string, string?]>([
    ['that is no YAML', 'accounts: [\n', ':2:1: '],
    ['that is empty', '', ': the file is empty'],
    ['that is two documents', 'accounts: []\n---\naccounts: []\n', ':2:1: '],
    ['of aliases that multiply', bomb(), ': Excessive alias count indicates a resource exhaustion attack'],
    ['that is a list', '- 111111111111\n', ':1:1: '],
    ['without accounts', '{}\n', ':1:1: `accounts`: '],
    ['with no account', 'accounts: []\n', ':1:11: `accounts`: '],
    [
      'with a key that is unknown',
      `${account}    colour: red\n`,
      ':2:5: `accounts.0`: Unrecognized key: "colour"',
    ],
    [
      'with an account id without quotes',
      'accounts:\n  - id: 111111111111\n',
      ':2:9: `accounts.0.id`: an account id is twelve digits, in quotes',
    ],
    [
      'with an account id that is too short',
      'accounts:\n  - id: "1111"\n',
      ':2:9: `accounts.0.id`: an account id is twelve digits, in quotes',
    ],
    [
      'with an account twice',
      `${account}  - id: "111111111111"\n`,
      ':3:9: the account id `111111111111` is there twice',
    ],
    ['with a transport that is none', `${account}secureTransport: yes\n`, ':3:18: `secureTransport`: '],
    ['with a name that a profile cannot have', `${account}    name: "a]b"\n`, ':3:11: `accounts.0.name`: '],
    [
      'with half a key',
      userWith('        accessKeyId: AKIAAPP0000000000001\n'),
      ':4:9: the user `app` has one half of an access key: give both or neither',
    ],
    [
      'with a secret of two lines',
      `${account}    root: { accessKeyId: AKIAAPP0000000000001, secretAccessKey: "a\\nb" }\n`,
      ':3:65: `accounts.0.root.secretAccessKey`: ',
    ],
    [
      "with the walkthrough's version",
      userWith('        policies:\n          read: { Version: "2012 - 10 - 17", Statement: [] }\n'),
      ':6:28: the policy `read` of the user `app` is not valid: `2012 - 10 - 17` is not a version of the policy language',
      'help: Write `2012-10-17`, without spaces.',
    ],
  ])('%s is refused at its place, and nothing is begun', async (_, text, message, help = see) => {
    const path = config(text);
    const data = join(folder, 'never');
    const { exit, lines } = await fail('sandbox', '--config', path, '--data', data);
    expect(exit).toBe(2);
    expect(lines[0]).toContain(`error: ${path}${message}`);
    expect(lines[1]).toBe(help);
    expect(lines).toHaveLength(2);
    expect(existsSync(data)).toBe(false);
  });

  test('that is not there is refused', async () => {
    const path = join(folder, 'none.yaml');
    expect(await fail('sandbox', '--config', path)).toEqual({
      exit: 2,
      lines: [
        `error: cannot read the config file \`${path}\`: ENOENT`,
        'help: name a YAML file with `accounts: [{id: "111111111111"}]`',
      ],
    });
    expect((await fail('sandbox', '--config', folder)).lines[0]).toContain('EISDIR');
  });
});

function bomb(): string {
  const levels = ['x', '*a', '*b', '*c', '*d'].map(
    (of, index) => `${'abcde'[index]}: &${'abcde'[index]} [${Array.from({ length: 9 }, () => of).join(',')}]`,
  );
  return `${levels.join('\n')}\n`;
}

describe('a port', () => {
  test('in use is refused, and no folder is left', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as AddressInfo;
    const data = join(folder, 'deep', 'data');
    expect(await fail('sandbox', '--port', String(port), '--data', data)).toEqual({
      exit: 3,
      lines: [
        `error: port ${port} is in use`,
        'help: stop what listens there, name another port, or 0 for any that is free',
      ],
    });
    expect(existsSync(join(folder, 'deep'))).toBe(false);
    const temporary = mkdtempSync(join(folder, 'tmp-'));
    vi.stubEnv('TMPDIR', temporary);
    await fail('sandbox', '--port', String(port));
    vi.unstubAllEnvs();
    expect(readdirSync(temporary)).toEqual([]);
    await new Promise((done) => other.close(done));
  });
});

test.each(['/dev/null/data', '/proc/none/data'])('the data folder %s is refused', async (data) => {
  const { exit, lines } = await fail('sandbox', '--data', data);
  expect(exit).toBe(3);
  expect(lines[0]).toMatch(new RegExp(`^error: cannot use \`${data}\` as the data folder: E`));
  expect(lines[1]).toBe('help: name a folder that you may write to, or leave out --data for a temporary one');
});

/** Makes a bucket by the SDK in a process that knows of the sandbox what is in its config file, and nothing else. */
function runWithProfile(sandbox: ChildSandbox, profile: string, env?: Record<string, string>) {
  const code = `
    import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
    import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
    const { Arn } = await new STSClient({}).send(new GetCallerIdentityCommand({}));
    const s3 = new S3Client({});
    await s3.send(new CreateBucketCommand({ Bucket: 'by-profile' }));
    const { Buckets } = await s3.send(new ListBucketsCommand({}));
    console.log(JSON.stringify([Arn, Buckets.map(({ Name }) => Name)]));`;
  return promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: resolve(import.meta.dirname, '../../../../..'),
    timeout: 15_000,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      AWS_CONFIG_FILE: sandbox.readiness.configFile,
      AWS_PROFILE: profile,
      ...env,
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    },
  });
}

describe('a sandbox that is ready', () => {
  let sandbox: ChildSandbox;
  beforeAll(async () => {
    const path = config(
      [
        'accounts:',
        '  - { id: "111111111111", name: app, users: [{ name: service }] }',
        '  - id: "222222222222"',
        '    root: { accessKeyId: AKIADATA000000000001, secretAccessKey: data-secret }',
      ].join('\n'),
    );
    sandbox = await ChildSandbox.start(['--config', path]);
  });
  afterAll(() => sandbox.kill());

  test('says where it is and what its accounts are, in one line', () => {
    expect(sandbox.readiness).toMatchObject({
      endpoint: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      configFile: expect.stringMatching(/\/aws\/config$/),
      credentialsFile: expect.stringMatching(/\/aws\/credentials$/),
      accounts: [
        {
          id: '111111111111',
          name: 'app',
          accessKeyId: expect.stringMatching(/^AKIA/),
          secretAccessKey: expect.any(String),
        },
        {
          id: '222222222222',
          name: '222222222222',
          accessKeyId: 'AKIADATA000000000001',
          secretAccessKey: 'data-secret',
        },
      ],
    });
    expect(sandbox.errors).toBe('');
  });

  test('writes profiles that nobody else reads', () => {
    const { configFile, credentialsFile, endpoint } = sandbox.readiness;
    for (const path of [configFile, credentialsFile]) expect(statSync(path).mode & 0o777).toBe(0o600);
    const profiles = /^\[profile (.*)\]$/gm;
    const text = readFileSync(configFile, 'utf8');
    expect([...text.matchAll(profiles)].map(([, name]) => name)).toEqual([
      'app',
      'app-service',
      '222222222222',
    ]);
    expect(text).toContain(`endpoint_url = ${endpoint}`);
    expect(readFileSync(credentialsFile, 'utf8')).toMatch(
      /^\[222222222222\]\naws_access_key_id = AKIADATA000000000001\naws_secret_access_key = data-secret$/m,
    );
  });

  test('is found by the SDK with nothing but a profile of its config file', async () => {
    const { stdout } = await runWithProfile(sandbox, '222222222222');
    expect(JSON.parse(stdout)).toEqual(['arn:aws:iam::222222222222:root', ['by-profile']]);
  });

  test('listens on loopback alone', async () => {
    const { port } = new URL(sandbox.readiness.endpoint);
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(403);
    const addresses = readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8');
    const listening = addresses
      .split('\n')
      .filter((line) => / 0A /.test(line) && line.includes(`:${Number(port).toString(16).toUpperCase()} `));
    expect(listening.map((line) => line.trim().split(/\s+/)[1])).toEqual([
      `0100007F:${Number(port).toString(16).toUpperCase().padStart(4, '0')}`,
    ]);
  });
});

test('a sandbox with --tls says whom to trust, and is found by the SDK of who does', async () => {
  const sandbox = await ChildSandbox.start(['--tls', '--data', join(folder, 'tls')]);
  try {
    const { endpoint, caFile } = sandbox.readiness;
    expect(endpoint).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect(caFile).toBe(join(folder, 'tls', 'tls', 'ca.pem'));
    const { id } = sandbox.readiness.accounts[0]!;
    const { stdout } = await runWithProfile(sandbox, id, { NODE_EXTRA_CA_CERTS: caFile! });
    expect(JSON.parse(stdout)).toEqual([`arn:aws:iam::${id}:root`, ['by-profile']]);
    expect(sandbox.errors).toBe('');
  } finally {
    await sandbox.kill();
  }
});
