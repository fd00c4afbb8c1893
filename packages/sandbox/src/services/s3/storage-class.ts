import { AwsError } from '../../wire/errors.ts';

/** What objects of general purpose buckets may be stored in. */
const CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'DEEP_ARCHIVE',
  'GLACIER_IR',
]);

/** The storage class that a write asks for, as it is kept: nothing for the one that is the default. */
export function readStorageClass(text: string | undefined): { storageClass?: string } {
  if (text === undefined || text === 'STANDARD') return {};
  if (CLASSES.has(text)) return { storageClass: text };
  throw new AwsError('InvalidStorageClass', 'The storage class you specified is not valid', {
    fields: { StorageClassRequested: text },
  });
}
