import { randomInt, randomUUID } from 'node:crypto';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { writeParquet } from '../parquet/write-parquet.ts';
import { NUMBER_COLUMNS, TEXT_COLUMNS } from '../reading/record-plan.ts';
import type { FileReport } from '../reading/read-file.ts';
import type { RecordScanner } from '../reading/record-scanner.ts';

/** A file that was read: as it was then, and what was met in it. */
export interface ReadInput {
  key: string;
  stamp: string;
  report: FileReport;
}

/** Some files' records, as Parquet files with one description. */
export interface Batch {
  /** Path of the description. */
  path: string;
  parts: WrittenPart[];
  inputs: ReadInput[];
}

export interface WrittenPart {
  name: string;
  rows: number;
  /** CRC-32 of the file: a part that is damaged is not used. */
  checksum: number;
}

/** Writes the scanner's records as a Parquet file, which counts once a batch names it. */
export function writePart(folder: string, scanner: RecordScanner): WrittenPart {
  const pieces = writeParquet({
    texts: TEXT_COLUMNS.map((name) => ({ name, column: scanner.text(name) })),
    numbers: [
      ...NUMBER_COLUMNS.map((name) => ({
        name,
        values: scanner.numbers(name),
        isTime: name === 'event_time',
      })),
      { name: ROW_ID, values: rowIds(scanner.rows), isTime: false },
    ],
  });
  const name = `${randomUUID()}.parquet`;
  return { name, rows: scanner.rows, checksum: writePieces(join(folder, name), pieces) };
}

/** @returns CRC-32 of the file. */
function writePieces(path: string, pieces: readonly Uint8Array[]): number {
  const file = openSync(path, 'wx', 0o600);
  try {
    let checksum = 0;
    for (const piece of pieces) {
      checksum = crc32(piece, checksum);
      for (let done = 0; done < piece.length;) done += writeSync(file, piece, done);
    }
    return checksum;
  } finally {
    closeSync(file);
  }
}

/** The column that tells a row from all others. */
export const ROW_ID = 'row_id';

function rowIds(rows: number): Float64Array {
  const first = randomInt(2 ** 32) * 2 ** 20;
  return Float64Array.from({ length: rows }, (_, row) => first + row);
}

/** From now on the parts count. The description is there whole or not at all. */
export function commitBatch(folder: string, parts: WrittenPart[], inputs: ReadInput[]): Batch {
  const path = join(folder, `${randomUUID()}.json`);
  writeFileSync(`${path}.new`, JSON.stringify({ parts, inputs }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return { path, parts, inputs };
}

/** The batches that are there and whole. What is not is removed, and so read again. */
export function findBatches(folder: string): Batch[] {
  const names = readdirSync(folder);
  const batches = names
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const batch = readBatch(join(folder, name));
      if (batch === undefined) rmSync(join(folder, name), { force: true });
      return batch ?? [];
    });
  removeLeftOvers(folder, names, batches);
  return batches;
}

/** Longer than a batch takes, so that what another process writes just now is left alone. */
const ABANDONED = 6 * 3600 * 1000;

/** What a process left behind that was stopped. */
function removeLeftOvers(folder: string, names: readonly string[], batches: readonly Batch[]): void {
  const known = new Set(batches.flatMap(({ parts }) => parts.map(({ name }) => name)));
  for (const name of names) {
    if (known.has(name) || !/\.(parquet|new)$/.test(name)) continue;
    const age = Date.now() - (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > ABANDONED) rmSync(join(folder, name), { force: true });
  }
}

function readBatch(path: string): Batch | undefined {
  try {
    const { parts, inputs } = JSON.parse(readFileSync(path, 'utf8')) as Batch;
    const isWhole = parts.every(
      ({ name, checksum }) => crc32(readFileSync(join(dirname(path), name))) === checksum,
    );
    return isWhole && Array.isArray(inputs) ? { path, parts, inputs } : undefined;
  } catch {
    return undefined;
  }
}

export function removeBatch(folder: string, { path, parts }: Batch): void {
  rmSync(path, { force: true });
  for (const { name } of parts) rmSync(join(folder, name), { force: true });
}
