import { randomBytes } from 'node:crypto';
import {
  closeSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { AccessError } from '../errors.ts';
import { isRunning, thisProcess, type ProcessName } from './process-lock.ts';

/** What a transfer has done so far, kept in a file so that the next process can go on. One line a part. */
export interface Journal<Part> {
  /** What a process before this one has left. */
  readonly done: readonly Part[];
  /** What it has left of another subject. */
  readonly stale: readonly Part[];
  add(part: Part): void;
  /** Leaves it for the next process. */
  keep(): void;
  remove(): void;
}

const VERSION = 1;

interface Head<Subject> {
  version: number;
  process: ProcessName;
  subject: Subject;
}

const open = new Set<string>();

/**
 * Opens the journal at `path` for one process alone. What is in it counts only if it is about the same `subject`, by its
 * JSON. Throws `transfer-busy` while another process has it open, and errors of the file system.
 */
export function openJournal<Subject, Part>(path: string, subject: Subject): Journal<Part> {
  if (open.has(path)) throw busy(path, process.pid);
  const { same, parts } = takeOver<Part>(path, JSON.stringify(subject));
  const done = same ? parts : [];
  const head: Head<Subject> = { version: VERSION, process: thisProcess(), subject };
  const lines = [head, ...done].map((line) => `${JSON.stringify(line)}\n`);
  create(path, lines.join(''));
  const file = openSync(path, 'a');
  open.add(path);
  const close = () => {
    closeSync(file);
    open.delete(path);
  };
  return {
    done,
    stale: same ? [] : parts,
    add: (part) => void writeSync(file, `${JSON.stringify(part)}\n`),
    keep: close,
    remove() {
      rmSync(path, { force: true });
      close();
    },
  };
}

/** The whole file or none, and only if nobody else was quicker. */
function create(path: string, text: string): void {
  const beside = `${path}.${randomBytes(6).toString('hex')}`;
  writeFileSync(beside, text, { flag: 'wx', mode: 0o600 });
  try {
    linkSync(beside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw busy(path, undefined, error);
    // Not every file system has links.
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
  } finally {
    unlinkSync(beside);
  }
}

/** Moves a journal that nobody writes any more out of the way, and returns what it says. */
function takeOver<Part>(path: string, subject: string): { same: boolean; parts: Part[] } {
  const found = read<Part>(path);
  if (!found) return { same: false, parts: [] };
  // Ours is one that this process has let go of: those it writes are in `open`.
  if (found.process && found.process.pid !== process.pid && isRunning(found.process))
    throw busy(path, found.process.pid);
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    // Of two processes that come at once, one finds nothing left to move.
    renameSync(path, aside);
  } catch (error) {
    throw busy(path, undefined, error);
  }
  rmSync(aside, { force: true });
  return { same: found.subject === subject, parts: found.parts };
}

/** A line that was cut off by the end of its process does not count, nor does any after it. */
function read<Part>(
  path: string,
): { process: ProcessName | undefined; subject: string; parts: Part[] } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const values: unknown[] = [];
  try {
    for (const line of text.split('\n').slice(0, -1)) values.push(JSON.parse(line));
  } catch {
    // The rest is torn.
  }
  const [head, ...parts] = values as [Head<unknown> | undefined, ...Part[]];
  const whole = head?.version === VERSION;
  return {
    process: whole ? head.process : undefined,
    subject: whole ? JSON.stringify(head.subject) : '',
    parts,
  };
}

function busy(path: string, pid: number | undefined, cause?: unknown): AccessError {
  const who = pid === undefined ? 'another process' : `process ${pid}`;
  return new AccessError(
    'transfer-busy',
    `${who} is at the same transfer`,
    `wait for it to end; if it is on another host that is gone, remove \`${path}\``,
    { cause },
  );
}
