import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { crc32 } from 'node:zlib';
import { CrcEngine } from './crc/crc.ts';
import { CRCS } from './crc/polynomials.ts';

/**
 * The checksums that S3 takes, stores and returns, with their size in bytes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export const CHECKSUMS = {
  CRC32: { header: 'x-amz-checksum-crc32', member: 'ChecksumCRC32', size: 4 },
  CRC32C: { header: 'x-amz-checksum-crc32c', member: 'ChecksumCRC32C', size: 4 },
  CRC64NVME: { header: 'x-amz-checksum-crc64nvme', member: 'ChecksumCRC64NVME', size: 8 },
  SHA1: { header: 'x-amz-checksum-sha1', member: 'ChecksumSHA1', size: 20 },
  SHA256: { header: 'x-amz-checksum-sha256', member: 'ChecksumSHA256', size: 32 },
  SHA512: { header: 'x-amz-checksum-sha512', member: 'ChecksumSHA512', size: 64 },
  MD5: { header: 'x-amz-checksum-md5', member: 'ChecksumMD5', size: 16 },
  XXHASH64: { header: 'x-amz-checksum-xxhash64', member: 'ChecksumXXHASH64', size: 8 },
  XXHASH3: { header: 'x-amz-checksum-xxhash3', member: 'ChecksumXXHASH3', size: 8 },
  XXHASH128: { header: 'x-amz-checksum-xxhash128', member: 'ChecksumXXHASH128', size: 16 },
} as const;

export type ChecksumAlgorithm = keyof typeof CHECKSUMS;

export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Base64, as the headers carry it. */
  digest(): string | Promise<string>;
}

/** Begins a checksum. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return zlibCrc32();
    case 'CRC32C':
    case 'CRC64NVME':
      return engineCrc(algorithm);
    case 'SHA1':
    case 'SHA256':
    case 'SHA512':
    case 'MD5': {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('base64') };
    }
    default:
      return libraryChecksum(algorithm);
  }
}

/** Whether a text can be a checksum of an algorithm. */
export function isChecksum(algorithm: ChecksumAlgorithm, text: string): boolean {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === CHECKSUMS[algorithm].size && bytes.toString('base64') === text;
}

function zlibCrc32(): RunningChecksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

const engines = new Map<string, CrcEngine>();

function engineCrc(algorithm: keyof typeof CRCS): RunningChecksum {
  let engine = engines.get(algorithm);
  if (!engine) engines.set(algorithm, (engine = new CrcEngine(CRCS[algorithm])));
  const known = engine;
  let register = known.start;
  return {
    update: (bytes) => {
      register = known.update(register, bytes);
    },
    digest: () => known.digest(register),
  };
}

const require = createRequire(import.meta.url);

function libraryChecksum(algorithm: 'XXHASH64' | 'XXHASH3' | 'XXHASH128'): RunningChecksum {
  const { Xxh64, Xxh3_64, Xxh3_128 } =
    require('@aws-sdk/checksums/xxh') as typeof import('@aws-sdk/checksums/xxh');
  const checksum = new { XXHASH64: Xxh64, XXHASH3: Xxh3_64, XXHASH128: Xxh3_128 }[algorithm]();
  return {
    update: (bytes) => void checksum.update(bytes),
    digest: async () => Buffer.from(await checksum.digest()).toString('base64'),
  };
}
