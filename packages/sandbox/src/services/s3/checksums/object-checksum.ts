import type { ObjectRecord } from '../../../store/records.ts';

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
