import { decodeCrc, isCrcName, type CrcName } from './crc.ts';

/** The checksum that S3 keeps with an object. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Checksum.html */
export interface ObjectChecksum {
  algorithm: ChecksumAlgorithm;
  /** As S3 writes it; with `-N` at the end for a composite of N parts. */
  value: string;
  /** Of all bytes, or of the checksums of the parts. */
  type: 'FULL_OBJECT' | 'COMPOSITE';
}

export type ChecksumAlgorithm = CrcName | 'SHA1' | 'SHA256';

/** In the order of what is cheapest to check. */
const ALGORITHMS: ChecksumAlgorithm[] = ['CRC32', 'CRC64NVME', 'CRC32C', 'SHA256', 'SHA1'];

export const checksumHeader = (algorithm: string): string => `x-amz-checksum-${algorithm.toLowerCase()}`;

/** From the headers of an answer. */
export function readChecksum(headers: Readonly<Record<string, string>>): ObjectChecksum | undefined {
  const algorithm = ALGORITHMS.find((name) => headers[checksumHeader(name)] !== undefined);
  return algorithm && checksum(algorithm, headers[checksumHeader(algorithm)]!);
}

/** From a member of the SDK's outputs. */
export function outputChecksum(output: object): ObjectChecksum | undefined {
  const values = output as Record<string, unknown>;
  const algorithm = ALGORITHMS.find((name) => typeof values[`Checksum${name}`] === 'string');
  return algorithm && checksum(algorithm, values[`Checksum${algorithm}`] as string);
}

const checksum = (algorithm: ChecksumAlgorithm, value: string): ObjectChecksum => ({
  algorithm,
  value,
  type: value.includes('-') ? 'COMPOSITE' : 'FULL_OBJECT',
});

/** The CRC of all bytes of an object, where S3 keeps one. */
export function wholeCrc(kept: ObjectChecksum | undefined): { name: CrcName; value: bigint } | undefined {
  if (!kept || kept.type !== 'FULL_OBJECT' || !isCrcName(kept.algorithm)) return undefined;
  const value = decodeCrc(kept.algorithm, kept.value);
  return value === undefined ? undefined : { name: kept.algorithm, value };
}
