import type { Path } from '../problem.ts';

/** A statement as it is written; its elements may have any type. */
export interface StatementView {
  raw: Readonly<Record<string, unknown>>;
  path: Path;
}

/** A text of a document, and where. */
export interface TextAt {
  text: string;
  path: Path;
}

export interface PrincipalAt extends TextAt {
  /** `AWS`, `Service`, ..., or `*` for a principal that is only that. */
  type: string;
}

export interface ConditionAt {
  operator: string;
  key: string;
  values: TextAt[];
  /** Of the key. */
  path: Path;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects among a document's statements. */
export function statementViews(document: unknown): StatementView[] {
  if (!isRecord(document) || !Object.hasOwn(document, 'Statement')) return [];
  return itemsOf(document['Statement'], ['Statement']).flatMap(({ value, path }) =>
    isRecord(value) ? { raw: value, path } : [],
  );
}

/** What AWS lets people write as one value or as a list of them. */
export function itemsOf(value: unknown, path: Path): { value: unknown; path: Path }[] {
  if (!Array.isArray(value)) return [{ value, path }];
  return value.map((item: unknown, index) => ({ value: item, path: [...path, index] }));
}

export const has = (statement: StatementView, element: string): boolean =>
  Object.hasOwn(statement.raw, element);

function own(statement: StatementView, element: string): unknown {
  return has(statement, element) ? statement.raw[element] : undefined;
}

export const effectOf = (statement: StatementView): unknown => own(statement, 'Effect');

/** The texts of some elements. */
export function textsOf(statement: StatementView, ...elements: string[]): TextAt[] {
  return elements.flatMap((element) => textsIn(own(statement, element), [...statement.path, element]));
}

function textsIn(value: unknown, path: Path): TextAt[] {
  return itemsOf(value, path).flatMap((item) =>
    typeof item.value === 'string' ? { text: item.value, path: item.path } : [],
  );
}

/** The principals of `Principal` or `NotPrincipal`. */
export function principalsOf(statement: StatementView, element: 'Principal' | 'NotPrincipal'): PrincipalAt[] {
  const value = own(statement, element);
  const path = [...statement.path, element];
  if (typeof value === 'string') return [{ type: '*', text: value, path }];
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([type, named]) =>
    textsIn(named, [...path, type]).map((found) => ({ type, text: found.text, path: found.path })),
  );
}

export function conditionsOf(statement: StatementView): ConditionAt[] {
  const block = own(statement, 'Condition');
  if (!isRecord(block)) return [];
  return Object.entries(block).flatMap(([operator, keys]) =>
    isRecord(keys)
      ? Object.entries(keys).map(([key, value]) => {
          const path = [...statement.path, 'Condition', operator, key];
          const values = itemsOf(value, path).map((item) => ({ text: String(item.value), path: item.path }));
          return { operator, key, values, path };
        })
      : [],
  );
}
