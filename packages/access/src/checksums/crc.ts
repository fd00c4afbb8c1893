import { crc32 as nativeCrc32 } from 'node:zlib';
import { crcEngine, type CrcEngine } from './crc-engine.ts';

export type CrcName = keyof typeof FAMILIES;

interface Family {
  bits: number;
  /** Reflected. */
  polynomial: bigint;
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
const FAMILIES = {
  CRC64NVME: { bits: 64, polynomial: 0x9a6c_9329_ac4b_c9b5n },
  CRC32: { bits: 32, polynomial: 0xedb8_8320n },
  CRC32C: { bits: 32, polynomial: 0x82f6_3b78n },
} as const satisfies Record<string, Family>;

export const isCrcName = (name: string): name is CrcName => Object.hasOwn(FAMILIES, name);

/** A checksum that can be put together from those of consecutive parts. */
export interface Crc {
  readonly value: bigint;
  update(bytes: Uint8Array): void;
}

export function openCrc(name: CrcName): Crc {
  return name === 'CRC32' ? new NativeCrc32() : new TableCrc(name);
}

export function crcOf(name: CrcName, bytes: Uint8Array): bigint {
  const crc = openCrc(name);
  crc.update(bytes);
  return crc.value;
}

/** As S3 writes it: base64 of the big-endian bytes. */
export function encodeCrc(name: CrcName, value: bigint): string {
  const digits = FAMILIES[name].bits / 4;
  return Buffer.from(value.toString(16).padStart(digits, '0'), 'hex').toString('base64');
}

/** Undefined for what is no checksum of this kind. */
export function decodeCrc(name: CrcName, text: string): bigint | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length * 8 === FAMILIES[name].bits ? BigInt(`0x${bytes.toString('hex')}`) : undefined;
}

class NativeCrc32 implements Crc {
  #value = 0;
  get value(): bigint {
    return BigInt(this.#value);
  }
  update(bytes: Uint8Array): void {
    this.#value = nativeCrc32(bytes, this.#value);
  }
}

const engines = new Map<CrcName, CrcEngine>();

function engineOf(name: CrcName): CrcEngine {
  const known = engines.get(name);
  if (known) return known;
  const made = crcEngine(FAMILIES[name].polynomial);
  engines.set(name, made);
  return made;
}

const onesOf = (name: CrcName) => (1n << BigInt(FAMILIES[name].bits)) - 1n;

class TableCrc implements Crc {
  readonly #ones: bigint;
  readonly #engine: CrcEngine;
  #state: bigint;
  constructor(name: CrcName) {
    this.#ones = onesOf(name);
    this.#engine = engineOf(name);
    this.#state = this.#ones;
  }
  get value(): bigint {
    return this.#state ^ this.#ones;
  }
  update(bytes: Uint8Array): void {
    const { capacity } = this.#engine;
    for (let at = 0; at < bytes.length; at += capacity)
      this.#state = this.#engine.update(this.#state, bytes.subarray(at, at + capacity));
  }
}

/** The checksum of two pieces one after the other, from the checksum of each and the length of the second in bytes. */
export function combineCrc(name: CrcName, first: bigint, second: bigint, secondLength: number): bigint {
  return multiply(FAMILIES[name], first, zeroBytes(name, secondLength)) ^ second;
}

const shifts = new Map<string, bigint>();

/** The polynomial that stands for `length` zero bytes; parts come in one or two lengths. */
function zeroBytes(name: CrcName, length: number): bigint {
  const key = `${name} ${length}`;
  const known = shifts.get(key);
  if (known !== undefined) return known;
  const family = FAMILIES[name];
  const one = 1n << BigInt(family.bits - 1);
  let square = one >> 8n;
  let result = one;
  for (let rest = length; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result = multiply(family, result, square);
    square = multiply(family, square, square);
  }
  if (shifts.size >= 64) shifts.clear();
  shifts.set(key, result);
  return result;
}

/** The product of two polynomials, reflected as the checksums are: the highest bit stands for x to the power of 0. */
function multiply({ bits, polynomial }: Family, a: bigint, b: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = BigInt(bits - 1); bit >= 0n; bit--) {
    if ((a >> bit) & 1n) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}
