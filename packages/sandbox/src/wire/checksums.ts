import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { crc32 } from 'node:zlib';

/**
 * The checksums that S3 takes, stores and returns.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export const CHECKSUMS = {
  CRC32: { header: 'x-amz-checksum-crc32', member: 'ChecksumCRC32' },
  CRC32C: { header: 'x-amz-checksum-crc32c', member: 'ChecksumCRC32C' },
  CRC64NVME: { header: 'x-amz-checksum-crc64nvme', member: 'ChecksumCRC64NVME' },
  SHA1: { header: 'x-amz-checksum-sha1', member: 'ChecksumSHA1' },
  SHA256: { header: 'x-amz-checksum-sha256', member: 'ChecksumSHA256' },
} as const;

export type ChecksumAlgorithm = keyof typeof CHECKSUMS;

export interface RunningChecksum {
  update(bytes: Uint8Array): void;
  /** Base64, as the headers carry it. */
  digest(): Promise<string>;
}

/** Begins a checksum. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  switch (algorithm) {
    case 'CRC32':
      return zlibCrc32();
    case 'CRC32C':
    case 'CRC64NVME':
      return libraryChecksum(algorithm);
    case 'SHA1':
    case 'SHA256': {
      const hash = createHash(algorithm.toLowerCase());
      return { update: (bytes) => void hash.update(bytes), digest: async () => hash.digest('base64') };
    }
  }
}

function zlibCrc32(): RunningChecksum {
  let value = 0;
  return {
    update: (bytes) => {
      value = crc32(bytes, value);
    },
    digest: async () => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(value);
      return bytes.toString('base64');
    },
  };
}

const require = createRequire(import.meta.url);

function libraryChecksum(algorithm: 'CRC32C' | 'CRC64NVME'): RunningChecksum {
  const library = require('@aws-sdk/checksums/crc') as typeof import('@aws-sdk/checksums/crc');
  const checksum = algorithm === 'CRC32C' ? new library.Crc32c() : new library.Crc64Nvme();
  return {
    update: (bytes) => void checksum.update(bytes),
    digest: async () => Buffer.from(await checksum.digest()).toString('base64'),
  };
}
