import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Sandbox } from '@crossbucket/sandbox';

/** Debian's `aws`. */
const COMMAND = '/usr/bin/aws';
const run = promisify(execFile);

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
  try {
    const { stdout } = await run(
      COMMAND,
      ['--endpoint-url', sandbox.endpoint, '--profile', profile, '--output', 'text', ...args],
      {
        cwd: folder,
        timeout: 30_000,
        env: {
          ...env,
          PATH: '/usr/bin:/bin',
          HOME: folder,
          AWS_CONFIG_FILE: sandbox.profiles,
          AWS_SHARED_CREDENTIALS_FILE: sandbox.credentialsFile,
          AWS_PAGER: '',
          AWS_EC2_METADATA_DISABLED: 'true',
        },
      },
    );
    return { code: 0, out: stdout.trim(), err: '' };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout.trim(), err: stderr.trim() };
  }
}
