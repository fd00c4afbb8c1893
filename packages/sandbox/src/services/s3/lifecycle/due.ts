import type { Clock } from '../../../clock.ts';
import type { BucketRecord, LifecycleRecord } from '../../../store/records.ts';
import type { Store } from '../../../store/store.ts';
import { DAY } from './midnight.ts';
import { sweepBucket } from './sweep.ts';

interface Swept {
  rules: LifecycleRecord;
  day: number;
  done: Promise<void> | undefined;
}

const swept = new WeakMap<Store, Map<string, Swept>>();

/**
 * Applies the lifecycle rules of buckets if they have not been today, by the sandbox's clock: everything that they do
 * falls due at a midnight. Calls of the buckets wait for it, so that whoever moves the clock sees at once what it brings.
 * @returns Nothing where there is nothing to wait for.
 */
export function lifecycleOf(
  buckets: readonly (BucketRecord | undefined)[],
  store: Store,
  clock: Clock,
): Promise<unknown> | undefined {
  if (!buckets.some((bucket) => bucket?.lifecycle)) return undefined;
  const sweeps = buckets.flatMap((bucket) => (bucket && sweepIfDue(bucket, store, clock)) ?? []);
  return sweeps.length > 0 ? Promise.all(sweeps) : undefined;
}

function sweepIfDue(bucket: BucketRecord, store: Store, clock: Clock): Promise<void> | undefined {
  const rules = bucket.lifecycle;
  if (!rules) return undefined;
  const day = Math.floor(clock.now() / DAY);
  let buckets = swept.get(store);
  if (!buckets) swept.set(store, (buckets = new Map()));
  const before = buckets.get(bucket.id);
  if (before?.rules === rules && before.day === day) return before.done;
  const now: Swept = { rules, day, done: undefined };
  buckets.set(bucket.id, now);
  const sweep = (before?.done ?? Promise.resolve()).then(() => sweepBucket(store, clock, bucket));
  now.done = sweep.then(
    () => {
      now.done = undefined;
    },
    // A disk that is full, perhaps. The next call tries again; this one goes on.
    () => {
      if (buckets.get(bucket.id) === now) buckets.delete(bucket.id);
    },
  );
  return now.done;
}
