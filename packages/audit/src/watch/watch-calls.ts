import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AnswerRow } from '../engines/engine.ts';
import { loadRecords, type LoadedRecords } from '../load-records.ts';
import type { Filters } from '../questions/filters.ts';
import { isInScope, type Scope } from '../sources/key-layout.ts';
import type { Source, SourceFile } from '../sources/source.ts';
import type { FileProblem } from '../summary.ts';
import { NewFiles } from './new-files.ts';
import { WatchWindow } from './watch-window.ts';

export interface WatchOptions {
  /** With `since`, calls of before the watch began are told of, too. */
  filters?: Filters;
  /** Accounts and regions whose trails are read. */
  scope?: Pick<Scope, 'accounts' | 'regions'>;
  /** Milliseconds between two looks. */
  every: number;
  /** Ends the watch; what waits is told of then. */
  signal: AbortSignal;
  /** How long a call waits for the record of its session, in milliseconds (15 minutes). */
  holdFor?: number;
  /** As of `loadRecords`, for what was there before. */
  cache?: boolean;
  cacheBase?: string;
  onReady?: (records: LoadedRecords) => void;
  onProblem?: (problem: FileProblem) => void;
  /** A look failed; the next one may not. */
  onFailure?: (error: Error) => void;
}

/** CloudTrail delivers within about five minutes, and in no order. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html */
const HOLD = 15 * 60_000;
/** Sessions of roles last up to twelve hours. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const LONGEST_ROLE_SESSION = 12 * 3600 * 1000;
/** Files that are read before their calls are told of: so many, or so many bytes. */
const BATCH_FILES = 200;
const BATCH_BYTES = 32 * 2 ** 20;

/**
 * Follows a source: each call from outside as its record comes, once. Reads what is there at the start, so that sessions that
 * run already are known.
 * @throws AuditError where the first look fails
 */
export async function* watchCalls(source: Source, options: WatchOptions): AsyncGenerator<AnswerRow> {
  const { filters = {}, holdFor = HOLD, signal } = options;
  const files = new NewFiles();
  const start = Date.now();
  const first = await readFirst(source, files, start, options);
  let window: WatchWindow | undefined;
  try {
    window = await WatchWindow.open([first.folder, tmpdir()]);
    options.onReady?.(first);
    for (const problem of signal.aborted ? [] : first.summary.problems)
      if (source.id !== undefined || problem.kind !== 'no-records') options.onProblem?.(problem);
    if (filters.since === undefined) await window.learn(first);
    else yield* untilAborted(window.take(first, filters, { now: start, until: start + holdFor }), signal);
    first.close();
    while (await isTimeForMore(options)) yield* look(source, files, window, options);
    yield* window.take(NOTHING, filters, { now: Number.POSITIVE_INFINITY, until: 0 });
  } finally {
    first.close();
    await window?.close();
  }
}

/** Reads what a session that runs now may have begun in; what is older is only known to be there. */
async function readFirst(
  source: Source,
  files: NewFiles,
  start: number,
  { filters = {}, scope, cache = true, cacheBase, signal }: WatchOptions,
): Promise<LoadedRecords> {
  const since = (filters.since ?? start) - LONGEST_ROLE_SESSION;
  const wanted: SourceFile[] = [];
  for await (const file of source.list(scopeOf(source, scope, Math.min(since, start))))
    if (isInScope(file.key, { since })) wanted.push(untilStopped(file, signal));
    else files.markAsRead(file);
  const options = { cache, ...(cacheBase !== undefined && { cacheBase }) };
  const read = await loadRecords({ ...source, list: () => each(wanted) }, options);
  for (const file of wanted) if (!read.unread.includes(file.key)) files.markAsRead(file);
  return read;
}

/** Whoever stops while much is still to be read does not wait for it. */
const untilStopped = (file: SourceFile, signal: AbortSignal): SourceFile => ({
  ...file,
  async open() {
    signal.throwIfAborted();
    return file.open();
  },
});

async function* untilAborted(
  calls: AsyncGenerator<AnswerRow>,
  signal: AbortSignal,
): AsyncGenerator<AnswerRow> {
  for await (const call of calls) {
    yield call;
    if (signal.aborted) return;
  }
}

/** What can be asked by time is; everything else is listed whole. */
const scopeOf = ({ lookBack }: Source, scope: WatchOptions['scope'], since: number): Scope => ({
  ...scope,
  ...(lookBack !== undefined && { since: Math.min(since, Date.now() - lookBack) }),
});

const NOTHING = { files: [], only: undefined };

async function isTimeForMore({ every, signal, filters }: WatchOptions): Promise<boolean> {
  await sleep(every, undefined, { signal }).catch(() => undefined);
  return !signal.aborted && !(filters?.until !== undefined && filters.until < Date.now());
}

async function* look(
  source: Source,
  files: NewFiles,
  window: WatchWindow,
  options: WatchOptions,
): AsyncGenerator<AnswerRow> {
  const { filters = {}, scope, holdFor = HOLD, signal } = options;
  const now = Date.now();
  try {
    for await (const batch of batches(files.of(source.list(scopeOf(source, scope, now))))) {
      if (signal.aborted) return;
      const read = await loadRecords({ name: source.name, list: () => each(batch) }, { cache: false });
      try {
        // That nothing has come by LookupEvents is none.
        for (const problem of read.summary.problems)
          if (source.id !== undefined || problem.kind !== 'no-records') options.onProblem?.(problem);
        yield* untilAborted(window.take(read, filters, { now, until: now + holdFor }), signal);
        for (const file of batch) if (!read.unread.includes(file.key)) files.markAsRead(file);
      } finally {
        read.close();
      }
    }
  } catch (error) {
    options.onFailure?.(error as Error);
  }
  if (window.waitsUntil <= now) yield* window.take(NOTHING, filters, { now, until: 0 });
}

async function* batches(files: AsyncIterable<SourceFile>): AsyncGenerator<SourceFile[]> {
  let batch: SourceFile[] = [];
  let bytes = 0;
  for await (const file of files) {
    batch.push(file);
    bytes += file.size;
    if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
    yield batch;
    [batch, bytes] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

async function* each(files: readonly SourceFile[]): AsyncGenerator<SourceFile> {
  yield* files;
}
