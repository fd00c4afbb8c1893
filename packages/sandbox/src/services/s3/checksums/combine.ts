/**
 * The checksum of two pieces together, from those of each and the length of the second: a CRC is the remainder of a
 * division of polynomials, so that appending shifts the first by so many bits and adds the second. Polynomials are in
 * the reflected form, whose highest bit is the coefficient of 1.
 */
interface Crc {
  /** In bits. */
  width: 32 | 64;
  polynomial: bigint;
}

const CRCS: Readonly<Record<string, Crc>> = {
  CRC32: { width: 32, polynomial: 0xedb8_8320n },
  CRC32C: { width: 32, polynomial: 0x82f6_3b78n },
  CRC64NVME: { width: 64, polynomial: 0x9a6c_9329_ac4b_c9b5n },
};

/** Whether the checksum of a whole can be had from those of its parts. */
export const canCombine = (algorithm: string): boolean => Object.hasOwn(CRCS, algorithm);

export interface Piece {
  /** Base64. */
  checksum: string;
  /** In bytes. */
  size: number;
}

/** The checksum of pieces one after the other, in base64. There must be one, at least. */
export function combineChecksums(algorithm: string, [first, ...rest]: readonly Piece[]): string {
  const crc = CRCS[algorithm]!;
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
