import { crcModule, DATA_AT } from './crc-code.ts';
import type { Crc } from './polynomials.ts';

/** What of it is used; no library that is loaded declares it. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: Record<string, unknown> };
};

const PAGE = 65_536;
const PAGES = 3;
/** Bytes that are taken at once. */
const ROOM = PAGES * PAGE - DATA_AT;

/** Computes a CRC: `update` takes a register and gives it back, so that one serves many bodies at a time. */
export class CrcEngine {
  readonly #crc: Crc;
  readonly #data: Uint8Array;
  readonly #update: (register: bigint, position: number, end: number) => bigint;

  constructor(crc: Crc) {
    this.#crc = crc;
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(crcModule(PAGES)));
    const memory = exports['memory'] as { buffer: ArrayBuffer };
    this.#update = exports['update'] as (register: bigint, position: number, end: number) => bigint;
    this.#data = new Uint8Array(memory.buffer, DATA_AT);
    fillTables(new BigUint64Array(memory.buffer, 0, DATA_AT / 8), crc.polynomial);
  }

  /** The register before the first byte. */
  get start(): bigint {
    return (1n << BigInt(this.#crc.width)) - 1n;
  }

  update(register: bigint, bytes: Uint8Array): bigint {
    let result = register;
    for (let at = 0; at < bytes.length; at += ROOM) {
      const part = bytes.subarray(at, at + ROOM);
      this.#data.set(part);
      result = this.#update(result, DATA_AT, DATA_AT + part.length);
    }
    return BigInt.asUintN(64, result);
  }

  /** Base64 of the checksum, the highest byte first. */
  digest(register: bigint): string {
    const { width } = this.#crc;
    return Buffer.from((register ^ this.start).toString(16).padStart(width / 4, '0'), 'hex').toString(
      'base64',
    );
  }
}

/** Each table is for a byte that is followed by one more than that of the table before. */
function fillTables(tables: BigUint64Array, polynomial: bigint): void {
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
    tables[byte] = value;
  }
  for (let index = 256; index < tables.length; index++) {
    const before = tables[index - 256]!;
    tables[index] = (before >> 8n) ^ tables[Number(before & 255n)]!;
  }
}
