import type { BucketRecord, ObjectRecord, UploadRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';
import { isObject } from '../../store/version-chain.ts';
import { isVersionId } from '../../store/version-ids.ts';

/** The object that a call names, or the version of it; nothing where that is a delete marker. */
export function surveyedObject(
  bucket: BucketRecord,
  key: string,
  version: unknown,
  store: Store,
): ObjectRecord | undefined {
  if (typeof version !== 'string') return store.objects.get(bucket.id, key);
  if (!isVersionId(version)) return undefined;
  const found = store.objects.version(bucket.id, key, version);
  return found && isObject(found) ? found : undefined;
}

/** The upload that a call names. */
export function surveyedUpload(
  bucket: BucketRecord,
  key: string,
  id: unknown,
  store: Store,
): UploadRecord | undefined {
  return typeof id === 'string' ? store.uploads.get(bucket.id, key, id) : undefined;
}
