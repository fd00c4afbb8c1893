import type { TextColumn } from '../reading/record-scanner.ts';
import { bitWidth, encodePresence, encodeRuns } from './runs.ts';
import { thrift, type ThriftValue } from './thrift.ts';

/** Columns of one length, each with its name. */
export interface ParquetColumns {
  texts: readonly { name: string; column: TextColumn }[];
  /** Whole numbers, NaN for none; `time` in microseconds since 1970. */
  numbers: readonly { name: string; values: Float64Array; isTime: boolean }[];
}

/** Numbers of Parquet's format: types, repetition, conversions, encodings, codecs and kinds of pages. */
const INT64 = 2;
const BYTE_ARRAY = 6;
const OPTIONAL = 1;
const UTF8 = 0;
const TIMESTAMP_MICROS = 10;
const PLAIN = 0;
const RLE = 3;
const RLE_DICTIONARY = 8;
const UNCOMPRESSED = 0;
const DATA_PAGE = 0;
const DICTIONARY_PAGE = 2;
const MAGIC = Buffer.from('PAR1');

/**
 * A Parquet file of one row group, in pieces that are written one behind the other. Texts come with their dictionary, and stay with it where they repeat: neither is
 * anything compared nor copied once more.
 */
export function writeParquet({ texts, numbers }: ParquetColumns): Uint8Array[] {
  const file = new Output();
  file.put(MAGIC);
  const rows = texts[0]?.column.codes.length ?? 0;
  const chunks = [
    ...texts.map(({ name, column }) => textChunk(file, name, column)),
    ...numbers.map(({ name, values }) => numberChunk(file, name, values)),
  ];
  const schema: ThriftValue[] = [
    {
      struct: [
        [4, { text: 'records' }],
        [5, { i32: chunks.length }],
      ],
    },
    ...texts.map(({ name }) => element(name, BYTE_ARRAY, UTF8)),
    ...numbers.map(({ name, isTime }) => element(name, INT64, isTime ? TIMESTAMP_MICROS : undefined)),
  ];
  const metadata = thrift({
    struct: [
      [1, { i32: 1 }],
      [2, { list: schema }],
      [3, { i64: rows }],
      [
        4,
        {
          list: [
            {
              struct: [
                [1, { list: chunks }],
                [2, { i64: file.length }],
                [3, { i64: rows }],
              ],
            },
          ],
        },
      ],
      [6, { text: 'crossbucket' }],
    ],
  });
  file.put(metadata);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(metadata.length);
  file.put(length);
  file.put(MAGIC);
  return file.pieces;
}

class Output {
  length = 0;
  readonly pieces: Uint8Array[] = [];

  put(piece: Uint8Array): void {
    this.pieces.push(piece);
    this.length += piece.length;
  }
}

const element = (name: string, type: number, converted: number | undefined): ThriftValue => ({
  struct: [
    [1, { i32: type }],
    [3, { i32: OPTIONAL }],
    [4, { text: name }],
    ...(converted === undefined ? [] : [[6, { i32: converted }] as const]),
  ],
});

function textChunk(file: Output, name: string, column: TextColumn): ThriftValue {
  const { codes, count, nulls } = column;
  const start = file.length;
  const present = nulls === 0 ? codes : presentOf(codes, nulls);
  const isDictionary = count > 0 && count < codes.length / 2 && count < 2 ** 20;
  if (isDictionary) {
    const width = bitWidth(count);
    file.put(pageHeader(DICTIONARY_PAGE, column.pool.length, [7, count, PLAIN]));
    file.put(column.pool);
    const page = file.length;
    putPage(file, codes.length, RLE_DICTIONARY, levels(codes, nulls), [
      Buffer.from([width]),
      encodeRuns(present, width),
    ]);
    return chunk(name, BYTE_ARRAY, codes.length, start, page, file.length, start);
  }
  putPage(file, codes.length, PLAIN, levels(codes, nulls), [textsOf(column, present)]);
  return chunk(name, BYTE_ARRAY, codes.length, start, start, file.length, undefined);
}

function presentOf(codes: Int32Array, nulls: number): Int32Array {
  const present = new Int32Array(codes.length - nulls);
  let count = 0;
  for (let row = 0; row < codes.length; row++) if (codes[row] !== -1) present[count++] = codes[row]!;
  return present;
}

function numberChunk(file: Output, name: string, values: Float64Array): ThriftValue {
  const start = file.length;
  const codes = new Int32Array(values.length);
  const plain = new Int32Array(values.length * 2);
  let present = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (Number.isNaN(value)) codes[row] = -1;
    else {
      const high = Math.floor(value / 2 ** 32);
      plain[present * 2] = value - high * 2 ** 32;
      plain[present * 2 + 1] = high;
      present++;
    }
  }
  putPage(file, values.length, PLAIN, levels(codes, values.length - present), [
    // Little-endian, as is every machine that Node.js and DuckDB run on.
    Buffer.from(plain.buffer, 0, present * 8),
  ]);
  return chunk(name, INT64, values.length, start, start, file.length, undefined);
}

/** Which rows have a value. */
function levels(codes: Int32Array, nulls: number): Buffer {
  const runs = encodePresence(codes, nulls);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(runs.length);
  return Buffer.concat([length, runs]);
}

/** The text of each row behind its length. */
function textsOf({ pool, starts, count }: TextColumn, codes: Int32Array): Uint8Array {
  // Each text is new, and so they stand as they came.
  if (codes.length === count) return pool;
  let size = 0;
  for (const code of codes) size += starts[code + 1]! - starts[code]!;
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const code of codes) {
    const from = starts[code]!;
    const to = starts[code + 1]!;
    if (to - from < 96) for (let i = from; i < to; i++) bytes[at++] = pool[i]!;
    else {
      bytes.set(pool.subarray(from, to), at);
      at += to - from;
    }
  }
  return bytes;
}

function putPage(file: Output, rows: number, encoding: number, level: Buffer, values: Uint8Array[]): void {
  const size = values.reduce((sum, { length }) => sum + length, level.length);
  file.put(pageHeader(DATA_PAGE, size, [5, rows, encoding]));
  file.put(level);
  for (const piece of values) file.put(piece);
}

function pageHeader(type: number, size: number, [field, count, encoding]: [number, number, number]): Buffer {
  return thrift({
    struct: [
      [1, { i32: type }],
      [2, { i32: size }],
      [3, { i32: size }],
      [
        field,
        {
          struct: [
            [1, { i32: count }],
            [2, { i32: encoding }],
            ...(type === DATA_PAGE ? [[3, { i32: RLE }] as const, [4, { i32: RLE }] as const] : []),
          ],
        },
      ],
    ],
  });
}

function chunk(
  name: string,
  type: number,
  rows: number,
  start: number,
  dataPage: number,
  end: number,
  dictionaryPage: number | undefined,
): ThriftValue {
  const encodings = dictionaryPage === undefined ? [PLAIN, RLE] : [PLAIN, RLE, RLE_DICTIONARY];
  return {
    struct: [
      [2, { i64: start }],
      [
        3,
        {
          struct: [
            [1, { i32: type }],
            [2, { list: encodings.map((encoding) => ({ i32: encoding })) }],
            [3, { list: [{ text: name }] }],
            [4, { i32: UNCOMPRESSED }],
            [5, { i64: rows }],
            [6, { i64: end - start }],
            [7, { i64: end - start }],
            [9, { i64: dataPage }],
            ...(dictionaryPage === undefined ? [] : [[11, { i64: dictionaryPage }] as const]),
          ],
        },
      ],
    ],
  };
}
