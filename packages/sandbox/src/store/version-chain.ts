import type { BucketRecord, ObjectRecord, VersionRecord } from './records.ts';

// How the versions of a key change. The current object stands by itself, so that reading and listing objects never
// meet what else there is; all other versions, delete markers among them, are behind it in the order of their age.

/** What a change needs to know of a key. */
export interface Chain {
  /** The newest version, unless that is a delete marker. */
  current: ObjectRecord | undefined;
  /** The null version, where it is not the current object. */
  otherNull: VersionRecord | undefined;
}

/** What a change writes. */
export interface ChainChange {
  /** The current object from now on; nothing where there is to be none, `same` where it stays as it is. */
  current: ObjectRecord | undefined | 'same';
  /** Versions that go to the others, and that leave them. */
  added: VersionRecord[];
  removed: VersionRecord[];
  /** Versions that are gone for good. */
  dropped: VersionRecord[];
}

type Mode = BucketRecord['versioning'];

export const isNull = ({ version }: VersionRecord): boolean => version === undefined;

export const isObject = (version: VersionRecord): version is ObjectRecord => version.deleteMarker !== true;

/**
 * Adds a version as the newest. Without versioning, or while it is suspended, it takes the null version's place.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html
 */
export function planAddition({ current, otherNull }: Chain, mode: Mode, added: VersionRecord): ChainChange {
  const change: ChainChange = {
    current: isObject(added) ? added : undefined,
    added: isObject(added) ? [] : [added],
    removed: [],
    dropped: [],
  };
  const replaces = mode !== 'Enabled';
  if (replaces && otherNull) {
    change.removed.push(otherNull);
    change.dropped.push(otherNull);
  }
  if (current) (replaces && isNull(current) ? change.dropped : change.added).push(current);
  return change;
}

/**
 * Takes a version away for good. If it was the newest, the next takes its place.
 * @param others The newest two of the versions that are not the current object.
 */
export function planRemoval(
  { current }: Chain,
  others: readonly VersionRecord[],
  version: VersionRecord,
): ChainChange {
  const change: ChainChange = { current: 'same', added: [], removed: [], dropped: [version] };
  const isCurrent = current !== undefined && sameVersion(current, version);
  if (!isCurrent) change.removed.push(version);
  const isNewest = isCurrent || (!current && others[0] !== undefined && sameVersion(others[0], version));
  if (!isNewest) return change;
  const next = isCurrent ? others[0] : others[1];
  change.current = undefined;
  if (next && isObject(next)) {
    change.current = next;
    change.removed.push(next);
  }
  return change;
}

export function sameVersion(a: VersionRecord, b: VersionRecord): boolean {
  return a.version === b.version && (a.sequence ?? 0) === (b.sequence ?? 0);
}
