import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { crossbucket } from '../testing/command-line.ts';

const COMMAND = resolve(import.meta.dirname, '../../../bin/crossbucket.js');
const APP = '111111111111';
const DATA = '222222222222';
const FAR = '333333333333';
const ROLE = `arn:aws:iam::${DATA}:role/reports-reader`;

let near: Sandbox;
let far: Sandbox;
let s3: S3Client;
let configs: string;
let folder: string;
const before = process.cwd();

beforeAll(async () => {
  const assume = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }],
  };
  [near, far] = await Promise.all([
    startSandbox({
      accounts: [
        { id: APP, name: 'app', users: [{ name: 'svc', policies: { assume } }] },
        { id: DATA, name: 'data' },
      ],
    }),
    startSandbox({ accounts: [{ id: FAR, name: 'far' }] }),
  ]);
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) vi.stubEnv(name, undefined);
  configs = mkdtempSync(join(tmpdir(), 'crossbucket-commands-'));
  writeFileSync(
    join(configs, 'config'),
    readFileSync(near.profiles, 'utf8') + readFileSync(far.profiles, 'utf8'),
  );
  writeFileSync(
    join(configs, 'credentials'),
    readFileSync(near.credentialsFile, 'utf8') + readFileSync(far.credentialsFile, 'utf8'),
  );
  vi.stubEnv('AWS_CONFIG_FILE', join(configs, 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(configs, 'credentials'));
  vi.stubEnv('XDG_STATE_HOME', join(configs, 'state'));
  const owner = { region: 'us-east-1', endpoint: near.endpoint, credentials: near.account(DATA).root };
  s3 = new S3Client({ ...owner, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'acme-reports' }));
  await makeRole(new IAMClient(owner));
  const { root } = far.account(FAR);
  const other = new S3Client({
    region: 'us-east-1',
    endpoint: far.endpoint,
    credentials: root,
    forcePathStyle: true,
  });
  await other.send(new CreateBucketCommand({ Bucket: 'far-archive' }));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([near.close(), far.close()]);
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-commands-'));
  process.chdir(folder);
});
afterEach(() => process.chdir(before));

