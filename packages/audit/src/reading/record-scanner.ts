import { randomBytes } from 'node:crypto';
import { cleanJson } from './clean-json.ts';
import {
  isList,
  PLAIN_COLUMNS,
  type PlanSpec,
  RECORD,
  SLOTS,
  TEXT_COLUMNS,
  type NumberName,
  type TextName,
} from './record-plan.ts';
import { instantiateScanner, type ScannerExports } from './scanner-module.ts';

/** What is wrong with a record. Those that are not records are not taken; the others are. */
export type RecordProblem = 'not-a-record' | 'missing-fields' | 'unknown-version';

/** What became of the value that began here. */
export type Outcome = 'done' | 'more' | { failure: string; at: number } | RecordProblem;

/** A column of texts: each row has the number of its text, or -1. Views of memory that the next call may change. */
export interface TextColumn {
  codes: Int32Array;
  /** The texts, each behind its length in four bytes, and where each of these begins; `count` of them. */
  pool: Uint8Array;
  starts: Uint32Array;
  count: number;
  nulls: number;
}

/** Rows of a part at most: what DuckDB takes as one piece of work. */
const PART_ROWS = 122_880;
/** Bytes of texts of a part at most, but for one record that is larger. */
const PART_BYTES = 48 * 2 ** 20;

const PROBLEMS: readonly (RecordProblem | undefined)[] = [
  undefined,
  'not-a-record',
  'missing-fields',
  'unknown-version',
];
const INNER_RECORD = 4;
const MORE = -1;
const TOO_DEEP = -3;

/** Records as columns. The work is done by `wasm/record-scanner.ts`. */
export class RecordScanner {
  readonly #wasm: ScannerExports;
  #windowSize = 0;
  #window = 0;

