import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Sandbox } from '@crossbucket/sandbox';

/** Debian's `aws`. */
const COMMAND = '/usr/bin/aws';
/** That it is written for. */
const PYTHON = '/usr/bin/python3';

export const hasCli = existsSync(COMMAND);

export interface Answer {
  code: number;
  out: string;
  err: string;
}

type Words = (string | string[])[];

/**
 * Runs the AWS CLI as a profile of the sandbox, in a folder.
 * @param words What has no space in it, and, as arrays, arguments that do.
 */
export function cli(sandbox: Sandbox, folder: string, profile: string, ...words: Words): Promise<Answer> {
  return runCli(sandbox, folder, profile, words, {});
}

/** Runs it with the sandbox as its proxy, so that it finds the hosts that it makes of accounts and access points. */
export function cliByProxy(
  sandbox: Sandbox,
  folder: string,
  profile: string,
  ...words: Words
): Promise<Answer> {
  return runCli(sandbox, folder, profile, words, { HTTP_PROXY: sandbox.endpoint });
}

async function runCli(
  sandbox: Sandbox,
  folder: string,
  profile: string,
  words: Words,
  env: Record<string, string>,
): Promise<Answer> {
  const args = words.flatMap((word) => (typeof word === 'string' ? word.split(' ') : word));
  const { code, out, err } = await runLoaded({
    args: ['--endpoint-url', sandbox.endpoint, '--profile', profile, '--output', 'text', ...args],
    cwd: folder,
    env: {
      ...env,
      PATH: '/usr/bin:/bin',
      HOME: folder,
      AWS_CONFIG_FILE: sandbox.profiles,
      AWS_SHARED_CREDENTIALS_FILE: sandbox.credentialsFile,
      AWS_PAGER: '',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  return { code, out: out.trim(), err: code === 0 ? '' : err.trim() };
}

interface Loaded {
  home: string;
  process: ChildProcess;
  answers: AsyncIterator<string>;
}

let loaded: Loaded | undefined;
let turn: Promise<unknown> = Promise.resolve();

/** Has the CLI that is loaded once run a command; one at a time. */
function runLoaded(call: { args: string[]; cwd: string; env: Record<string, string> }): Promise<Answer> {
  const answer = turn.then(async () => {
    // Where models of one's own are is looked up as it is loaded.
    const home = call.env['HOME']!;
    if (loaded?.home !== home) {
      loaded?.process.stdin!.end();
      loaded = load(home);
    }
    const { process: server, answers } = loaded;
    const timer = setTimeout(() => server.kill('SIGKILL'), 30_000);
    try {
      server.stdin!.write(`${JSON.stringify(call)}\n`);
      const { value, done } = await answers.next();
      if (done) throw new Error(`the AWS CLI ended, or took more than 30 seconds: ${call.args.join(' ')}`);
      return JSON.parse(value) as Answer;
    } catch (error) {
      loaded = undefined;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  });
  turn = answer.catch(() => undefined);
  return answer;
}

/** It ends with its standard input, and so with this process. */
function load(home: string): Loaded {
  const server = spawn(PYTHON, [join(import.meta.dirname, 'aws-cli.py')], {
    env: { PATH: '/usr/bin:/bin', HOME: home },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  server.stdin.on('error', () => undefined);
  return {
    home,
    process: server,
    answers: createInterface({ input: server.stdout })[Symbol.asyncIterator](),
  };
}
