// The inner loop of a CRC, in WebAssembly: JavaScript has no 64-bit integers that are fast, and takes four times as
// long over two halves. Eight bytes at a time, each looked up in a table of its own ("slicing by eight").

/** Where the tables are, eight of 256 values of 64 bits; data comes behind them. */
export const DATA_AT = 8 * 256 * 8;

const [CRC, POSITION, END, WORD] = [0, 1, 2, 3];
const [I32, I64] = [0x7f, 0x7e];
const EMPTY = 0x40;

const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const i32 = (value: number) => [0x41, ...signed(value)];
const i64 = (value: number) => [0x42, ...signed(value)];
const branch = (depth: number) => [0x0c, depth];
const branchIf = (depth: number) => [0x0d, depth];
const whileLoop = (...body: number[][]) => [
  0x02,
  EMPTY,
  0x03,
  EMPTY,
  ...body.flat(),
  ...branch(0),
  0x0b,
  0x0b,
];
const i32Add = [0x6a];
const i32And = [0x71];
const i32Shl = [0x74];
const i32GreaterUnsigned = [0x4b];
const i32GreaterEqualUnsigned = [0x4f];
const i64Xor = [0x85];
const i64ShrUnsigned = [0x88];
const i32WrapI64 = [0xa7];
const i64Load = (offset: number) => [0x29, 0x03, ...unsigned(offset)];
const i64Load8Unsigned = [0x31, 0x00, 0x00];

function unsigned(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const byte = value & 127;
  const rest = value >> 7;
  return rest === 0 && byte < 64 ? [byte] : [byte | 128, ...signed(rest)];
}

/** The entry of table `table` for byte `byte` of the word. */
const lookUp = (table: number, byte: number) => [
  ...get(WORD),
  ...(byte === 0 ? [] : [...i64(8 * byte), ...i64ShrUnsigned]),
  ...i32WrapI64,
  ...i32(255),
  ...i32And,
  ...i32(3),
  ...i32Shl,
  ...i64Load(table * 256 * 8),
];

const advance = (bytes: number) => [...get(POSITION), ...i32(bytes), ...i32Add, ...set(POSITION)];

/** `update(register, position, end)`: the register after the bytes there. */
const update = [
  ...whileLoop(
    [...get(POSITION), ...i32(8), ...i32Add, ...get(END), ...i32GreaterUnsigned, ...branchIf(1)],
    [...get(CRC), ...get(POSITION), ...i64Load(0), ...i64Xor, ...set(WORD)],
    lookUp(7, 0),
    ...[1, 2, 3, 4, 5, 6, 7].map((byte) => [...lookUp(7 - byte, byte), ...i64Xor]),
    set(CRC),
    advance(8),
  ),
  ...whileLoop(
    [...get(POSITION), ...get(END), ...i32GreaterEqualUnsigned, ...branchIf(1)],
    [...get(CRC), ...get(POSITION), ...i64Load8Unsigned, ...i64Xor, ...set(WORD)],
    [...lookUp(0, 0), ...get(CRC), ...i64(8), ...i64ShrUnsigned, ...i64Xor, ...set(CRC)],
    advance(1),
  ),
  ...get(CRC),
  0x0b,
];

/** `\0asm`, version 1. */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const section = (id: number, content: number[]) => [id, ...unsigned(content.length), ...content];
const name = (text: string) => [text.length, ...Buffer.from(text)];
const locals = [1, 1, I64];
const body = [...locals, ...update];

/**
 * A module that exports `memory` and `update`.
 * @param pages Of 64 KiB.
 */
export const crcModule = (pages: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from([
    ...HEADER,
    ...section(1, [1, 0x60, 3, I64, I32, I32, 1, I64]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, pages]),
    ...section(7, [2, ...name('memory'), 2, 0, ...name('update'), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
