/** Values in Thrift's compact form, as Parquet's metadata is written. */
export type ThriftValue =
  | { i32: number }
  | { i64: number }
  | { text: string }
  | { list: readonly ThriftValue[] }
  | { struct: readonly (readonly [id: number, value: ThriftValue])[] };

const I32 = 5;
const I64 = 6;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

export function thrift(value: ThriftValue): Buffer {
  const bytes: number[] = [];
  write(value, bytes);
  return Buffer.from(bytes);
}

function write(value: ThriftValue, to: number[]): void {
  if ('i32' in value) varint(value.i32 * 2, to);
  else if ('i64' in value) varint(value.i64 * 2, to);
  else if ('text' in value) {
    const text = Buffer.from(value.text);
    varint(text.length, to);
    to.push(...text);
  } else if ('list' in value) writeList(value.list, to);
  else {
    let last = 0;
    for (const [id, field] of value.struct) {
      to.push(((id - last) << 4) | typeOf(field));
      write(field, to);
      last = id;
    }
    to.push(0);
  }
}

function writeList(list: readonly ThriftValue[], to: number[]): void {
  const type = list[0] === undefined ? I32 : typeOf(list[0]);
  if (list.length < 15) to.push((list.length << 4) | type);
  else {
    to.push(0xf0 | type);
    varint(list.length, to);
  }
  for (const item of list) write(item, to);
}

function typeOf(value: ThriftValue): number {
  if ('i32' in value) return I32;
  if ('i64' in value) return I64;
  if ('text' in value) return BINARY;
  return 'list' in value ? LIST : STRUCT;
}

/** Numbers here are never negative, so that zigzag is doubling. */
export function varint(value: number, to: number[]): void {
  let left = value;
  while (left >= 0x80) {
    to.push((left % 0x80) | 0x80);
    left = Math.floor(left / 0x80);
  }
  to.push(left);
}
