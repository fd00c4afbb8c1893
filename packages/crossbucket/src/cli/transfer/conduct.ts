import type { TransferListener } from '@crossbucket/access';
import { reportError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { Interrupted, onInterrupt } from './interrupt.ts';
import { showProgress, type ProgressOptions } from './progress.ts';
import type { Tally } from './tally.ts';
import { count, grouped, humanBytes, humanTime } from './units.ts';

/** Runs a transfer with progress, Ctrl-C and a summary, and says how it ended. */
export async function conduct(
  terminal: Terminal,
  options: ProgressOptions,
  work: (hooks: { onEvent: TransferListener; signal: AbortSignal }) => Promise<unknown>,
): Promise<ExitCode> {
  const progress = showProgress(terminal, options);
  const { signal, done } = onInterrupt();
  const started = performance.now();
  const ended = await work({ onEvent: progress.onEvent, signal }).then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  progress.stop();
  done();
  const seconds = (performance.now() - started) / 1000;
  const { tally } = progress;
  const out = options.piped ? terminal.err : terminal.out;
  if (options.json) out.write(`${JSON.stringify({ type: 'summary', ...tally, seconds })}\n`);
  else if (!options.quiet && (ended === undefined || didAnything(tally)))
    out.write(`${(options.removal ? removalSummary : summaryOf)(tally, seconds)}\n`);
  if (ended === undefined) return EXIT.done;
  const { error } = ended;
  if (error instanceof Interrupted) {
    const rest = options.removal ? 'the rest is still there' : 'large objects go on where they stopped';
    terminal.err.write(`stopped; run the same command again: ${rest}\n`);
    return EXIT.interrupted;
  }
  // What failed has been told, object by object.
  const code = isIncomplete(error) ? EXIT.outside : reportError(error, terminal);
  return code === EXIT.outside && tally.failed > 0 && tally.finished + tally.deleted + tally.unchanged > 0
    ? EXIT.partly
    : code;
}

const didAnything = ({ finished, deleted, unchanged, moved, planned }: Tally) =>
  finished + deleted + unchanged + moved + planned > 0;

const isIncomplete = (error: unknown) => (error as { code?: unknown }).code === 'transfer-incomplete';

/** `12 objects deleted` */
export function removalSummary({ deleted, failed, planned }: Tally): string {
  if (planned > 0) return `${count(planned, 'object')} to delete`;
  return `${count(deleted, 'object')} deleted${failed > 0 ? `, ${failed} failed` : ''}`;
}

/** `12 objects, 34 MiB in 2 s (17 MiB/s); 3 deleted, 100 unchanged` */
export function summaryOf(tally: Tally, seconds: number): string {
  const { finished, moved, resumed, deleted, unchanged, skipped, failed, planned, plannedBytes } = tally;
  if (planned > 0) return `${count(planned, 'object')} to do, ${humanBytes(plannedBytes)}`;
  const rate = `${humanBytes(Math.round(moved / Math.max(seconds, 0.001)))}/s`;
  const moves = `${count(finished, 'object')}, ${humanBytes(moved)} in ${humanTime(seconds)} (${rate})`;
  const others = Object.entries({ deleted, unchanged, skipped, failed })
    .filter(([, number]) => number > 0)
    .map(([name, number]) => `${grouped(number)} ${name}`);
  if (resumed > 0) others.unshift(`${humanBytes(resumed)} were there already`);
  return others.length > 0 ? `${moves}; ${others.join(', ')}` : moves;
}
