/**
 * Kleene's three values, so that a condition on a key whose value nobody knows is neither met nor failed:
 * `and` is the least of its parts, `or` the greatest, and a definite result stands whatever the unknown turns out to be.
 */
export type Truth = 0 | 1 | 2;

export const NO: Truth = 0;
export const MAYBE: Truth = 1;
export const YES: Truth = 2;

export const not = (truth: Truth): Truth => (2 - truth) as Truth;
export const both = (one: Truth, other: Truth): Truth => (one < other ? one : other);
export const either = (one: Truth, other: Truth): Truth => (one > other ? one : other);
export const truthOf = (value: boolean): Truth => (value ? YES : NO);
