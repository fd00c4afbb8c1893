/**
 * A cyclic redundancy check whose register starts with ones, takes bits lowest first and is inverted at the end. The
 * polynomial is in the reflected form, whose highest bit is the coefficient of 1.
 */
export interface Crc {
  /** In bits. */
  width: 32 | 64;
  polynomial: bigint;
}

export const CRCS = {
  CRC32: { width: 32, polynomial: 0xedb8_8320n },
  CRC32C: { width: 32, polynomial: 0x82f6_3b78n },
  CRC64NVME: { width: 64, polynomial: 0x9a6c_9329_ac4b_c9b5n },
} as const satisfies Record<string, Crc>;
