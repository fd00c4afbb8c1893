import type {
  BucketRecord,
  LifecycleFilterRecord,
  LifecycleRuleRecord,
  ObjectRecord,
  VersionRecord,
} from '../../../store/records.ts';
import { isObject } from '../../../store/version-chain.ts';
import { midnightAfter } from './midnight.ts';

// What lifecycle rules do to the versions of a key, as functions of data.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html

/** When an object that stays current will expire, and by which rule. */
export function expiryOf(
  key: string,
  object: ObjectRecord,
  rules: readonly LifecycleRuleRecord[],
): { at: number; rule: string } | undefined {
  let first: { at: number; rule: string } | undefined;
  for (const rule of rules) {
    if (!rule.enabled || !appliesTo(rule.filter, key, object)) continue;
    const at = expiryBy(rule, object);
    if (at !== undefined && (!first || at < first.at)) first = { at, rule: rule.id };
  }
  return first;
}

/** When an upload in parts will be given up, and by which rule. */
export function abortOf(
  { key, initiated }: { key: string; initiated: number },
  rules: readonly LifecycleRuleRecord[],
): { at: number; rule: string } | undefined {
  const all = rules.flatMap(({ enabled, filter, abortDays, id }) =>
    enabled && abortDays !== undefined && key.startsWith(filter.prefix ?? '')
      ? [{ at: midnightAfter(initiated, abortDays), rule: id }]
      : [],
  );
  return all.toSorted((a, b) => a.at - b.at)[0];
}

/** What is to be done with a key: its current object expires, or versions go for good. */
export interface Expiry {
  expires: boolean;
  gone: VersionRecord[];
}

/** @param chain All versions of the key, the newest first. */
export function planExpiry(
  key: string,
  chain: readonly VersionRecord[],
  rules: readonly LifecycleRuleRecord[],
  { versioning }: Pick<BucketRecord, 'versioning'>,
  now: number,
): Expiry {
  const active = rules.filter(({ enabled }) => enabled);
  const [latest, ...noncurrent] = chain;
  const gone = noncurrent.filter((version, index) =>
    active.some((rule) => goesBy(rule, key, version, chain[index]!, index, now)),
  );
  if (!latest) return { expires: false, gone };
  if (isObject(latest)) {
    const expiry = expiryOf(key, latest, active);
    const due = expiry !== undefined && expiry.at <= now;
    if (due && versioning === undefined) gone.unshift(latest);
    return { expires: due && versioning !== undefined, gone };
  }
  // A delete marker that hides nothing any more.
  const hidesNothing = noncurrent.length === 0;
  if (hidesNothing && active.some((rule) => clears(rule, key, latest, now))) gone.push(latest);
  return { expires: false, gone };
}

/**
 * @param newer The version that took its place.
 * @param index How many versions are between it and the current one.
 */
function goesBy(
  { noncurrent, filter }: LifecycleRuleRecord,
  key: string,
  version: VersionRecord,
  newer: VersionRecord,
  index: number,
  now: number,
): boolean {
  if (!noncurrent || !appliesTo(filter, key, version)) return false;
  if (noncurrent.keep !== undefined && index < noncurrent.keep) return false;
  return midnightAfter(newer.modified, noncurrent.days) <= now;
}

function clears(rule: LifecycleRuleRecord, key: string, marker: VersionRecord, now: number): boolean {
  if (!appliesTo(rule.filter, key, marker) || !rule.expiration) return false;
  if ('markers' in rule.expiration) return rule.expiration.markers;
  return expiryBy(rule, marker)! <= now;
}

function expiryBy({ expiration }: LifecycleRuleRecord, { modified }: VersionRecord): number | undefined {
  if (!expiration || 'markers' in expiration) return undefined;
  return 'date' in expiration ? expiration.date : midnightAfter(modified, expiration.days);
}

/** Delete markers have neither tags nor a size. */
function appliesTo(
  { prefix = '', tags, largerThan, smallerThan }: LifecycleFilterRecord,
  key: string,
  version: VersionRecord,
): boolean {
  if (!key.startsWith(prefix)) return false;
  if (!isObject(version)) return !tags && largerThan === undefined && smallerThan === undefined;
  if (largerThan !== undefined && version.size <= largerThan) return false;
  if (smallerThan !== undefined && version.size >= smallerThan) return false;
  return Object.entries(tags ?? {}).every(
    ([name, value]) => version.tags && Object.hasOwn(version.tags, name) && version.tags[name] === value,
  );
}
