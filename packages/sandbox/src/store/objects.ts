import { Recent } from '../recent.ts';
import { fileOf, type Bodies, type TableWrite } from './bodies.ts';
import type { Database } from './database.ts';
import { address, chainRange, rangeUnder, versionPlace } from './object-keys.ts';
import { ObjectListing } from './object-listing.ts';
import type { BucketRecord, DeleteMarkerRecord, ObjectRecord, StoredPart, VersionRecord } from './records.ts';
import type { Table } from './table.ts';
import { Turns } from './turns.ts';
import {
  isNull,
  isObject,
  planAddition,
  planRemoval,
  sameVersion,
  type Chain,
  type ChainChange,
} from './version-chain.ts';
import { newVersionId, nextSequence, NULL_VERSION, sequenceIn } from './version-ids.ts';

/** What of a bucket tells where its objects are, and what becomes of those that are replaced. */
export type ObjectsOf = Pick<BucketRecord, 'id' | 'versioning'>;

/**
 * Objects of all buckets, in the byte order of their keys. Three tables: the current objects; all other versions,
 * delete markers among them; and where of the others the null version is.
 */
export class Objects {
  readonly #database: Database;
  readonly #bodies: Bodies;
  /** Goes through them in order. */
  readonly listing: ObjectListing;
  readonly #currents: Table<ObjectRecord, Buffer>;
  readonly #others: Table<VersionRecord, Buffer>;
  readonly #nulls: Table<number, Buffer>;
  readonly #turns = new Turns();
  /** What is being written of each key, and not stored yet. */
  readonly #writing = new Map<string, Writing>();
  /** What was read last, as it is stored: forgotten when a write begins, and not kept until that is stored. */
  readonly #recent = new Recent<ObjectRecord>(RECENT_RECORDS);

