import type { Writable } from 'node:stream';
import type { WriteStream } from 'node:tty';
import type { TransferEvent, TransferListener } from '@crossbucket/access';
import { printable, type Terminal } from '../terminal.ts';
import { noFasterThan } from './standard-output.ts';
import { addEvent, emptyTally, type Tally } from './tally.ts';
import { count, grouped, humanBytes, humanTime } from './units.ts';

export interface ProgressOptions {
  json?: boolean | undefined;
  quiet?: boolean | undefined;
  verbose?: boolean | undefined;
  /** Standard output is the object itself. */
  piped?: boolean;
  /** One object, whose size tells how much is left. */
  single?: boolean;
  /** Nothing moves. */
  removal?: boolean;
}

const REDRAW = 100;
const LINE = 5000;
const BAR = 24;

/** Shows a transfer while it goes on, and counts it. */
export interface Progress {
  readonly tally: Tally;
  onEvent: TransferListener;
  /** Ends the bar. */
  stop(): void;
}

export function showProgress(terminal: Terminal, options: ProgressOptions): Progress {
  const { json, quiet, verbose, piped, single } = options;
  const tally = emptyTally();
  const out = piped ? terminal.err : terminal.out;
  const write = noFasterThan(out);
  const complain = noFasterThan(terminal.err);
  const started = performance.now();
  const bar = !json && !quiet && (terminal.err as WriteStream).isTTY === true;
  const draw = () => {
    // A dry run tells each object.
    if (tally.planned > 0) return;
    const elapsed = (performance.now() - started) / 1000;
    if (json) out.write(`${JSON.stringify({ type: 'progress', ...tally, seconds: elapsed })}\n`);
    else if (bar) terminal.err.write(`\r\u001B[K${barOf(tally, elapsed).slice(0, widthOf(terminal.err))}`);
    else if (elapsed > LINE / 2000) terminal.err.write(`${lineOf(tally, elapsed)}\n`);
  };
  const clear = () => void (bar && terminal.err.write('\r\u001B[K'));
  const timer = quiet ? undefined : setInterval(draw, bar ? REDRAW : json ? 1000 : LINE);
  timer?.unref();
  return {
    tally,
    onEvent(event) {
      addEvent(tally, event);
      if (single && event.type === 'started') tally.total = event.size;
      if (json) {
        return event.type === 'moved' ? undefined : write(`${JSON.stringify(jsonEvent(event))}\n`);
      }
      const line = event.type === 'planned' || verbose ? describeEvent(event) : undefined;
      if (line !== undefined) {
        clear();
        return write(`${printable(line)}\n`);
      }
      if (event.type === 'failed') {
        clear();
        const { help, message } = event.error as Error & { help?: string };
        const advice = help === undefined ? '' : `${terminal.style.bold('help')}: ${printable(help)}\n`;
        return complain(`${terminal.style.red('error')}: ${printable(message)}\n${advice}`);
      }
      return undefined;
    },
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

/** A line that wraps cannot be drawn over. */
const widthOf = (err: Writable): number => ((err as WriteStream).columns || 80) - 1;

/** An error is its code, message and help. */
function jsonEvent(event: TransferEvent): object {
  if (event.type !== 'failed') return event;
  const { code, message, help } = event.error as Error & { code?: string; help?: string };
  return { ...event, error: { code, message, help } };
}

function describeEvent(event: TransferEvent): string | undefined {
  switch (event.type) {
    case 'planned':
      return event.action === 'delete'
        ? `would delete ${event.to}`
        : `would ${event.action} ${event.from} to ${event.to}`;
    case 'finished':
      return `${event.action} ${event.from} to ${event.to}`;
    case 'deleted':
      return `delete ${event.to}`;
    case 'skipped':
      return `skip ${event.from}, which ${event.reason}`;
    default:
      return undefined;
  }
}

function rateOf({ moved }: Tally, elapsed: number): string {
  return `${humanBytes(Math.round(moved / Math.max(elapsed, 0.001)))}/s`;
}

function leftOf({ moved, resumed, total }: Tally, elapsed: number): string[] {
  if (total === undefined || moved === 0) return [];
  const left = ((total - resumed - moved) / moved) * elapsed;
  return [`${humanTime(left)} left`];
}

/** `1.2 GiB, 85 MiB/s, 12 objects, 100 unchanged` of many; `1.2 GiB of 4.0 GiB, 85 MiB/s, 33 s left` of one. */
export function lineOf(tally: Tally, elapsed: number): string {
  const arrived = tally.moved + tally.resumed;
  const bytes =
    tally.total === undefined ? humanBytes(arrived) : `${humanBytes(arrived)} of ${humanBytes(tally.total)}`;
  const others = (['unchanged', 'deleted', 'failed'] as const)
    .filter((name) => tally[name] > 0)
    .map((name) => `${grouped(tally[name])} ${name}`);
  const objects = tally.total === undefined ? [count(tally.finished, 'object')] : [];
  const moves = arrived > 0 || others.length === 0 ? [bytes, rateOf(tally, elapsed), ...objects] : [];
  return [...moves, ...others, ...leftOf(tally, elapsed)].join(', ');
}

export function barOf(tally: Tally, elapsed: number): string {
  const { total, moved, resumed } = tally;
  if (total === undefined || total === 0) return lineOf(tally, elapsed);
  const share = Math.min(1, (moved + resumed) / total);
  const filled = Math.round(share * BAR);
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `[${'#'.repeat(filled)}${'-'.repeat(BAR - filled)}] ${percent}  ${lineOf(tally, elapsed)}`;
}
