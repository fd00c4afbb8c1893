import type { Database } from './database.ts';
import type { Table } from './table.ts';

/**
 * Entities of one kind, in memory once they are read, and written through: reading one again costs a look-up in a map,
 * and the object stays the same until it is set again, so what is derived from it (compiled policies) can be kept
 * beside it. An entity is never changed in place: set a new one.
 */
export class Collection<V> {
  readonly #database: Database;
  readonly #table: Table<V, string>;
  readonly #entities = new Map<string, V>();
  readonly #changed: () => void;
  readonly #idOf: ((value: V) => string) | undefined;
  readonly #keysById = new Map<string, string>();
  /** Deleted, and perhaps still in the table. */
  readonly #gone = new Set<string>();
  #allRead = false;
  #revision = 0;

  /**
   * @param changed Called with every change.
   * @param idOf The id that an entity keeps when its key changes.
   */
  constructor(database: Database, name: string, changed: () => void, idOf?: (value: V) => string) {
    this.#database = database;
    this.#changed = changed;
    this.#table = database.table<V>(name);
    this.#idOf = idOf;
  }

  get(key: string): V | undefined {
    const known = this.#entities.get(key);
    if (known !== undefined || this.#allRead || this.#gone.has(key)) return known;
    const stored = this.#table.get(key);
    if (stored !== undefined) this.#keep(key, stored);
    return stored;
  }

  byId(id: string): V | undefined {
    if (!this.#keysById.has(id)) this.#readAll();
    const key = this.#keysById.get(id);
    return key === undefined ? undefined : this.#entities.get(key);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Grows with every change: for whoever keeps something made of all entities. */
  get revision(): number {
    return this.#revision;
  }

  values(): IterableIterator<V> {
    this.#readAll();
    return this.#entities.values();
  }

  entries(): IterableIterator<[key: string, value: V]> {
    this.#readAll();
    return this.#entities.entries();
  }

  #readAll(): void {
    if (this.#allRead) return;
    for (const { key, value } of this.#table.entries())
      if (!this.#entities.has(key) && !this.#gone.has(key)) this.#keep(key, value);
    this.#allRead = true;
    this.#gone.clear();
  }

  /** Sets an entity at once for readers; `Database.settled` tells when it is stored. */
  set(key: string, value: V): void {
    void this.#database.write(estimateSize(value), () => this.#table.put(key, value)).catch(() => undefined); // `settled` rejects for whoever waits
    this.#keep(key, value);
    this.#revision += 1;
    this.#changed();
  }

  #keep(key: string, value: V): void {
    const older = this.#idOf && this.#entities.get(key);
    if (older !== undefined) this.#keysById.delete(this.#idOf!(older));
    this.#entities.set(key, value);
    this.#gone.delete(key);
    if (this.#idOf) this.#keysById.set(this.#idOf(value), key);
  }

  delete(key: string): void {
    const value = this.get(key);
    if (value === undefined) return;
    void this.#database.write(0, () => this.#table.remove(key), { urgent: true }).catch(() => undefined);
    this.#entities.delete(key);
    if (!this.#allRead) this.#gone.add(key);
    if (this.#idOf) this.#keysById.delete(this.#idOf(value));
    this.#revision += 1;
    this.#changed();
  }
}

/** Generously: an entity is mostly text, at most three bytes a character. */
function estimateSize(value: unknown): number {
  return JSON.stringify(value).length * 3;
}
