import { remember } from './bounded-cache.ts';

/** The value of a key that the request lists as unknown. */
export const UNKNOWN = Symbol('unknown');

/** What a request has for a condition key; undefined where it has nothing. */
export type Answer = string | readonly string[] | typeof UNKNOWN | undefined;

/** Keys match without regard to case; the spelling of the policy is tried first. */
export interface ConditionKey {
  written: string;
  lower: string;
}

export interface Context {
  get(key: ConditionKey): Answer;
}

export const lowerCase = remember(4096, (text) => text.toLowerCase());

export function conditionKey(written: string): ConditionKey {
  return { written, lower: lowerCase(written) };
}
