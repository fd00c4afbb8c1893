import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../clock.ts';
import type { BucketRecord, LifecycleRuleRecord, VersionRecord } from '../../../store/records.ts';
import type { Store } from '../../../store/store.ts';
import { NULL_VERSION } from '../../../store/version-ids.ts';
import { concurrently } from '../../concurrently.ts';
import { requireUnlocked } from '../lock/protection.ts';
import { abortOf, planExpiry, type Expiry } from './expiry.ts';

/** Versions that are looked at before others get a turn. */
const STEP = 500;
/** Keys that are changed at once: no more than a full disk has room for, which is kept for deletions. */
const AT_ONCE = 4;

/** What a sweep works with. */
interface Sweeping {
  store: Store;
  clock: Clock;
  bucket: BucketRecord;
  rules: readonly LifecycleRuleRecord[];
}

/** Does to a bucket what its lifecycle rules say is due. */
export async function sweepBucket(store: Store, clock: Clock, bucket: BucketRecord): Promise<void> {
  const rules = (bucket.lifecycle?.rules ?? []).filter(({ enabled }) => enabled);
  const sweeping = { store, clock, bucket, rules };
  for (const prefix of outermost(rules.map(({ filter }) => filter.prefix ?? ''))) {
    await sweepVersions(sweeping, prefix);
    await sweepUploads(sweeping, prefix);
  }
}

/** Of prefixes that are within one another, the outer ones. */
function outermost(prefixes: readonly string[]): string[] {
  return [...new Set(prefixes)].filter(
    (prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)),
  );
}

async function sweepVersions(sweeping: Sweeping, prefix: string): Promise<void> {
  const { store, bucket } = sweeping;
  let from: Buffer | undefined;
  do {
    const due: string[] = [];
    let chain: VersionRecord[] = [];
    let key: Buffer | undefined;
    let looked = 0;
    const position = from && { key: from };
    from = undefined;
    const look = (name: Buffer) => {
      if (isDue(plan(sweeping, name.toString(), chain))) due.push(name.toString());
    };
    for (const found of store.objects.listing.scanVersions(bucket.id, prefix, position)) {
      if (key && Buffer.compare(key, found.key) !== 0) {
        look(key);
        chain = [];
        if (looked >= STEP) {
          from = Buffer.from(found.key);
          key = undefined;
          break;
        }
      }
      key = found.key;
      chain.push(found.record);
      looked += 1;
    }
    if (key) look(key);
    await concurrently(due, AT_ONCE, (name) => expireKey(sweeping, name));
    await setImmediate();
  } while (from);
}

/** Decides again when nobody else changes the key, and does it. */
async function expireKey(sweeping: Sweeping, key: string): Promise<void> {
  const { store, clock, bucket } = sweeping;
  const { objects } = store;
  await objects.exclusively(bucket.id, key, async () => {
    const now = store.buckets.get(bucket.name);
    if (now?.id !== bucket.id) return;
    const { expires, gone } = plan(sweeping, key, objects.chain(bucket.id, key));
    for (const { version = NULL_VERSION } of gone) await objects.deleteVersion(bucket.id, key, version);
    if (expires) await objects.delete(now, key, { owner: bucket.account, modified: clock.now() });
  });
}

function plan({ clock, bucket, rules }: Sweeping, key: string, chain: readonly VersionRecord[]): Expiry {
  const now = clock.now();
  const { expires, gone } = planExpiry(key, chain, rules, bucket, now);
  return { expires, gone: gone.filter((version) => !isLocked(version, now)) };
}

const isDue = ({ expires, gone }: Expiry): boolean => expires || gone.length > 0;

/** A lock holds against lifecycle rules too. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html */
function isLocked(version: VersionRecord, now: number): boolean {
  if (version.deleteMarker) return false;
  try {
    requireUnlocked(version.lock, now, false);
    return false;
  } catch {
    return true;
  }
}

async function sweepUploads({ store, clock, bucket, rules }: Sweeping, prefix: string): Promise<void> {
  const due = [...store.uploads.scan(bucket.id, prefix)].filter(({ upload }) => {
    const abort = abortOf(upload, rules);
    return abort !== undefined && abort.at <= clock.now();
  });
  for (const { upload } of due)
    await store.uploads.exclusively(upload.id, async () => {
      if (store.uploads.get(bucket.id, upload.key, upload.id)) await store.uploads.abort(upload);
    });
}
