import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Output {
  code: number;
  out: string;
  err: string;
}

/** Runs a command line with nothing of this process's environment. */
export function run(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Output> {
  const options = {
    cwd,
    timeout: 30_000,
    env: { PATH: '/usr/bin:/bin', HOME: cwd, LANG: 'C.UTF-8', ...env },
  };
  return new Promise((resolve) => {
    execFile(command, args, options, (error, out, err) => {
      const code = error ? ((error.code as number | undefined) ?? -1) : 0;
      resolve({ code, out, err });
    });
  });
}

/** Files of everyday work: names with everything in them, nothing, a little, and more than goes into one part. */
export const FILES: Readonly<Record<string, Buffer>> = {
  'a.txt': Buffer.from('hello\n'),
  empty: Buffer.alloc(0),
  'sub dir/ü+/b%&=1.txt': Buffer.from('odd\n'),
  'big.bin': randomBytes(5 * 1024 ** 2 + 100_000),
};

/** Makes a folder, with files in its folder `papers`. */
export function makeFolder(files: Readonly<Record<string, Buffer>> = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'crossbucket-client-'));
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(folder, 'papers', name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  return folder;
}