async function makeRole(iam: IAMClient) {
  const trust = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: `arn:aws:iam::${APP}:root` },
      Condition: { StringEquals: { 'sts:ExternalId': 'ext-1' } },
    },
  };
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme-reports/reports/*' },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::acme-reports' },
    ],
  };
  const RoleName = 'reports-reader';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) }));
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: 'read', PolicyDocument: JSON.stringify(policy) }),
  );
}

const put = (Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket: 'acme-reports', Key, Body }));
const get = async (Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket: 'acme-reports', Key }))).Body!.transformToString();
const keys = async (Prefix: string) =>
  ((await s3.send(new ListObjectsV2Command({ Bucket: 'acme-reports', Prefix }))).Contents ?? []).map(
    ({ Key }) => Key,
  );
const lines = (text: string) => text.trimEnd().split('\n');
const json = (text: string) => lines(text).map((line) => JSON.parse(line) as Record<string, unknown>);
const asOwner = ['--profile', 'data'];
const asUser = ['--profile', 'app-svc'];
const asReader = ['--profile', 'app-svc', '--role-arn', ROLE, '--external-id', 'ext-1'];

describe('cp', () => {
  test('a file to a key, to a prefix and to a bucket', async () => {
    writeFileSync('a.csv', '1,2');
    for (const [to, key] of [
      ['cp/x', 'cp/x'],
      ['cp/', 'cp/a.csv'],
      ['', 'a.csv'],
    ]) {
      const { exit, err, out } = await crossbucket('cp', 'a.csv', `s3://acme-reports/${to}`, ...asOwner);
      expect({ exit, err }).toEqual({ exit: 0, err: '' });
      expect(out).toMatch(/^1 object, 3 B in /);
      expect(await get(key!)).toBe('1,2');
    }
  });

  test('a key to a file, to a folder and to standard output', async () => {
    await put('cp/down.txt', 'hello');
    mkdirSync('there');
    await crossbucket('cp', 's3://acme-reports/cp/down.txt', 'new.txt', ...asOwner);
    await crossbucket('cp', 's3://acme-reports/cp/down.txt', 'there', ...asOwner);
    await crossbucket('cp', 's3://acme-reports/cp/down.txt', 'made/', ...asOwner);
    for (const path of ['new.txt', 'there/down.txt', 'made/down.txt'])
      expect(readFileSync(path, 'utf8')).toBe('hello');
    const { out, err } = await crossbucket('cp', 's3://acme-reports/cp/down.txt', '-', ...asOwner);
    expect({ out, err }).toEqual({ out: 'hello', err: '' });
  });

  test('standard input to a key', async () => {
    const running = child('cp', '-', 's3://acme-reports/cp/piped', ...asOwner);
    running.stdin.end('from a pipe');
    const [err, [code]] = await Promise.all([buffer(running.stderr), once(running, 'exit')]);
    expect({ code, err: err.toString() }).toEqual({ code: 0, err: '' });
    expect(await get('cp/piped')).toBe('from a pipe');
  });

  test('by a role with its external id, which may read and nothing else', async () => {
    await put('reports/q1.csv', 'q1');
    expect(await crossbucket('cp', 's3://acme-reports/reports/q1.csv', '.', ...asReader)).toMatchObject({
      exit: 0,
    });
    writeFileSync('x', 'x');
    const { exit, err } = await crossbucket('cp', 'x', 's3://acme-reports/reports/x', ...asReader);
    expect(exit).toBe(3);
    expect(err).toContain(`of account ${DATA} as \`${ROLE}\` is denied`);
    expect(err).toContain(
      `help: run: crossbucket explain s3:PutObject s3://acme-reports/reports/x --as app-svc --via ${ROLE} --external-id ext-1`,
    );
    const wrong = await crossbucket('cp', 's3://acme-reports/reports/q1.csv', '.', ...asReader.slice(0, 4));
    expect(wrong).toMatchObject({ exit: 3, err: expect.stringContaining(`account ${DATA} does not let`) });
  });

  test.each<[string, string[], string]>([
    [
      'a write by a role',
      ['cp', 'x', 's3://acme-reports/reports/x', ...asReader],
      'identity-policy-missing-allow',
    ],
    [
      'a role without its external id',
      ['cat', 's3://acme-reports/x', ...asReader.slice(0, 4)],
      'external-id-mismatch',
    ],
    [
      'a key that a shell would take apart',
      ['cat', "s3://acme-reports/it's & so.csv", ...asUser],
      'resource-policy-missing-allow',
    ],
    ['a listing of a prefix', ['ls', 's3://acme-reports/other/', ...asUser], 'resource-policy-missing-allow'],
    ['a deletion', ['rm', 's3://acme-reports/reports/q1.csv', ...asReader], 'identity-policy-missing-allow'],
    [
      'a copy',
      ['cp', 's3://acme-reports/reports/q1.csv', 's3://acme-reports/copy.csv', ...asReader],
      'identity-policy-missing-allow',
    ],
    [
      'another owner',
      ['cat', 's3://acme-reports/x', '--profile', 'data', '--expected-owner', APP],
      'expected-owner-mismatch',
    ],
  ])('what is denied names the command that explains it, which runs as it is: %s', async (_, argv, cause) => {
    writeFileSync('x', 'x');
    await put('reports/q1.csv', 'q1');
    const { exit, err } = await crossbucket(...argv);
    expect(exit).toBe(3);
    const [, command] = /(crossbucket explain .*)$/m.exec(err) ?? [];
    const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' });
    const explained = await crossbucket(...words.split('\0').slice(1, -1));
    expect({ argv, command, ...explained }).toMatchObject({ exit: 1, out: expect.stringContaining(cause) });
    expect(explained.out).not.toContain('contradiction');
  });

  test('many, with filters, in order', async () => {
    for (const name of ['a.csv', 'old/b.csv', 'c.tmp']) await put(`many/${name}`, name);
    const { exit, out } = await crossbucket(
      'cp',
      '-r',
      's3://acme-reports/many',
      'to',
      '--include',
      '*.csv',
      '--exclude',
      'old/*',
      ...asOwner,
    );
    expect(exit).toBe(0);
    expect(out).toMatch(/^1 object, 5 B/);
    expect(readdirSync('to')).toEqual(['a.csv']);
  });

  test('some of many fail: the others come, and the exit code says so', async () => {
    await put('odd/good', 'x');
    await put('odd/a//b', 'x');
    const { exit, out, err } = await crossbucket('cp', '-r', 's3://acme-reports/odd/', 'to', ...asOwner);
    expect(exit).toBe(4);
    expect(out).toMatch(/^1 object, .*; 1 failed\n$/);
    expect(lines(err)).toHaveLength(2);
    expect(err).toMatch(/error: no file can have the name of the key `a\/\/b`.*\nhelp: /);
  });

  test('between two accounts of two sandboxes, each side with its own credentials', async () => {
    await put('reports/two.csv', 'two');
    const { exit, err } = await crossbucket(
      'cp',
      's3://acme-reports/reports/two.csv',
      's3://far-archive/in/',
      '--from-profile',
      'app-svc',
      '--from-role-arn',
      ROLE,
      '--from-external-id',
      'ext-1',
      '--to-profile',
      'far',
    );
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(await crossbucket('cat', 's3://far-archive/in/two.csv', '--profile', 'far')).toMatchObject({
      out: 'two',
    });
  });

  test('--json prints events, and the summary last', async () => {
    await put('json/a', 'x');
    const { out, err } = await crossbucket('cp', '-r', 's3://acme-reports/json', 'to', '--json', ...asOwner);
    expect(err).toBe('');
    expect(json(out)).toMatchObject([
      { type: 'started', action: 'download', from: 's3://acme-reports/json/a', size: 1 },
      { type: 'finished', to: 'to/a' },
      { type: 'summary', finished: 1, moved: 1, failed: 0 },
    ]);
  });

  test('a dry run does nothing', async () => {
    await put('dry/a', 'x');
    const one = await crossbucket('cp', 's3://acme-reports/dry/a', 'a', '--dry-run', ...asOwner);
    expect(one.out).toContain('would download s3://acme-reports/dry/a to a\n');
    const many = await crossbucket('cp', '-r', 's3://acme-reports/dry', 'to', '--dry-run', ...asOwner);
    expect(many.out).toBe('would download s3://acme-reports/dry/a to to/a\n1 object to do, 1 B\n');
    expect(readdirSync('.')).toEqual([]);
  });

  test('options of what is written', async () => {
    writeFileSync('a', 'x');
    await crossbucket(
      'cp',
      'a',
      's3://acme-reports/options',
      '--content-type',
      'text/x',
      '--metadata',
      'k=v=w',
      '--tag',
      'team=data',
      '--storage-class',
      'STANDARD_IA',
      '--checksum',
      'CRC32',
      ...asOwner,
    );
    const facts = await s3.send(
      new GetObjectCommand({ Bucket: 'acme-reports', Key: 'options', ChecksumMode: 'ENABLED' }),
    );
    expect(facts).toMatchObject({
      ContentType: 'text/x',
      Metadata: { k: 'v=w' },
      TagCount: 1,
      StorageClass: 'STANDARD_IA',
    });
    expect(facts.ChecksumCRC32).toBeDefined();
  });
});

describe('misuse is told before anything is done', () => {
  test.each<[string[], string]>([
    [['cp', 'a', 'b'], 'neither side is in S3'],
    [['cp', 's3:/b/k', 'b'], '`s3:/b/k` names no bucket'],
    [['cp', 's3://acme-reports', '.'], '`s3://acme-reports/` names no object'],
    [['cp', 's3://acme-reports/dir/', '.'], 'names no object'],
    [['cp', '.', 's3://acme-reports/x'], '`.` is a folder'],
    [['cp', '-', 's3://acme-reports/dir/'], 'names no object'],
    [['cp', '-r', '-', 's3://acme-reports/dir/'], '`-` is one stream'],
    [['cp', 's3://acme-reports/a/..', '.'], 'ends in nothing that could name a file'],
    [['cp', 'a', 's3://acme-reports/x', '--include', '*'], '`--include` and `--exclude` choose among many'],
    [['cp', 'a', 's3://acme-reports/x', '--external-id', 'e'], '`--external-id` is given without a role'],
    [['cp', 'a', 's3://acme-reports/x', '--part-size', 'big'], 'a size is written 8MiB'],
    [['cp', 'a', 's3://acme-reports/x', '--part-size', '1'], '`partSize` cannot be 1'],
    [['cp', 'a', 's3://acme-reports/x', '--metadata', 'k'], 'name=value'],
    [['cp', 'a', 's3://acme-reports/x', '--checksum', 'MD5'], 'Allowed choices'],
    [['cp', 'a', 's3://acme-reports/x', '--grant', 'g'], '`crossbucket.yaml` cannot be read'],
    [['sync', 'a', 'b'], 'neither side is in S3'],
    [['sync', 'a', 's3://acme-reports/x', '--compare', 'md5'], 'Allowed choices'],
    [['sync', 's3://acme-reports/x', 's3://acme-reports/x/y'], 'one within the other'],
    [['ls', 'acme-reports'], 'is no place in S3'],
    [['cat', 's3://acme-reports'], 'names no object'],
    [['rm', 's3://acme-reports'], 'names no object'],
    [['rm', '-r', 's3://acme-reports/x'], 'there is nobody to ask'],
    [['rm', 's3://acme-reports/x', '--include', '*'], 'choose among many'],
    [['presign', 's3://acme-reports/x', '--expires', '8d'], '`expiresIn` cannot be `8d`'],
    [['presign', 's3://acme-reports'], 'names no object'],
    [['exec'], "missing required argument 'command'"],
  ])('%j', async (argv, message) => {
    const profile = argv.includes('--grant') ? [] : asOwner;
    const { exit, out, err } = await crossbucket(...argv, ...profile);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
    expect(err).toMatch(/\nhelp: .+\n$/);
  });

  test('a program that is not there', async () => {
    const { exit, err } = await crossbucket('exec', ...asOwner, '--', 'no-such-program-at-all');
    expect(exit).toBe(2);
    expect(err).toContain('`no-such-program-at-all` cannot be run (ENOENT)');
  });
});

test('sync goes up, and again not', async () => {
  mkdirSync('src/deep', { recursive: true });
  writeFileSync('src/deep/a', '1');
  writeFileSync('src/b', '22');
  const first = await crossbucket('sync', 'src', 's3://acme-reports/synced', '--verbose', ...asOwner);
  expect(lines(first.out).slice(0, 2).toSorted()).toEqual([
    'upload src/b to s3://acme-reports/synced/b',
    'upload src/deep/a to s3://acme-reports/synced/deep/a',
  ]);
  const again = await crossbucket('sync', 'src', 's3://acme-reports/synced', ...asOwner);
  expect(again.out).toContain('; 2 unchanged');
  writeFileSync('src/empty', '');
  const gone = await crossbucket('sync', 'nowhere', 's3://acme-reports/synced', '--delete', ...asOwner);
  expect(gone).toMatchObject({ exit: 3, err: expect.stringContaining('there is no `nowhere`') });
  expect(await keys('synced/')).toHaveLength(2);
});

describe('ls', () => {
  beforeAll(async () => {
    for (const key of ['list/a', 'list/b/1', 'list/b/2', 'list/\u001B[31mred'])
      await put(key, 'x'.repeat(2048));
  });

  test('one level, or all with totals', async () => {
    const { out } = await crossbucket('ls', 's3://acme-reports/list/', ...asOwner);
    expect(lines(out).map((line) => line.slice(21))).toEqual([
      '          2048 \uFFFDred'.replace('\uFFFDred', 'red'),
      '          2048 a',
      '           PRE b/',
    ]);
    const all = await crossbucket('ls', '-r', '--human', '--totals', 's3://acme-reports/list/', ...asOwner);
    expect(lines(all.out)).toHaveLength(5);
    expect(all.out).toContain('2.0 KiB list/b/1\n');
    expect(lines(all.out).at(-1)).toBe('4 objects, 8.0 KiB');
  });

  test('as JSON lines', async () => {
    const { out } = await crossbucket('ls', 's3://acme-reports/list/', '--json', '--totals', ...asOwner);
    expect(json(out)).toMatchObject([
      {
        key: 'list/\u001B[31mred',
        size: 2048,
        modified: expect.stringMatching(/^20/),
        etag: expect.any(String),
      },
      { key: 'list/a' },
      { prefix: 'list/b/' },
      { totals: { objects: 2, bytes: 4096, prefixes: 1 } },
    ]);
  });

  test('nothing there is a no', async () => {
    const { exit, err } = await crossbucket('ls', 's3://acme-reports/none/', ...asOwner);
    expect({ exit, err }).toEqual({ exit: 1, err: 'there is nothing under s3://acme-reports/none/\n' });
  });
});

test.each([
  [
    'a bucket that is not there',
    ['ls', 's3://no-such-bucket-of-ours', ...asOwner],
    'there is no bucket `no-such-b',
  ],
  [
    "somebody else's bucket",
    ['ls', 's3://acme-reports', '--profile', 'app-svc'],
    's3:ListBucket on `s3://acme-r',
  ],
  [
    'a bucket of another owner',
    ['cp', 's3://acme-reports/x', 'x', ...asOwner, '--expected-owner', FAR],
    `does not belong to account ${FAR}`,
  ],
  [
    'a role that cannot be assumed',
    ['ls', 's3://acme-reports', '--profile', 'app-svc', '--role-arn', ROLE],
    `account ${DATA} does not let`,
  ],
  [
    'a profile that is not there',
    ['ls', 's3://acme-reports', '--profile', 'nope'],
    'there is no profile `nope`',
  ],
])('%s is one clear error, with what to do', async (_, argv, message) => {
  const { exit, out, err } = await crossbucket(...argv);
  expect([2, 3]).toContain(exit);
  expect(out).toBe('');
  expect(lines(err)).toEqual([expect.stringContaining(message), expect.stringMatching(/^help: ./)]);
});

test('ls loads no more than it uses', async () => {
  const hook =
    'export const resolve = async (s, c, next) => { const r = await next(s, c); process._rawDebug(r.url); return r }';
  const register = `import { register } from 'node:module'; register('data:text/javascript,${encodeURIComponent(hook)}')`;
  const loader = `data:text/javascript,${encodeURIComponent(register)}`;
  const running = spawn(process.execPath, [
    '--import',
    loader,
    COMMAND,
    'ls',
    's3://acme-reports',
    ...asOwner,
  ]);
  const [loaded, [code]] = await Promise.all([buffer(running.stderr), once(running, 'exit')]);
  expect(code).toBe(0);
  const urls = lines(loaded.toString());
  expect(urls.filter((url) => /client-s3/.test(url)).length).toBeGreaterThan(0);
  expect(
    urls.filter((url) =>
      /zod|yaml|lmdb|clack|sandbox|audit|policy\.js|client-(?!s3-(?!control)[\w-]+\.js)/.test(url),
    ),
  ).toEqual([]);
});

test('rm takes one, or all below a prefix but what filters leave', async () => {
  for (const key of ['rm/1', 'rm/2', 'rm/keep', 'rmx']) await put(key, 'x');
  expect(await crossbucket('rm', 's3://acme-reports/rm/1', ...asOwner)).toMatchObject({
    exit: 0,
    out: '1 object deleted\n',
  });
  const recursive = ['rm', '-r', 's3://acme-reports/rm', '--exclude', 'keep', ...asOwner];
  expect((await crossbucket(...recursive, '--dry-run')).out).toContain(
    'would delete s3://acme-reports/rm/2\n',
  );
  expect(await crossbucket(...recursive, '--yes', '--json')).toMatchObject({ exit: 0 });
  expect(await keys('rm')).toEqual(['rm/keep', 'rmx']);
});

const SCRIPT = '/usr/bin/script';

describe.skipIf(!existsSync(SCRIPT))('on a terminal', () => {
  /** What a terminal shows of a command, after the answers to its questions. */
  async function onTerminal(command: string[], answers: string[] = []) {
    const line = [process.execPath, COMMAND, ...command, ...asOwner].join(' ');
    const running = spawn(SCRIPT, ['-qec', line, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let shown = '';
    running.stdout.on('data', (bytes: Buffer) => {
      shown += bytes.toString();
      if (shown.includes('[y/N] ') && answers.length > 0) running.stdin.write(`${answers.shift()}\r`);
    });
    const [exit] = (await once(running, 'close')) as [number];
    return { exit, shown };
  }

  test('rm asks first', async () => {
    for (const key of ['asked/1', 'asked/2']) await put(key, 'x');
    const rm = ['rm', '-r', 's3://acme-reports/asked/'];
    const no = await onTerminal(rm, ['']);
    expect(no.shown).toContain('Delete everything below s3://acme-reports/asked/? [y/N]');
    expect(no.shown).toContain('nothing was deleted');
    expect(no.exit).toBe(1);
    expect(await keys('asked/')).toHaveLength(2);
    const yes = await onTerminal(rm, ['y']);
    expect(yes.shown).toContain('2 objects deleted');
    expect(yes.exit).toBe(0);
    expect(await keys('asked/')).toEqual([]);
  });

  test('a transfer shows a bar, and takes it away', async () => {
    writeFileSync(join(folder, 'bar'), Buffer.alloc(12_000_000, 'abc'));
    const { shown } = await onTerminal(['cp', join(folder, 'bar'), 's3://acme-reports/bar']);
    const [, ...drawn] = shown.split('\r\u001B[K');
    expect(drawn[0]).toMatch(/^\[#*-*\] +\d+%|^0 B/);
    expect(drawn.at(-1)).toMatch(/^1 object, 11 MiB in /);
  });
});

describe('presign', () => {
  test('a URL to read, and one to write, that do just that', async () => {
    await put('reports/signed', 'signed');
    const { out, err } = await crossbucket(
      'presign',
      's3://acme-reports/reports/signed',
      '--expires',
      '15m',
      ...asReader,
    );
    expect(await (await fetch(out.trim())).text()).toBe('signed');
    expect(err).toBe('it is good for 15:00, and no longer than the session that has signed it\n');
    expect((await fetch(out.trim().replace('signed?', 'other?'))).status).toBe(403);
    const write = await crossbucket(
      'presign',
      's3://acme-reports/reports/written',
      '--method',
      'PUT',
      '--content-type',
      'text/x',
      ...asOwner,
    );
    const upload = { method: 'PUT', body: 'w', headers: { 'content-type': 'text/x' } };
    expect((await fetch(write.out.trim(), upload)).status).toBe(200);
    expect(await get('reports/written')).toBe('w');
  });

  test('never says that it is good for longer than its session', async () => {
    const { out } = await crossbucket(
      'presign',
      's3://acme-reports/reports/signed',
      '--expires',
      '12h',
      '--json',
      ...asReader,
    );
    const [{ seconds, url }] = json(out) as [{ seconds: number; url: string }];
    expect(seconds).toBeGreaterThan(3500);
    expect(seconds).toBeLessThanOrEqual(3600);
    expect(url).toContain(`X-Amz-Expires=${seconds}&`);
  });
});

describe('credentials', () => {
  test('for credential_process, as JSON and for a shell', async () => {
    const process = JSON.parse((await crossbucket('credentials', ...asReader)).out) as Record<string, string>;
    expect(process).toMatchObject({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^ASIA/),
      SessionToken: expect.any(String),
    });
    expect(Date.parse(process['Expiration']!)).toBeGreaterThan(Date.now());
    expect(JSON.parse((await crossbucket('credentials', '--json', ...asReader)).out)).toMatchObject({
      roleArn: ROLE,
      accessKeyId: expect.any(String),
    });
    expect((await crossbucket('credentials', '--env', ...asReader)).out).toMatch(
      /^export AWS_ACCESS_KEY_ID='ASIA\w+'\n/,
    );
  });

  test('of a role that cannot be assumed are an error without secrets', async () => {
    const { exit, out, err } = await crossbucket(
      'credentials',
      '--profile',
      'app-svc',
      '--role-arn',
      `${ROLE}-not`,
    );
    expect({ exit, out }).toEqual({ exit: 3, out: '' });
    expect(err).toContain(`account ${DATA} does not let these credentials assume`);
    expect(err).not.toContain(near.account(APP).users['svc']!.secretAccessKey);
  });
});

/** What a user runs. */
function child(...argv: string[]) {
  return spawn(process.execPath, [COMMAND, ...argv], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: process.env,
  });
}