  constructor(database: Database, bodies: Bodies) {
    this.#database = database;
    this.#bodies = bodies;
    this.#currents = database.orderedTable('objects');
    this.#others = database.orderedTable('versions');
    this.#nulls = database.orderedTable('null-versions');
    this.listing = new ObjectListing(this.#currents, this.#others);
  }

  /** The current object: nothing where the newest version is a delete marker. */
  get(bucket: string, key: string): ObjectRecord | undefined {
    const name = `${bucket}/${key}`;
    const recent = this.#recent.get(name);
    if (recent) return recent;
    const record = this.#currents.get(address(bucket, key));
    // While it is written, the table alone knows when that is stored, and the old body with it gone.
    if (record && !this.#writing.has(name)) this.#recent.set(name, record);
    return record;
  }

  /** The newest version, be it a delete marker. */
  latest(bucket: string, key: string): VersionRecord | undefined {
    return this.get(bucket, key) ?? this.#newestOthers(bucket, key, 1)[0];
  }

  /** @param id Of a version, or `null`. */
  version(bucket: string, key: string, id: string): VersionRecord | undefined {
    const version = id === NULL_VERSION ? undefined : id;
    const current = this.get(bucket, key);
    if (current && current.version === version) return current;
    if (version === undefined) return this.#otherNull(bucket, key);
    const found = this.#others.get(versionPlace(bucket, key, sequenceIn(version)));
    return found?.version === version ? found : undefined;
  }

  /**
   * Stores a new version of an object, and makes it the current one.
   * @returns The record with its version.
   */
  async commit(
    bucket: ObjectsOf,
    key: string,
    record: ObjectRecord,
    brought: Brought = {},
  ): Promise<ObjectRecord> {
    const state = this.#stateOf(bucket, key);
    const added = this.#numbered(bucket, key, state, record);
    const change = planAddition(state, bucket.versioning, added);
    await this.#apply(bucket.id, key, change, { ...brought, record: added });
    return added;
  }

  /**
   * Deletes an object as a request without a version does: for good without versioning; else a delete marker becomes
   * the newest version.
   */
  async delete(
    bucket: ObjectsOf,
    key: string,
    marker: Pick<DeleteMarkerRecord, 'owner' | 'modified'>,
  ): Promise<DeleteMarkerRecord | undefined> {
    if (bucket.versioning === undefined) {
      await this.deleteVersion(bucket.id, key, NULL_VERSION);
      return undefined;
    }
    const { owner, modified } = marker;
    const state = this.#stateOf(bucket, key);
    const added = this.#numbered(bucket, key, state, { deleteMarker: true, owner, modified, sequence: 0 });
    const change = planAddition(state, bucket.versioning, added);
    await this.#apply(bucket.id, key, change, { urgent: true });
    return added;
  }

  /** Deletes a version for good. */
  async deleteVersion(bucket: string, key: string, id: string): Promise<VersionRecord | undefined> {
    const version = this.version(bucket, key, id);
    if (!version) return undefined;
    const chain = { current: this.get(bucket, key), otherNull: undefined };
    const change = planRemoval(chain, this.#newestOthers(bucket, key, 2), version);
    await this.#apply(bucket, key, change, { urgent: true });
    return version;
  }

  /** All versions of a key, the newest first. */
  chain(bucket: string, key: string): VersionRecord[] {
    const current = this.get(bucket, key);
    const others = this.#newestOthers(bucket, key);
    return current ? [current, ...others] : others;
  }

  /** Changes what is said of a version whose body stays as it is. */
  async describe(bucket: string, key: string, record: ObjectRecord): Promise<void> {
    const size = JSON.stringify(record).length * 3;
    const current = this.get(bucket, key);
    await this.#forgetting(bucket, key, size, () =>
      current && sameVersion(current, record)
        ? this.#currents.put(address(bucket, key), record)
        : this.#others.put(versionPlace(bucket, key, record.sequence ?? 0), record),
    );
  }

  /** Puts a version where it was in another folder, with its body. `Database.settled` tells when it is stored. */
  restore(
    bucket: string,
    key: string,
    record: VersionRecord,
    isLatest: boolean,
    { bytes, parts }: { bytes: readonly { id: string; bytes: Buffer }[]; parts?: StoredPart[] },
  ): void {
    const isCurrent = isLatest && isObject(record);
    const size = bytes.reduce(
      (sum, one) => sum + one.bytes.length,
      JSON.stringify([record, parts]).length * 3,
    );
    const put = () => {
      for (const one of bytes) this.#bodies.putBytes(one.id, one.bytes);
      if (parts && isObject(record) && record.body) this.#bodies.putParts(record.body.id, parts);
      if (isCurrent) return this.#currents.put(address(bucket, key), record);
      if (isNull(record)) void this.#nulls.put(address(bucket, key), record.sequence ?? 0);
      return this.#others.put(versionPlace(bucket, key, record.sequence ?? 0), record);
    };
    void this.#forgetting(bucket, key, size, put, { awaited: false }).catch(() => undefined); // `settled` rejects for whoever waits
  }

  /** Runs changes of one key one after the other, so that what a change has checked still holds when it writes. */
  exclusively(bucket: string, key: string, change: () => Promise<void>): Promise<void> {
    const name = `${bucket}/${key}`;
    return this.#turns.take(name, async () => {
      await this.#writing.get(name)?.last;
      await change();
    });
  }

