import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Names a process so that another can tell whether it still runs. */
export interface ProcessName {
  pid: number;
  host: string;
  /** When it started, in the kernel's own count, where the kernel tells: process ids are used again. */
  started?: string;
}

export const thisProcess = (): ProcessName => ({
  pid: process.pid,
  host: hostname(),
  started: startOf(process.pid),
});

/** On another host nobody can tell: it counts as running. */
export function isRunning({ pid, host, started }: ProcessName): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, and is somebody else's.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return started === undefined || startOf(pid) === started;
}

/** Field 22 of /proc/PID/stat; the name before it may hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