describe('exec', () => {
  test('runs a program with the session, and ends as it ends', async () => {
    const script = 'console.log(JSON.stringify(process.env)); process.exitCode = 7';
    const running = child('exec', ...asReader, '--', process.execPath, '-e', script);
    const [out, [code]] = await Promise.all([buffer(running.stdout), once(running, 'exit')]);
    expect(code).toBe(7);
    const env = JSON.parse(out.toString()) as NodeJS.ProcessEnv;
    expect(env).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_ENDPOINT_URL: near.endpoint,
    });
    expect(env).not.toHaveProperty('AWS_PROFILE');
  });

  test('serves credentials on loopback to whoever has the token', async () => {
    const script = `
      const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: token, AWS_ACCESS_KEY_ID } = process.env;
      const ask = (headers, to = url) => fetch(to, { headers }).then(async (r) => [r.status, await r.json()]);
      Promise.all([ask({ authorization: token }), ask({ authorization: 'x' }), ask({}), ask({ authorization: token }, new URL('/other', url))])
        .then((answers) => console.log(JSON.stringify({ url, AWS_ACCESS_KEY_ID, answers })));`;
    const running = child('exec', '--serve', ...asReader, '--', process.execPath, '-e', script);
    const { url, AWS_ACCESS_KEY_ID, answers } = JSON.parse((await buffer(running.stdout)).toString()) as {
      url: string;
      AWS_ACCESS_KEY_ID: string | undefined;
      answers: [number, object][];
    };
    expect(AWS_ACCESS_KEY_ID).toBeUndefined();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
    expect(answers.map(([status]) => status)).toEqual([200, 401, 401, 404]);
    expect(answers[0]![1]).toMatchObject({
      AccessKeyId: expect.stringMatching(/^ASIA/),
      Token: expect.any(String),
      Expiration: expect.any(String),
    });
  });

  test('a signal to it is one to the program', async () => {
    const running = child(
      'exec',
      ...asReader,
      '--',
      process.execPath,
      '-e',
      'console.log("up"); setInterval(() => {}, 1000)',
    );
    await once(running.stdout, 'data');
    running.kill('SIGTERM');
    expect(await once(running, 'exit')).toEqual([143, null]);
  });
});

