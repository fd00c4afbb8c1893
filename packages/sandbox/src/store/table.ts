import type { Database as LmdbTable, Key, RangeOptions } from 'lmdb';

/**
 * A table of plain data. Values are kept as JSON text, since msgpack, which LMDB's library would use, renames what is
 * called `__proto__`; those of an older folder, which are no text, are read as they are.
 */
export class Table<V, K extends Key> {
  readonly #lmdb: LmdbTable<unknown, K>;

  constructor(lmdb: LmdbTable<unknown, K>) {
    this.#lmdb = lmdb;
  }

  get(key: K): V | undefined {
    return read(this.#lmdb.get(key));
  }

  put(key: K, value: V): Promise<boolean> {
    return this.#lmdb.put(key, JSON.stringify(value));
  }

  remove(key: K): Promise<boolean> {
    return this.#lmdb.remove(key);
  }

  *entries(range: RangeOptions = {}): Generator<{ key: K; value: V }> {
    for (const { key, value } of this.#lmdb.getRange(range)) yield { key, value: read<V>(value)! };
  }

  hasAny(range: RangeOptions): boolean {
    for (const _ of this.#lmdb.getKeys({ ...range, limit: 1 })) return true;
    return false;
  }
}

function read<V>(value: unknown): V | undefined {
  return (typeof value === 'string' ? JSON.parse(value) : value) as V | undefined;
}
