import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditError } from './audit-error.ts';
import { cacheFolder } from './cache/cache-folder.ts';
import {
  type Batch,
  commitBatch,
  findBatches,
  type ReadInput,
  removeBatch,
  writePart,
  type WrittenPart,
} from './cache/parts.ts';
import { readFile, unread, type FileReport } from './reading/read-file.ts';
import { RecordScanner } from './reading/record-scanner.ts';
import type { Scope } from './sources/key-layout.ts';
import type { Source, SourceFile } from './sources/source.ts';
import { summarize, type ReadSummary } from './summary.ts';

/** Records of a source, as Parquet files. */
export interface LoadedRecords {
  folder: string;
  files: string[];
  /** Where the files hold more than is asked for: the names of the source's files that count. */
  only: string[] | undefined;
  summary: ReadSummary;
  /** Names of files that could not be read now, and may be another time. */
  unread: string[];
  /** Whether the folder is there the next time. */
  isKept: boolean;
  /** Removes what is not kept. */
  close(): void;
}

export interface LoadOptions {
  scope?: Scope;
  /** False where nothing is to be kept. */
  cache?: boolean;
  /** In place of the user's cache folder. */
  cacheBase?: string;
  onProgress?: (done: number, of: number) => void;
}

/** After so many files what was read is kept, even if the rest fails. */
const COMMIT_EVERY = 2000;

/** Reads what has not been read yet. */
export async function loadRecords(source: Source, options: LoadOptions = {}): Promise<LoadedRecords> {
  const isKept = source.id !== undefined && options.cache !== false;
  const folder = isKept
    ? cacheFolder(source.id ?? '', options.cacheBase)
    : mkdtempSync(join(tmpdir(), 'crossbucket-audit-'));
  const files: SourceFile[] = [];
  for await (const file of source.list(options.scope ?? {})) files.push(file);
  const kept = isKept ? upToDate(folder, files) : [];
  const known = new Map(kept.flatMap(({ inputs }) => inputs.map((input) => [input.key, input])));
  const missing = files.filter(({ key }) => !known.has(key));
  const { batches: fresh, unread: failed } = await readFiles(folder, missing, options);
  const batches = [...kept, ...fresh];
  const asked = new Set(files.map(({ key }) => key));
  const used = batches.filter(({ inputs }) => inputs.some(({ key }) => asked.has(key)));
  const inputs = used.flatMap((batch) => batch.inputs);
  const isAsked = ({ key }: ReadInput): boolean => asked.has(key);
  return {
    folder,
    files: used.flatMap(({ parts }) => parts.map(({ name }) => join(folder, name))),
    only: inputs.every(isAsked) ? undefined : [...asked],
    summary: summarize(source, [...inputs.filter(isAsked), ...failed], missing.length),
    unread: failed.map(({ key }) => key),
    isKept,
    close: () => {
      if (!isKept) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where one file has changed, its whole batch is read anew. */
function upToDate(folder: string, files: readonly SourceFile[]): Batch[] {
  const stamps = new Map(files.map(({ key, stamp }) => [key, stamp]));
  const seen = new Set<string>();
  return findBatches(folder).filter((batch) => {
    const isStale = batch.inputs.some(
      ({ key, stamp }) => seen.has(key) || (stamps.has(key) && stamps.get(key) !== stamp),
    );
    if (isStale) removeBatch(folder, batch);
    else for (const { key } of batch.inputs) seen.add(key);
    return !isStale;
  });
}

interface Fresh {
  batches: Batch[];
  /** Files that could not be read now. */
  unread: ReadInput[];
}

async function readFiles(folder: string, files: readonly SourceFile[], options: LoadOptions): Promise<Fresh> {
  if (files.length === 0) return { batches: [], unread: [] };
  const scanner = new RecordScanner();
  const batches: Batch[] = [];
  const failed: ReadInput[] = [];
  let parts: WrittenPart[] = [];
  let inputs: ReadInput[] = [];
  const flush = (): void => {
    if (scanner.rows > 0) parts.push(writePart(folder, scanner));
    scanner.clear();
  };
  const commit = (): void => {
    flush();
    batches.push(commitBatch(folder, parts, inputs));
    [parts, inputs] = [[], []];
  };
  for (const [index, file] of files.entries()) {
    const input = { key: file.key, stamp: file.stamp, report: await readOne(file, scanner, flush) };
    // What could not be read is not known as read.
    (input.report.isUnread ? failed : inputs).push(input);
    if (inputs.length === COMMIT_EVERY) commit();
    options.onProgress?.(index + 1, files.length);
  }
  if (inputs.length > 0 || scanner.rows > 0) commit();
  return { batches, unread: failed };
}

async function readOne(file: SourceFile, scanner: RecordScanner, flush: () => void): Promise<FileReport> {
  try {
    return await readFile(await file.open(), file.key, scanner, flush);
  } catch (error) {
    if (error instanceof AuditError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    return { records: 0, problems: {}, isCut: false, bytes: 0, ...unread(why) };
  }
}