describe('crossbucket.yaml', () => {
  const spec = (access: string, more = '') =>
    `accounts:
  app: { id: "${APP}", profile: app-svc }
  data: { id: "${DATA}", profile: data }
grants:
  - name: reports-reader
    bucket: data/acme-reports
    to: app
    access: ${access}
    role: { name: reports-reader${more} }
`;

  test('the grant that fits gives role, external id, source and owner', async () => {
    await put('reports/by-grant', 'granted');
    writeFileSync('crossbucket.yaml', spec('{ read: ["reports/*"] }', ', externalId: ext-1'));
    expect(await crossbucket('cat', 's3://acme-reports/reports/by-grant')).toMatchObject({
      exit: 0,
      out: 'granted',
    });
    expect(await crossbucket('credentials', '--grant', 'reports-reader', '--json')).toMatchObject({
      out: expect.stringContaining(ROLE),
    });
    const other = await crossbucket('cat', 's3://acme-reports/reports/by-grant', '--grant', 'other');
    expect(other).toMatchObject({
      exit: 2,
      err: expect.stringContaining('the grants of the configuration are: reports-reader'),
    });
  });

  test('flags come before it', async () => {
    writeFileSync('crossbucket.yaml', spec('{ read: ["reports/*"] }', ', externalId: wrong'));
    const right = ['cat', 's3://acme-reports/reports/by-grant', '--external-id', 'ext-1'];
    expect(await crossbucket(...right)).toMatchObject({ exit: 0, out: 'granted' });
    expect(await crossbucket('cat', 's3://acme-reports/reports/by-grant')).toMatchObject({ exit: 3 });
    expect(await crossbucket('cat', 's3://acme-reports/reports/by-grant', ...asOwner)).toMatchObject({
      exit: 0,
    });
  });

  test('an external id that nobody here can know is asked for', async () => {
    writeFileSync(
      'crossbucket.yaml',
      spec('{ read: ["reports/*"] }').replace('profile: data }', 'profile: app-svc }'),
    );
    const { exit, err } = await crossbucket('cat', 's3://acme-reports/reports/by-grant');
    expect(exit).toBe(2);
    expect(err).toContain('help: pass it with --external-id');
  });
});

