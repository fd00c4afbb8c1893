import type { ApiCall } from '../snapshot.ts';
import type { Keys, KeySource } from './need.ts';

type Input = Record<string, unknown>;

/** The non-empty text at a path of the input; numbers, booleans and dates as AWS writes them. */
export function textAt(input: Input, path: string): string | undefined {
  if (!path.includes('.')) return Object.hasOwn(input, path) ? asText(input[path]) : undefined;
  let value: unknown = input;
  for (const name of path.split('.')) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return asText(value);
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (value instanceof Date && !Number.isNaN(value.getTime())) return value.toISOString();
  return undefined;
}

/** True where the member at a path is `true`. */
export const booleanAt = (input: Input, path: string): boolean => textAt(input, path) === 'true';

export function listAt(input: Input, name: string): unknown[] {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  return Array.isArray(value) ? value : [];
}

export function recordAt(input: Input, name: string): Input {
  const value = Object.hasOwn(input, name) ? input[name] : undefined;
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Input {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True where the input has one of these members, and it is not empty. */
export const has =
  (...names: string[]) =>
  ({ input }: ApiCall): boolean =>
    names.some((name) => {
      const value = Object.hasOwn(input, name) ? input[name] : undefined;
      return (
        value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && !value.length)
      );
    });

/** Condition keys that take their value from one member each: `{ 's3:prefix': 'Prefix' }`. */
export const members = (table: Readonly<Record<string, string>>): KeySource => {
  const entries = Object.entries(table);
  return ({ input }) => {
    const keys: Keys = {};
    for (const [key, path] of entries) {
      const value = textAt(input, path);
      if (value !== undefined) keys[key] = value;
    }
    return keys;
  };
};

/** The pairs of a list of `{Key, Value}` or of `{TagKey, TagValue}`. */
export function tagPairs(list: unknown[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (const tag of list) {
    if (!isRecord(tag)) continue;
    const key = textAt(tag, 'Key') ?? textAt(tag, 'TagKey');
    if (key !== undefined) pairs.push([key, textAt(tag, 'Value') ?? textAt(tag, 'TagValue') ?? '']);
  }
  return pairs;
}

/** A family of keys, one for each tag, and the key that lists the tags' names. */
export function tagKeys(family: string, listKey: string, pairs: [string, string][]): Keys {
  if (pairs.length === 0) return {};
  const context: Keys = { [listKey]: pairs.map(([key]) => key) };
  for (const [key, value] of pairs) context[`${family}/${key}`] = value;
  return context;
}

/** `aws:RequestTag/*` and `aws:TagKeys` of a member that lists tags. */
export const requestTags =
  (name = 'Tags'): KeySource =>
  ({ input }) =>
    tagKeys('aws:RequestTag', 'aws:TagKeys', tagPairs(listAt(input, name)));

/** `aws:TagKeys` of a member that lists names of tags. */
export const untaggedKeys: KeySource = ({ input }) => {
  const names = listAt(input, 'TagKeys').filter((name): name is string => typeof name === 'string');
  return names.length === 0 ? {} : { 'aws:TagKeys': names };
};

/** The words of a text. */
export const words = (text: string): string[] => text.trim().split(/\s+/);
