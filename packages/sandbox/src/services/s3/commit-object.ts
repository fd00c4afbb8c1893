import type { Brought } from '../../store/objects.ts';
import type { BucketRecord, ObjectRecord } from '../../store/records.ts';
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

type Stored = Brought & Partial<Pick<StoredBody, 'publish' | 'discard'>>;

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
  stored: Stored,
): Promise<NewVersion> {
  const { store } = call;
  const { id, name } = call.survey.bucket!;
  const key = input.Key!;
  let version: NewVersion | undefined;
  // As it is now: versioning may have been turned on while the body came.
  const bucketNow = () => {
    const bucket = store.buckets.get(name);
    if (bucket?.id === id) return bucket;
    throw noSuchBucket(name);
  };
  const commit = async (bucket: BucketRecord) => {
    const committed = await store.objects.commit(bucket, key, record, stored);
    version = { ...versionOf(committed, bucket), ...expirationOf(key, committed, bucket) };
  };
  if (asksNothing(input, stored))
    await store.objects.inTurn(id, key, async () => {
      const bucket = bucketNow();
      if (bucket.versioning === undefined) await commit(bucket);
    });
  if (version) return version;
  await store.objects.exclusively(id, key, async () => {
    try {
      const bucket = bucketNow();
      checkWriteConditions(input, store.objects.get(id, key), () => noSuchKey(key));
      await stored.publish?.();
      await commit(bucket);
    } catch (error) {
      await stored.discard?.();
      throw error;
    }
  });
  return version!;
}

/** Whether a write neither depends on what is there, nor has more to do than to write. */
function asksNothing({ IfMatch, IfNoneMatch }: CommitInput, { publish, also }: Stored): boolean {
  return IfMatch === undefined && IfNoneMatch === undefined && !publish && !also;
}
