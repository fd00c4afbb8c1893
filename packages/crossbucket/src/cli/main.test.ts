import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { run } from './main.ts';

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

describe('misuse is one clear error, with what to do', () => {
  const help = 'help: `crossbucket --help` lists the commands, `crossbucket COMMAND --help` its options\n';
  test.each<[string[], string]>([
    [['sandbx'], "error: unknown command 'sandbx' (Did you mean sandbox?)\n"],
    [['sandbox', '--prot', '1'], "error: unknown option '--prot' (Did you mean --port?)\n"],
    [['sandbox', 'extra'], "error: too many arguments for 'sandbox'. Expected 0 arguments but got 1.\n"],
    [['sandbox', '--port'], "error: option '--port <n>' argument missing\n"],
    [
      ['sandbox', '--port', 'http'],
      "error: option '--port <n>' argument 'http' is invalid. a port is a number from 0 to 65535.\n",
    ],
    [
      ['sandbox', '--port', '65536'],
      "error: option '--port <n>' argument '65536' is invalid. a port is a number from 0 to 65535.\n",
    ],
    [
      ['sandbox', '--port', '-1'],
      "error: option '--port <n>' argument '-1' is invalid. a port is a number from 0 to 65535.\n",
    ],
    [['demo', '--fast'], "error: unknown option '--fast'"],
    [['--frobnicate'], "error: unknown option '--frobnicate'"],
  ])('%j', async (argv, message) => {
    const { exit, out, err } = await crossbucket(...argv);
    expect({ exit, out }).toEqual({ exit: 2, out: '' });
    expect(err).toContain(message);
    expect(err.endsWith(help)).toBe(true);
    expect(err.trimEnd().split('\n')).toHaveLength(2);
  });
});

test('--version is the version of the package', async () => {
  const { exit, out } = await crossbucket('--version');
  expect({ exit, out }).toEqual({ exit: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

const COMMANDS = [
  'demo',
  'init',
  'grant',
  'explain',
  'who',
  'permissions',
  'lint',
  'evaluate',
  'sandbox',
  'ls',
  'cat',
  'cp',
  'sync',
  'rm',
  'presign',
  'exec',
  'credentials',
];
const GRANT_COMMANDS = ['plan', 'apply', 'verify', 'drift', 'revoke', 'export', 'import'];

test.each(GRANT_COMMANDS)('grant %s --help has an example', async (command) => {
  const { exit, out, err } = await crossbucket('grant', command, '--help');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(out).toMatch(/Example:\n {2}\$ crossbucket grant/);
});

test('--help lists every command', async () => {
  const { exit, out } = await crossbucket('--help');
  expect(exit).toBe(0);
  for (const command of COMMANDS) expect(out).toMatch(new RegExp(`^  ${command} `, 'm'));
});

test.each(COMMANDS)('%s --help has an example', async (command) => {
  const { exit, out, err } = await crossbucket(command, '--help');
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  expect(out).toMatch(/Example:\n {2}\$ .*crossbucket/s);
});

test('a reader that has seen enough ends the command quietly', async () => {
  const bin = fileURLToPath(new URL('../../bin/crossbucket.js', import.meta.url));
  const child = spawn(process.execPath, [bin, 'cp', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(said).toBe('');
});
