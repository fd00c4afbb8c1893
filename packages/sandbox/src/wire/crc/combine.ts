import { CRCS, type Crc } from './polynomials.ts';

// The checksum of two pieces together, from those of each and the length of the second: a CRC is the remainder of a
// division of polynomials, so that appending shifts the first by so many bits and adds the second.

/** Whether the checksum of a whole can be had from those of its parts. */
export const canCombine = (algorithm: string): algorithm is keyof typeof CRCS =>
  Object.hasOwn(CRCS, algorithm);

export interface Piece {
  /** Base64. */
  checksum: string;
  /** In bytes. */
  size: number;
}

/** The checksum of pieces one after the other, in base64. There must be one, at least. */
export function combineChecksums(algorithm: keyof typeof CRCS, [first, ...rest]: readonly Piece[]): string {
  const crc = CRCS[algorithm];
  const shifts = new Map<number, bigint>();
  let value = numberOf(first!.checksum);
  for (const { checksum, size } of rest) {
    const shift = shifts.get(size) ?? powerOfX(crc, BigInt(size) * 8n);
    shifts.set(size, shift);
    value = multiply(crc, value, shift) ^ numberOf(checksum);
  }
  return Buffer.from(value.toString(16).padStart(crc.width / 4, '0'), 'hex').toString('base64');
}

function numberOf(checksum: string): bigint {
  return BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`);
}

function multiply({ width, polynomial }: Crc, a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = BigInt(width - 1); bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ polynomial : shifted >> 1n;
  }
  return product;
}

function powerOfX(crc: Crc, exponent: bigint): bigint {
  const one = 1n << BigInt(crc.width - 1);
  let power = one;
  let square = one >> 1n;
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(crc, power, square);
    square = multiply(crc, square, square);
  }
  return power;
}