  constructor() {
    this.#wasm = instantiateScanner({
      decode: (from, to) => this.#answer(decodeString(this.#textAt(from, to))),
      json: (from, to) => this.#answer(cleanJson(this.#textAt(from, to))),
      number: (from, to) => {
        const number = Math.round(Number(this.#textAt(from, to)));
        return number >= 0 && number <= Number.MAX_SAFE_INTEGER ? number : Number.NaN;
      },
      time: (from, to) => Date.parse(this.#textAt(from, to)),
    });
    this.#setUp();
  }

  get rows(): number {
    return this.#wasm.rows.value as number;
  }

  get isFull(): boolean {
    return this.#wasm.isFull() !== 0;
  }

  /** Address of the next byte, and of the end of the bytes. */
  get pos(): number {
    return this.#wasm.pos.value as number;
  }

  get end(): number {
    return this.#wasm.end.value as number;
  }

  goTo(address: number): void {
    this.#wasm.setPosition(address);
  }

  /** The file that the next records are from. */
  startFile(name: string): void {
    const length = this.#answer(name);
    this.#wasm.setFile(this.#scratch, length);
    this.#wasm.setBytes(0, 0);
  }

  clear(): void {
    this.#wasm.clear();
  }

  /** Puts a chunk behind the bytes that are left. */
  append(chunk: Uint8Array): void {
    const { pos, end } = this;
    const left = end - pos;
    const needed = left + chunk.length;
    if (needed > this.#windowSize) {
      const offset = pos - this.#window;
      this.#windowSize = Math.max(needed, this.#windowSize * 2, 2 ** 20);
      this.#window = this.#wasm.reserveWindow(this.#windowSize);
      this.#memory.copyWithin(this.#window, this.#window + offset, this.#window + offset + left);
    } else if (left > 0) this.#memory.copyWithin(this.#window, pos, end);
    this.#memory.set(chunk, this.#window + left);
    this.#wasm.setBytes(this.#window, this.#window + needed);
  }

  /** The next byte that is no white space, without taking it; -1 at the end of the bytes. */
  peek(): number {
    return this.#wasm.peek();
  }

  /** Takes the next byte. */
  skipByte(): void {
    this.#wasm.setPosition(this.pos + 1);
  }

  skipValue(): Outcome {
    return this.#outcome(this.#wasm.skipValue());
  }

  /** Takes the record that begins here. Where the bytes do not suffice, the position is of no meaning. */
  takeRecord(): Outcome {
    const result = this.#wasm.takeRecord();
    return result === INNER_RECORD ? this.#takeInner() : this.#outcome(result);
  }

  /** The text between two addresses. */
  textBetween(from: number, to: number): string {
    return this.#textAt(from, to);
  }

  text(name: TextName): TextColumn {
    // The fields of the module's own TextColumn, in their order.
    const at = this.#wasm.columnAddress(TEXT_COLUMNS.indexOf(name)) >>> 2;
    const fields = new Uint32Array(this.#wasm.memory.buffer).subarray(at, at + 12);
    const [codes = 0, pool = 0, , used = 0, starts = 0, , , count = 0, , , nulls = 0] = fields;
    const { buffer } = this.#wasm.memory;
    return {
      codes: new Int32Array(buffer, codes, this.rows),
      pool: new Uint8Array(buffer, pool, used),
      starts: new Uint32Array(buffer, starts, count + 1),
      count,
      nulls,
    };
  }

  /** One number a row, NaN for no value. */
  numbers(name: NumberName): Float64Array {
    const { times, bytesIn, bytesOut } = this.#wasm;
    const address = { event_time: times, bytes_in: bytesIn, bytes_out: bytesOut }[name].value as number;
    return new Float64Array(this.#wasm.memory.buffer, address, this.rows);
  }

  /** A record that lies in another as a text. */
  #takeInner(): Outcome {
    const slot = SLOTS.indexOf('inner');
    return this.takeText(decodeString(this.#textAt(this.#wasm.slotStart(slot), this.#wasm.slotEnd(slot))));
  }

  /** Takes a record that does not lie among the bytes as it is: it is read in the place of what is left of them, which then come back. */
  takeText(text: string): Outcome {
    const { pos, end } = this;
    const length = this.#answer(`${text} `);
    // A record has texts that need the scratch room themselves.
    const bytes = this.#memory.slice(this.#scratch, this.#scratch + length);
    const rest = this.#memory.slice(pos, end);
    this.#wasm.setBytes(this.#window, this.#window);
    this.append(bytes);
    const isObject = this.peek() === 0x7b;
    const result = isObject ? this.#wasm.takeRecord() : 1;
    this.#wasm.setBytes(this.#window, this.#window);
    this.append(rest);
    return PROBLEMS[result] ?? (result === 0 ? 'done' : 'not-a-record');
  }

  #outcome(result: number): Outcome {
    if (result === MORE) return 'more';
    if (result >= 0) return PROBLEMS[result] ?? 'done';
    const at = this.#wasm.failedAt.value as number;
    return { failure: result === TOO_DEEP ? 'nested too deeply' : 'not JSON', at };
  }

  #scratch = 0;

  get #memory(): Uint8Array {
    return new Uint8Array(this.#wasm.memory.buffer);
  }

  #textAt(from: number, to: number): string {
    return Buffer.from(this.#wasm.memory.buffer, from, to - from).toString();
  }

  #answer(text: string): number {
    const length = Buffer.byteLength(text);
    this.#scratch = this.#wasm.reserveScratch(length);
    return Buffer.from(this.#wasm.memory.buffer, this.#scratch, length).write(text);
  }

  #setUp(): void {
    const wasm = this.#wasm;
    const seed = randomBytes(8);
    wasm.setSeed(seed.readInt32LE(0), seed.readInt32LE(4));
    wasm.setUp(TEXT_COLUMNS.length, SLOTS.length, PART_ROWS, PART_BYTES);
    const slots = [
      'event_name',
      'event_source',
      'event_time',
      'event_id',
      'version',
      'shared_id',
      'original_id',
      'request',
      'inner',
      'bytes_in',
      'bytes_out',
      'resource_account',
      'resource_type',
      'resource_arn',
    ];
    wasm.bindSlots(...slots.map((name) => SLOTS.indexOf(name)));
    wasm.bindColumns(
      PLAIN_COLUMNS.length,
      ...(['source_file', 'shared_id', 'owner_account', 'resource_arn', 'request'] as const).map((name) =>
        TEXT_COLUMNS.indexOf(name),
      ),
    );
    const plan = this.#plan(RECORD);
    this.#answer('AWS::S3::BucketAWS::S3::Object');
    wasm.bindPlan(plan, this.#scratch, this.#scratch + 15);
  }

  #plan(spec: PlanSpec): number {
    const { '...': rest, ...members } = spec;
    const names = Object.keys(members);
    const size = 2 ** Math.ceil(Math.log2(names.length * 4));
    const plan = this.#wasm.newPlan(size, typeof rest === 'string' ? SLOTS.indexOf(rest) : -1);
    for (const [name, target] of Object.entries(members)) {
      const inside = typeof target === 'string' || isList(target) ? 0 : this.#plan(target);
      const each = isList(target) ? this.#plan(target[0]) : 0;
      const length = this.#answer(name);
      this.#wasm.addMember(plan, this.#scratch, length, slotOf(target), inside, each);
    }
    return plan;
  }
}

/** Where a member's value goes that is no object: among the others of that object, if they are kept. */
function slotOf(target: PlanSpec[string]): number {
  if (typeof target === 'string') return SLOTS.indexOf(target);
  const rest = isList(target) ? undefined : target['...'];
  return typeof rest === 'string' ? SLOTS.indexOf(rest) : -1;
}

/** A string of JSON without its escapes; where they are none, as it is written. */
function decodeString(text: string): string {
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
