import type { Brought } from '../../store/objects.ts';
import type { ObjectRecord } from '../../store/records.ts';
import type { Call } from '../service.ts';
import { checkWriteConditions } from './conditions.ts';
import { noSuchBucket, noSuchKey } from './errors.ts';
import { expirationOf } from './lifecycle/headers.ts';
import type { StoredBody } from './store-body.ts';
import { versionOf } from './versions.ts';

interface CommitInput {
  Key: string | undefined;
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
}

interface NewVersion {
  VersionId?: string;
  Expiration?: string;
}

/**
 * Commits a new version of an object, if what the request asks of the old one holds: every way to write an object ends
 * here.
 * @param stored Its body, discarded where it does not become that.
 * @returns What the answer says of the new version.
 */
export async function commitObject(
  input: CommitInput,
  call: Call,
  record: ObjectRecord,
  stored: Brought & Partial<Pick<StoredBody, 'publish' | 'discard'>>,
): Promise<NewVersion> {
  const { store } = call;
  const { id, name } = call.survey.bucket!;
  const key = input.Key!;
  let version: NewVersion = {};
  await store.objects.exclusively(id, key, async () => {
    try {
      // As it is now: versioning may have been turned on while the body came.
      const bucket = store.buckets.get(name);
      if (bucket?.id !== id) throw noSuchBucket(name);
      checkWriteConditions(input, store.objects.get(id, key), () => noSuchKey(key));
      await stored.publish?.();
      const committed = await store.objects.commit(bucket, key, record, stored);
      version = { ...versionOf(committed, bucket), ...expirationOf(key, committed, bucket) };
    } catch (error) {
      await stored.discard?.();
      throw error;
    }
  });
  return version;
}
