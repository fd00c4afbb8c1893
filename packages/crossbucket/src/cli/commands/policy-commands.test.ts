import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from '../main.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crossbucket-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function file(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** Runs a command line, without colours. */
async function crossbucket(...argv: string[]) {
  const written = { out: '', err: '' };
  const sink = (name: 'out' | 'err') =>
    new Writable({
      write(chunk: Buffer, _, done) {
        written[name] += chunk.toString();
        done();
      },
    });
  const style = { bold: String, dim: String, green: String, red: String };
  const exit = await run(argv, { out: sink('out'), err: sink('err'), style });
  return { exit, ...written };
}

const document = (statement: object) => ({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', ...statement },
});
const least = document({ Action: 's3:GetObject', Resource: 'arn:aws:s3:::acme/*' });
const wide = document({ Action: 's3:*', Resource: '*' });

test('lint prints each problem with its place and what to do', async () => {
  const path = await file('spaces.json', '{"Version": "2012 - 10 - 17", "Statement": []}');
  const { exit, out } = await crossbucket('lint', path, '--kind', 'identity');
  expect(exit).toBe(1);
  expect(out).toContain(
    `${path}:1:13 error invalid-version: \`2012 - 10 - 17\` is not a version of the policy language\n`,
  );
  expect(out).toContain('  help: Write `2012-10-17`, without spaces.\n');
  expect(out).toMatch(/1 error, 1 warning and 0 notes in 1 file\n$/);
});

test('lint of right documents prints no problem', async () => {
  const { exit, out } = await crossbucket(
    'lint',
    await file('least.json', least),
    await file('least2.json', least),
  );
  expect({ exit, out }).toEqual({ exit: 0, out: '0 errors, 0 warnings and 0 notes in 2 files\n' });
});

test('lint as JSON and as SARIF', async () => {
  const path = await file('wide.json', wide);
  const json = await crossbucket('lint', path, '--json');
  expect(json.exit).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    error: 0,
    warning: 1,
    files: [{ file: path, kind: 'identity', problems: [{ code: 'wildcard-action', line: 1 }] }],
  });
  const sarif = await crossbucket('lint', path, '--format', 'sarif');
  expect(JSON.parse(sarif.out)).toMatchObject({
    version: '2.1.0',
    runs: [{ results: [{ ruleId: 'wildcard-action' }] }],
  });
});

test.each([
  [['lint', '/nowhere/policy.json'], '`/nowhere/policy.json` cannot be read (ENOENT)'],
  [['lint'], "missing required argument 'file'"],
  [['lint', 'x', '--kind', 'bukket'], 'Allowed choices are identity'],
  [['lint', 'x', '--account', '12'], '12 digits'],
  [['evaluate', '/nowhere/entries.json'], 'cannot be read'],
])('misuse is one clear error: %s', async (argv, message) => {
  const { exit, out, err } = await crossbucket(...argv);
  expect(exit).toBe(2);
  expect(out).toBe('');
  expect(err).toContain(message);
  expect(err).toContain('help: ');
});

const request = (action: string) => ({
  principal: 'arn:aws:iam::111111111111:role/r',
  action,
  resource: 'arn:aws:s3:::acme/key',
  resourceAccount: '111111111111',
});

test('evaluate prints a JSON line for each entry', async () => {
  const policies = { identity: [least] };
  const good = { request: request('s3:GetObject'), policies };
  const denied = { request: request('s3:PutObject'), policies };
  const lines = (out: string) =>
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  const one = await crossbucket('evaluate', await file('one.json', good));
  expect(one).toMatchObject({ exit: 0, err: '' });
  expect(lines(one.out)).toMatchObject([{ index: 0, outcome: 'allow' }]);

  expect(await crossbucket('evaluate', await file('no.json', denied))).toMatchObject({ exit: 1, err: '' });

  const several = await crossbucket('evaluate', await file('several.json', [good, 7, denied]));
  expect(several.exit).toBe(4);
  expect(several.err).toContain('entry 1: ');
  expect(lines(several.out)).toMatchObject([
    { index: 0, outcome: 'allow' },
    { index: 1, error: { code: 'invalid-entry' } },
    { index: 2, outcome: 'deny' },
  ]);

  expect((await crossbucket('evaluate', await file('bad.json', [7]))).exit).toBe(2);
  expect(await crossbucket('evaluate', await file('text.json', 'x'))).toMatchObject({ exit: 2, out: '' });
});
