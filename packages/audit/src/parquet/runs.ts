import { varint } from './thrift.ts';

/** Bits that numbers below `count` take here: whole bytes, which are written and read faster than what is packed closer. */
export function bitWidth(count: number): 8 | 16 | 32 {
  if (count <= 2 ** 8) return 8;
  return count <= 2 ** 16 ? 16 : 32;
}

/** Parquet's hybrid of runs and packed bits: one run where all numbers are the same, and packed bits elsewhere. None is -1. */
export function encodeRuns(values: Int32Array, width: 8 | 16 | 32): Buffer {
  const [first = 0] = values;
  if (isConstant(values)) return run(values.length, first, width / 8);
  const header: number[] = [];
  const groups = Math.ceil(values.length / 8);
  varint(groups * 2 + 1, header);
  const packed = Buffer.alloc(header.length + groups * width);
  packed.set(header);
  let at = header.length;
  if (width === 8) for (let i = 0; i < values.length; i++) packed[at++] = values[i]!;
  else if (width === 16)
    for (let i = 0; i < values.length; i++) {
      packed[at++] = values[i]! & 0xff;
      packed[at++] = values[i]! >>> 8;
    }
  else Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(packed, at);
  return packed;
}

/** Which of the rows have a number that is not -1, as definition levels: a run where all of them have or none does. */
export function encodePresence(codes: Int32Array, nulls: number): Buffer {
  const { length } = codes;
  if (nulls === 0 || nulls === length) return run(length, nulls === 0 ? 1 : 0, 1);
  const header: number[] = [];
  varint(Math.ceil(length / 8) * 2 + 1, header);
  const packed = Buffer.alloc(header.length + Math.ceil(length / 8));
  packed.set(header);
  let at = header.length;
  for (let i = 0; i < length; i += 8) {
    const end = Math.min(length - i, 8);
    let bits = 0;
    for (let j = 0; j < end; j++) bits |= (~codes[i + j]! >>> 31) << j;
    packed[at++] = bits;
  }
  return packed;
}

function run(length: number, value: number, bytes: number): Buffer {
  const header: number[] = [];
  varint(length * 2, header);
  for (let i = 0; i < bytes; i++) header.push((value >>> (i * 8)) & 0xff);
  return Buffer.from(header);
}

function isConstant(values: Int32Array): boolean {
  const first = values[0];
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}
