import type { Database as Table } from 'lmdb';
import type { Database } from './database.ts';

/**
 * Entities of one kind, all in memory and written through: reading one costs a look-up in a map, and the object stays
 * the same until it is set again, so what is derived from it (compiled policies) can be kept beside it.
 * An entity is never changed in place: set a new one.
 */
export class Collection<V> {
  readonly #database: Database;
  readonly #table: Table<V, string>;
  readonly #entities = new Map<string, V>();

  constructor(database: Database, name: string) {
    this.#database = database;
    this.#table = database.table<V>(name);
    for (const { key, value } of this.#table.getRange()) this.#entities.set(key, value);
  }

  get(key: string): V | undefined {
    return this.#entities.get(key);
  }

  has(key: string): boolean {
    return this.#entities.has(key);
  }

  values(): IterableIterator<V> {
    return this.#entities.values();
  }

  /** Sets an entity at once for readers; `Database.settled` tells when it is stored. */
  set(key: string, value: V): void {
    void this.#database.write(estimateSize(value), () => this.#table.put(key, value)).catch(() => undefined); // `settled` rejects for whoever waits
    this.#entities.set(key, value);
  }

  delete(key: string): void {
    if (!this.#entities.has(key)) return;
    void this.#database.write(0, () => this.#table.remove(key), { urgent: true }).catch(() => undefined);
    this.#entities.delete(key);
  }
}

/** Generously: an entity is mostly text, at most three bytes a character. */
function estimateSize(value: unknown): number {
  return JSON.stringify(value).length * 3;
}
