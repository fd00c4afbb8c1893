import {
  address,
  chainRange,
  chainStart,
  keyAt,
  keyOfVersion,
  LONGEST_KEY,
  rangeUnder,
  versionPlace,
} from './object-keys.ts';
import type { ObjectRecord, VersionRecord } from './records.ts';
import type { Table } from './table.ts';
import { isObject } from './version-chain.ts';

/** Where a listing of versions goes on: at a key, behind one of its versions. */
export interface VersionPosition {
  key: Buffer;
  /** Of the last version that was listed; without it, the key's versions are listed from the first. */
  after?: number;
}

export interface ListedVersion {
  key: Buffer;
  record: VersionRecord;
  isLatest: boolean;
}

/** Goes through objects in the byte order of their keys. */
export class ObjectListing {
  readonly #currents: Table<ObjectRecord, Buffer>;
  readonly #others: Table<VersionRecord, Buffer>;

  /** @param others All versions but the current objects. */
  constructor(currents: Table<ObjectRecord, Buffer>, others: Table<VersionRecord, Buffer>) {
    this.#currents = currents;
    this.#others = others;
  }

  /** Current objects whose keys start with `prefix`, in order, from `from` on (itself included). */
  *scan(bucket: string, prefix: string, from?: Buffer): Generator<{ key: Buffer; record: ObjectRecord }> {
    // LMDB's keys have a limit of their own. No object lies under a longer prefix, or between a longer start and its clip.
    if (Buffer.byteLength(prefix) > LONGEST_KEY) return;
    const start = from && address(bucket, from.subarray(0, LONGEST_KEY + 1));
    for (const { key, value } of entriesFrom(this.#currents, address(bucket, prefix), start))
      yield { key: keyAt(key), record: value };
  }

  /** All versions of the keys that start with `prefix`: in the order of keys, the newest first for each. */
  *scanVersions(bucket: string, prefix: string, from?: VersionPosition): Generator<ListedVersion> {
    if (Buffer.byteLength(prefix) > LONGEST_KEY) return;
    const currents = this.#scanCurrents(bucket, prefix, from);
    const others = this.#scanOthers(bucket, prefix, from);
    let current = currents.next();
    let other = others.next();
    let key: Buffer | undefined;
    while (!current.done || !other.done) {
      const order = current.done ? 1 : other.done ? -1 : Buffer.compare(current.value.key, other.value.key);
      const next: { key: Buffer; record: VersionRecord } = order <= 0 ? current.value! : other.value!;
      const isFirst = !key || Buffer.compare(key, next.key) !== 0;
      key = next.key;
      const isLatest = isFirst && (order <= 0 || this.#isLatest(bucket, next, from));
      yield { ...next, isLatest };
      if (order <= 0) current = currents.next();
      else other = others.next();
    }
  }

  /** A version that is not the current object is the latest only as a delete marker. */
  #isLatest(
    bucket: string,
    { key, record }: { key: Buffer; record: VersionRecord },
    from: VersionPosition | undefined,
  ): boolean {
    if (isObject(record)) return false;
    if (from?.after === undefined || Buffer.compare(from.key, key) !== 0) return true;
    if (this.#currents.get(address(bucket, key))) return false;
    const [newest] = this.#others.entries({ ...chainRange(bucket, key), limit: 1 });
    return newest?.value.sequence === record.sequence;
  }

  *#scanCurrents(bucket: string, prefix: string, from: VersionPosition | undefined) {
    for (const found of this.scan(bucket, prefix, from?.key)) {
      const listed =
        from?.after !== undefined &&
        Buffer.compare(found.key, from.key) === 0 &&
        (found.record.sequence ?? 0) >= from.after;
      if (!listed) yield found;
    }
  }

  *#scanOthers(bucket: string, prefix: string, from: VersionPosition | undefined) {
    const key = from?.key.subarray(0, LONGEST_KEY + 1);
    const start =
      key &&
      (from?.after === undefined
        ? chainStart(bucket, key)
        : Buffer.concat([versionPlace(bucket, key, from.after), RIGHT_AFTER]));
    for (const { key: place, value } of entriesFrom(this.#others, chainStart(bucket, prefix), start))
      yield { key: keyOfVersion(place), record: value };
  }
}

/** Put behind a place, it makes the next one that there can be. */
const RIGHT_AFTER = Buffer.alloc(1);

/** Entries under a prefix, from a place on. */
function entriesFrom<V>(table: Table<V, Buffer>, prefix: Buffer, from: Buffer | undefined) {
  const { start, end } = rangeUnder(prefix);
  if (from && Buffer.compare(from, end) >= 0) return [];
  return table.entries({ start: from && Buffer.compare(from, start) > 0 ? from : start, end });
}
