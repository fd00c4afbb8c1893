import type { Collection } from '../../store/collection.ts';
import { byName } from './pages.ts';

interface Named {
  account: string;
  name: string;
}

interface Sorted {
  revision: number;
  byAccount: Map<string, readonly Named[]>;
}

const sorted = new WeakMap<object, Sorted>();

/** An account's entities of one kind by name, sorted anew only when one of them has changed. */
export function entitiesOf<T extends Named>(collection: Collection<T>, account: string): readonly T[] {
  let known = sorted.get(collection);
  if (known?.revision !== collection.revision) {
    known = { revision: collection.revision, byAccount: new Map() };
    sorted.set(collection, known);
  }
  let entities = known.byAccount.get(account) as readonly T[] | undefined;
  if (!entities) {
    entities = [...collection.values()].filter((entity) => entity.account === account).toSorted(byName);
    known.byAccount.set(account, entities);
  }
  return entities;
}

/** Those whose path begins so. */
export function underPath<T extends { path: string }>(entities: readonly T[], prefix = '/'): readonly T[] {
  return prefix === '/' ? entities : entities.filter(({ path }) => path.startsWith(prefix));
}
