import type { ObjectRecord } from '../../store/records.ts';
import type { Call } from '../service.ts';
import { checkWriteConditions } from './conditions.ts';
import { noSuchBucket, noSuchKey } from './errors.ts';
import type { StoredBody } from './store-body.ts';

interface CommitInput {
  Key: string | undefined;
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
}

/**
 * Makes a new object of a key, if what the request asks of the old one holds: every way to write an object ends here.
 * @param stored A body that is the object's alone, discarded where it does not become that.
 */
export async function commitObject(
  input: CommitInput,
  call: Call,
  record: ObjectRecord,
  stored?: Pick<StoredBody, 'bytes' | 'publish' | 'discard'>,
): Promise<void> {
  const { store } = call;
  const bucket = call.survey.bucket!;
  const key = input.Key!;
  await store.objects.exclusively(bucket.id, key, async () => {
    try {
      if (store.buckets.get(bucket.name)?.id !== bucket.id) throw noSuchBucket(bucket.name);
      checkWriteConditions(input, store.objects.get(bucket.id, key), () => noSuchKey(key));
      await stored?.publish();
      await store.objects.put(bucket.id, key, record, stored?.bytes);
    } catch (error) {
      await stored?.discard();
      throw error;
    }
  });
}
