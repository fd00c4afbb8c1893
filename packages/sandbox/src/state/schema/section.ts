import type { Collection } from '../../store/collection.ts';
import { entityKey, type Store } from '../../store/store.ts';
import type { Fields } from '../codec.ts';

/** Records of one kind, which belong to accounts. */
export interface Section {
  /** Name in the file. */
  name: string;
  fields: Fields;
  collection(store: Store): Collection<object>;
  /** Under which a record is stored. */
  keyOf(record: Members, account: string): string;
}

type Members = Record<string, never>;

export function section<V extends object>(
  sectionName: string,
  collection: (store: Store) => Collection<V>,
  keyOf: (record: V, account: string) => string,
  fields: Fields,
): Section {
  return {
    name: sectionName,
    fields,
    collection: collection as unknown as Section['collection'],
    keyOf: keyOf as unknown as Section['keyOf'],
  };
}

export const byName = ({ name: own }: { name: string }, of: string): string => entityKey(of, own);
export const byArn = ({ arn: own }: { arn: string }): string => own;
