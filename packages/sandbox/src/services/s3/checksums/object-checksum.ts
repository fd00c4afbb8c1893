import type { ObjectRecord } from '../../../store/records.ts';
import { CHECKSUMS, type ChecksumAlgorithm } from '../../../wire/checksums.ts';

/** A checksum as it is kept: by the SDK's member of its algorithm. */
export function checksumRecord({ algorithm, value }: { algorithm: ChecksumAlgorithm; value: string }) {
  return { [CHECKSUMS[algorithm].member]: value };
}

/** What an answer says of an object's checksum. */
export function checksumOf({ checksum, checksumType }: Pick<ObjectRecord, 'checksum' | 'checksumType'>) {
  return checksum && { ...checksum, ChecksumType: checksumType ?? ('FULL_OBJECT' as const) };
}

/** What a listing says of it. */
export function checksumKindOf({ checksum, checksumType }: ObjectRecord) {
  return (
    checksum && {
      ChecksumAlgorithm: Object.keys(checksum).map((member) => member.slice('Checksum'.length) as 'CRC32'),
      ChecksumType: checksumType ?? ('FULL_OBJECT' as const),
    }
  );
}
