import { varint } from './thrift.ts';

/** Bits that numbers below `count` take; at least one. */
export const bitWidth = (count: number): number => Math.max(1, 32 - Math.clz32(Math.max(1, count - 1)));

/**
 * Parquet's hybrid of runs and packed bits: one run where all numbers are the same, and packed bits elsewhere.
 */
export function encodeRuns(values: Int32Array, width: number): Buffer {
  const header: number[] = [];
  const [first = 0] = values;
  if (isConstant(values, first)) {
    varint(values.length * 2, header);
    for (let bits = 0; bits < width; bits += 8) header.push((first >>> bits) & 0xff);
    return Buffer.from(header);
  }
  const groups = Math.ceil(values.length / 8);
  varint(groups * 2 + 1, header);
  const packed = Buffer.alloc(header.length + groups * width);
  packed.set(header);
  let at = header.length;
  let held = 0;
  let bits = 0;
  for (let i = 0; i < values.length; i++) {
    // At most 7 bits are held, so that all fits into 32 as long as a width is below 25.
    held |= values[i]! << bits;
    bits += width;
    while (bits >= 8) {
      packed[at++] = held & 0xff;
      held >>>= 8;
      bits -= 8;
    }
  }
  if (bits > 0) packed[at] = held & 0xff;
  return packed;
}

function isConstant(values: Int32Array, first: number): boolean {
  for (let i = 0; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}
