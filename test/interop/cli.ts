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

/**
 * Runs the AWS CLI as a profile of the sandbox, in a folder.
 * @param words What has no space in it, and, as arrays, arguments that do.
 */
export async function cli(
  sandbox: Sandbox,
  folder: string,
  profile: string,
  ...words: (string | string[])[]
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