test('Ctrl-C ends a transfer cleanly and says how to go on; then it goes on', async () => {
  await s3.send(
    new PutObjectCommand({
      Bucket: 'acme-reports',
      Key: 'interrupted',
      Body: Buffer.alloc(6 * 1024 * 1024, 'abc'),
    }),
  );
  const argv = [
    'cp',
    's3://acme-reports/interrupted',
    join(folder, 'file'),
    '--part-size',
    '64KiB',
    '--concurrency',
    '1',
    ...asOwner,
  ];
  const running = child(...argv);
  const journal = () => readdirSync(folder).find((name) => name.endsWith('-journal'));
  await vi.waitFor(
    () => expect(lines(readFileSync(join(folder, journal()!), 'utf8')).length).toBeGreaterThan(5),
    { timeout: 8000, interval: 3 },
  );
  running.kill('SIGINT');
  const [err, [code]] = await Promise.all([buffer(running.stderr), once(running, 'exit')]);
  expect(code).toBe(130);
  expect(err.toString()).toContain('run the same command again');
  expect(existsSync(join(folder, 'file'))).toBe(false);
  const { out } = await crossbucket(...argv);
  expect(out).toContain('were there already');
  expect(readFileSync(join(folder, 'file')).equals(Buffer.alloc(6 * 1024 * 1024, 'abc'))).toBe(true);
});
