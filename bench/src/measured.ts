import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a command has cost. */
export interface Cost {
  /** Seconds. */
  wall: number;
  /** Of the command and its children: user and system. Seconds. */
  cpu: number;
  /** Largest resident size of one of its processes, MiB. */
  memory: number;
}

/** Debian: `time`. */
const TIME = '/usr/bin/time';
export const canMeasure = (): boolean => existsSync(TIME);

/** Runs a command to its end. Throws with what it wrote if it fails. */
export async function measure(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin?: string,
): Promise<Cost> {
  const report = join(mkdtempSync(join(tmpdir(), 'crossbucket-measure-')), 'cost');
  const child = spawn(TIME, ['-o', report, '-f', '%e %U %S %M', ...command], {
    env,
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
      if (output.length < 10_000) output += bytes.toString();
    });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${command[0]} ended with ${code}: ${output}`);
  const [wall, user, system, kilobytes] = readFileSync(report, 'utf8').trim().split(' ').map(Number);
  return { wall: wall!, cpu: user! + system!, memory: kilobytes! / 1024 };
}
