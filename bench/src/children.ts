import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A process of ours that says on its first line that it is ready. */
export interface Child {
  firstLine: string;
  /** Milliseconds from the spawn to the first line. */
  startup: number;
  pid: number;
  stop(): Promise<void>;
}

export function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

export async function startChild(file: string, parameters: readonly string[]): Promise<Child> {
  const started = performance.now();
  const child = spawn(process.execPath, [file, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const [firstLine] = (await once(lines, 'line')) as [string];
  return { firstLine, startup: performance.now() - started, pid: child.pid!, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Runs a script to its end and reads what it printed as JSON. */
export async function runChild<T>(file: string, parameters: readonly string[]): Promise<T> {
  const child = spawn(process.execPath, [file, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`${file} ended with ${code}`);
  return JSON.parse(output) as T;
}
