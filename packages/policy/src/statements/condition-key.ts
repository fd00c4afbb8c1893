import { remember } from './bounded-cache.ts';

/** The value of a key that the request lists as unknown. */
export const UNKNOWN: unique symbol = Symbol('unknown');

/** What a request has for a condition key; undefined where it has nothing. */
export type Answer = string | readonly string[] | typeof UNKNOWN | undefined;

/** Keys match without regard to case; the spelling of the policy is tried first. */
export interface ConditionKey {
  readonly written: string;
  readonly lower: string;
  /** What the request of this serial number had for it: the statements of a document ask for few keys many times. */
  askedBy: number;
  answer: Answer;
}

export interface Context {
  /** Serial number of the request. */
  readonly id: number;
  get(key: ConditionKey): Answer;
}

export const lowerCase = remember(4096, (text) => text.toLowerCase());

export const conditionKey = remember(4096, (written): ConditionKey => ({
  written,
  lower: lowerCase(written),
  askedBy: 0,
  answer: undefined,
}));
