import type { LifecycleExpiration, LifecycleRule, LifecycleRuleFilter } from '@aws-sdk/client-s3';
import type { LifecycleRuleRecord } from '../../../store/records.ts';

/** A rule as it was given, with the id that it got. */
export function writeRule(rule: LifecycleRuleRecord): LifecycleRule {
  const { noncurrent, abortDays, transitions, noncurrentTransitions } = rule;
  return {
    ID: rule.id,
    ...writeFilter(rule),
    Status: rule.enabled ? 'Enabled' : 'Disabled',
    ...(rule.expiration && { Expiration: writeExpiration(rule.expiration) }),
    ...(noncurrent && {
      NoncurrentVersionExpiration: {
        NoncurrentDays: noncurrent.days,
        ...(noncurrent.keep !== undefined && { NewerNoncurrentVersions: noncurrent.keep }),
      },
    }),
    ...(abortDays !== undefined && { AbortIncompleteMultipartUpload: { DaysAfterInitiation: abortDays } }),
    ...(transitions && {
      Transitions: transitions.map(({ Date: date, StorageClass, ...rest }) => ({
        ...rest,
        ...(date !== undefined && { Date: new Date(date) }),
        StorageClass: StorageClass as 'GLACIER',
      })),
    }),
    ...(noncurrentTransitions && { NoncurrentVersionTransitions: noncurrentTransitions as never }),
  };
}

function writeFilter({
  filter,
  written,
}: LifecycleRuleRecord): { Prefix: string } | { Filter: LifecycleRuleFilter } {
  const { prefix, tags, largerThan, smallerThan } = filter;
  if (written === 'Prefix') return { Prefix: prefix ?? '' };
  const Tags = tags && Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const plain = {
    ...(prefix !== undefined && { Prefix: prefix }),
    ...(largerThan !== undefined && { ObjectSizeGreaterThan: largerThan }),
    ...(smallerThan !== undefined && { ObjectSizeLessThan: smallerThan }),
  };
  if (written === 'And') return { Filter: { And: { ...plain, ...(Tags && { Tags }) } } };
  return { Filter: { ...plain, ...(Tags && { Tag: Tags[0]! }) } };
}

function writeExpiration(expiration: NonNullable<LifecycleRuleRecord['expiration']>): LifecycleExpiration {
  if ('days' in expiration) return { Days: expiration.days };
  if ('date' in expiration) return { Date: new Date(expiration.date) };
  return { ExpiredObjectDeleteMarker: expiration.markers };
}
