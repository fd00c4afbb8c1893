// The part of the API that is used here: its types come with the browser's, which Node's code has no use for.
interface Memory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object) => { exports: object };
};

/** Remainders of reflected polynomials, 64 bits wide at most. CRC32 fits too: its upper half stays zero. */
export interface CrcEngine {
  /** Bytes that one call takes. */
  readonly capacity: number;
  /** Goes on from `state`, which starts as all ones and is inverted at the end. */
  update(state: bigint, bytes: Uint8Array): bigint;
}

const TABLES = 16;
const TABLE_BYTES = 256 * 8;
const INPUT_AT = TABLES * TABLE_BYTES;
const PAGE = 65_536;
const CAPACITY = 2 * PAGE;

/** Sixteen bytes a step. WebAssembly has 64-bit integers, which JavaScript's numbers have not: that is worth a factor of five. */
export function crcEngine(polynomial: bigint): CrcEngine {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
  const { memory, update } = exports as unknown as {
    memory: Memory;
    update(at: number, length: number, state: bigint): bigint;
  };
  new BigUint64Array(memory.buffer, 0, TABLES * 256).set(tables(polynomial));
  const input = new Uint8Array(memory.buffer, INPUT_AT, CAPACITY);
  return {
    capacity: CAPACITY,
    update(state, bytes) {
      input.set(bytes);
      return BigInt.asUintN(64, update(INPUT_AT, bytes.length, state));
    },
  };
}

/** Table `n` holds the remainder of each byte followed by `n` zero bytes. */
function tables(polynomial: bigint): BigUint64Array {
  const all = new BigUint64Array(TABLES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    all[byte] = value;
  }
  for (let at = 256; at < all.length; at++) {
    const before = all[at - 256]!;
    all[at] = all[Number(before & 0xffn)]! ^ (before >> 8n);
  }
  return all;
}

// Of the WebAssembly binary format.
const op = {
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  localGet: 0x20,
  localSet: 0x21,
  i64Load: 0x29,
  i64Load8U: 0x31,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32LtU: 0x49,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i64Xor: 0x85,
  i32WrapI64: 0xa7,
} as const;
const I32 = 0x7f;
const I64 = 0x7e;
const NO_RESULT = 0x40;

type Code = (number | number[])[];
const code = (...parts: Code): number[] => parts.flat();

const [AT, LENGTH, STATE, FIRST, SECOND] = [0, 1, 2, 3, 4];
const get = (local: number) => [op.localGet, local];
const set = (local: number) => [op.localSet, local];
const i32 = (value: number) => [op.i32Const, ...signed(value)];
const i64 = (value: number) => [op.i64Const, ...signed(value)];
const load = (kind: number, offset: number) => [kind, 0, ...unsigned(offset)];

/** What the table has for byte `index` of the word: its entries are 8 bytes, so the byte is taken shifted by 3. */
const look = (word: number, index: number, table: number) =>
  code(
    code(get(word), i64(Math.abs(index * 8 - 3)), index === 0 ? op.i64Shl : op.i64ShrU, op.i32WrapI64),
    code(i32(255 << 3), op.i32And),
    load(op.i64Load, table * TABLE_BYTES),
  );
const step = (bytes: number) =>
  code(code(get(AT), i32(bytes), op.i32Add, set(AT)), code(get(LENGTH), i32(bytes), op.i32Sub, set(LENGTH)));
/** As a tree: a chain would have each wait for the one before. */
function exclusiveOr(values: number[][]): number[] {
  if (values.length === 1) return values[0]!;
  const middle = values.length / 2;
  return code(exclusiveOr(values.slice(0, middle)), exclusiveOr(values.slice(middle)), op.i64Xor);
}
/** Repeats `body` until `done` leaves a true value. */
const until = (done: number[], body: number[]) =>
  code(
    code(op.block, NO_RESULT, op.loop, NO_RESULT),
    code(done, op.brIf, 1),
    code(body, op.br, 0),
    code(op.end, op.end),
  );

function moduleBytes(): Uint8Array<ArrayBuffer> {
  const lookups = [FIRST, SECOND].flatMap((word, half) =>
    [0, 1, 2, 3, 4, 5, 6, 7].map((index) => look(word, index, TABLES - 1 - half * 8 - index)),
  );
  const sixteenBytes = code(
    code(get(AT), load(op.i64Load, 0), get(STATE), op.i64Xor, set(FIRST)),
    code(get(AT), load(op.i64Load, 8), set(SECOND)),
    exclusiveOr(lookups),
    set(STATE),
    step(16),
  );
  const oneByte = code(
    code(get(AT), load(op.i64Load8U, 0), get(STATE), op.i64Xor, set(FIRST)),
    code(look(FIRST, 0, 0), get(STATE), i64(8), op.i64ShrU, op.i64Xor, set(STATE)),
    step(1),
  );
  const body = code(
    vector([[2, I64]]),
    until(code(get(LENGTH), i32(16), op.i32LtU), sixteenBytes),
    until(code(get(LENGTH), op.i32Eqz), oneByte),
    code(get(STATE), op.end),
  );
  const pages = Math.ceil((INPUT_AT + CAPACITY) / PAGE);
  return Uint8Array.from(
    code(
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      section(1, [code(0x60, vector([[I32], [I32], [I64]]), vector([[I64]]))]),
      section(3, [[0]]),
      section(5, [[0, pages]]),
      section(7, [code(name('memory'), 2, 0), code(name('update'), 0, 0)]),
      section(10, [code(unsigned(body.length), body)]),
    ),
  );
}

const vector = (items: number[][]) => [...unsigned(items.length), ...items.flat()];
const name = (text: string) => [text.length, ...Buffer.from(text)];
function section(id: number, items: number[][]): number[] {
  const content = vector(items);
  return [id, ...unsigned(content.length), ...content];
}

/** LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}
function signed(value: number): number[] {
  return value < 0x40 ? [value] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