  /**
   * Begins a `commit` in the key's turn, and lets others begin before it is stored: so that many writes of one key become
   * one write to the disk. For a bucket that never had versions: then a commit asks only what the last one has brought.
   * @param begin Calls `commit`, and nothing that takes time before.
   */
  async inTurn(bucket: string, key: string, begin: () => Promise<void>): Promise<void> {
    const name = `${bucket}/${key}`;
    if (!this.#turns.isTaken(name)) return begin();
    let stored: Promise<void> | undefined;
    await this.#turns.take(name, async () => {
      stored = begin();
      stored.catch(() => undefined);
    });
    await stored;
  }

  /** False also while an object is being written, and while there are versions or delete markers. */
  isEmpty(bucket: string): boolean {
    if (this.#turns.hasAny(`${bucket}/`)) return false;
    for (const name of this.#writing.keys()) if (name.startsWith(`${bucket}/`)) return false;
    const all = rangeUnder(address(bucket, ''));
    return !this.#currents.hasAny(all) && !this.#others.hasAny(all);
  }

  /** Ids of all bodies that are files. */
  *files(): Generator<string> {
    for (const table of [this.#currents, this.#others])
      for (const { value } of table.entries()) if (isObject(value)) yield* fileOf(value.body);
  }

  #stateOf({ id, versioning }: ObjectsOf, key: string): Chain {
    const otherNull = versioning === 'Suspended' ? this.#otherNull(id, key) : undefined;
    const writing = versioning === undefined ? this.#writing.get(`${id}/${key}`) : undefined;
    return { current: writing ? writing.current : this.get(id, key), otherNull };
  }

  #otherNull(bucket: string, key: string): VersionRecord | undefined {
    const sequence = this.#nulls.get(address(bucket, key));
    return sequence === undefined ? undefined : this.#others.get(versionPlace(bucket, key, sequence));
  }

  #newestOthers(bucket: string, key: string, limit?: number): VersionRecord[] {
    const range = { ...chainRange(bucket, key), ...(limit !== undefined && { limit }) };
    return [...this.#others.entries(range)].map(({ value }) => value);
  }

  /** A new version with its place among the others, and its id where versioning is on. */
  #numbered<V extends VersionRecord>(
    { id, versioning }: ObjectsOf,
    key: string,
    { current }: Chain,
    record: V,
  ): V {
    if (versioning === undefined) return record;
    const newest = current ?? this.#newestOthers(id, key, 1)[0];
    const sequence = nextSequence(newest?.sequence ?? 0);
    return {
      ...record,
      sequence,
      ...(versioning === 'Enabled' && { version: newVersionId(sequence) }),
    };
  }

  /** Writes a change, all of it or nothing; resolves when it is stored. */
  async #apply(
    bucket: string,
    key: string,
    { current, added, removed, dropped }: ChainChange,
    { bytes, also, record, urgent = false }: Brought & { record?: ObjectRecord; urgent?: boolean },
  ): Promise<void> {
    const at = address(bucket, key);
    const placeOf = ({ sequence }: VersionRecord) => versionPlace(bucket, key, sequence ?? 0);
    const written = current === 'same' || !current ? added : [current, ...added];
    const size = written.reduce(
      (sum, version) => sum + JSON.stringify(version).length * 3,
      (bytes?.length ?? 0) + (also?.bytes ?? 0),
    );
    let files: string[] = [];
    const put = () => {
      // What is queued in one turn is one transaction.
      const done: Promise<unknown>[] = [];
      if (bytes && record?.body) this.#bodies.putBytes(record.body.id, bytes);
      files = dropped.filter(isObject).flatMap(({ body }) => this.#bodies.remove(body));
      if (also) files.push(...also.write());
      for (const version of removed) done.push(this.#others.remove(placeOf(version)));
      for (const version of added) done.push(this.#others.put(placeOf(version), version));
      if (removed.some(isNull)) done.push(this.#nulls.remove(at));
      const newNull = added.find(isNull);
      if (newNull) done.push(this.#nulls.put(at, newNull.sequence ?? 0));
      if (current !== 'same')
        done.push(current ? this.#currents.put(at, current) : this.#currents.remove(at));
      return Promise.all(done);
    };
    await this.#forgetting(bucket, key, size, put, { urgent, ...(current !== 'same' && { current }) });
    if (files.length > 0) await this.#bodies.unlink(files);
  }

  /**
   * Writes something of a key. Until that is stored, readers see what was before.
   * @param current What is then the current object, where it becomes another.
   */
  async #forgetting(
    bucket: string,
    key: string,
    size: number,
    put: () => Promise<unknown>,
    {
      urgent = false,
      awaited = true,
      current,
    }: { urgent?: boolean; awaited?: boolean; current?: ObjectRecord | undefined } = {},
  ): Promise<void> {
    const name = `${bucket}/${key}`;
    const last = this.#database.write(size, put, { urgent, awaited });
    const writing: Writing = { current, last };
    this.#writing.set(name, writing);
    this.#recent.delete(name);
    let isStored = false;
    try {
      await last;
      isStored = true;
    } finally {
      // A later write of the key may be under way.
      if (this.#writing.get(name) === writing) {
        this.#writing.delete(name);
        if (isStored && current) this.#recent.set(name, current);
      }
    }
  }
}

/** A write that is under way. */
interface Writing {
  /** The object that it makes the current one. */
  current: ObjectRecord | undefined;
  last: Promise<void>;
}

const RECENT_RECORDS = 1024;

/** What is stored in the same write as a new version. */
export interface Brought {
  /** Its body, if that is kept in the table. */
  bytes?: Buffer;
  also?: TableWrite;
}
