import { arnPattern } from '../../arn.ts';
import { remember } from '../bounded-cache.ts';
import { UNKNOWN } from '../condition-key.ts';
import type { Context } from '../condition-key.ts';
import { Glob, tokenizeGlob } from '../../glob.ts';
import type { GlobToken, Matcher } from '../../glob.ts';
import { MAYBE, NO, YES, truthOf } from '../truth.ts';
import type { Truth } from '../truth.ts';
import { resolvePattern, resolveText } from '../variables.ts';
import type { Template } from '../variables.ts';
import { parseDate } from './dates.ts';
import { isInRange, parseAddress, parseRange } from './ip.ts';
import { parseNumber } from './numbers.ts';

/** Whether one value of the request meets any value of the policy. */
export type ValueTest = (actual: string, context: Context) => Truth;

/** The values of a condition: plain ones, and those with variables. */
export interface PolicyValues {
  plain: string[];
  templates: Template[];
}

/** Compiles the values of a condition; undefined where one of them is not of the operator's type. */
export type Family = (values: PolicyValues) => ValueTest | undefined;

const textFamily =
  (normalize: ((text: string) => string) | undefined): Family =>
  ({ plain, templates }) => {
    const wanted = normalize === undefined ? plain : plain.map(normalize);
    const test = exactTest(wanted);
    if (templates.length === 0 && normalize === undefined) return test;
    return (actual, context) => {
      const value = normalize === undefined ? actual : normalize(actual);
      let result = test(value, context);
      for (let i = 0; i < templates.length && result !== YES; i++) {
        const text = resolveText(templates[i]!, context);
        if (text === UNKNOWN) result = MAYBE;
        else if (text !== undefined && (normalize === undefined ? text : normalize(text)) === value)
          result = YES;
      }
      return result;
    };
  };

function exactTest(wanted: readonly string[]): ValueTest {
  if (wanted.length === 1) {
    const [only] = wanted;
    return (actual) => (actual === only ? YES : NO);
  }
  const set = new Set(wanted);
  return (actual) => (set.has(actual) ? YES : NO);
}

const patternFamily =
  (compile: (tokens: GlobToken[]) => Matcher): Family =>
  ({ plain, templates }) => {
    const patterns = plain.map((text) => compile(tokenizeGlob(text)));
    const [only] = patterns;
    if (templates.length === 0 && only !== undefined && patterns.length === 1) {
      return (actual) => (only.matches(actual) ? YES : NO);
    }
    return (actual, context) => {
      for (const pattern of patterns) if (pattern.matches(actual)) return YES;
      let result = NO;
      for (const template of templates) {
        const tokens = resolvePattern(template, context);
        if (tokens === UNKNOWN) result = MAYBE;
        else if (tokens !== undefined && compile(tokens).matches(actual)) return YES;
      }
      return result;
    };
  };

/** For types that take no variables: a template in their values is not of the type. */
function parsedFamily<T, P>(
  parseWanted: (text: string) => T | undefined,
  parseActual: (text: string) => P | undefined,
  compare: (actual: P, wanted: T) => boolean,
): Family {
  return ({ plain, templates }) => {
    const wanted = plain.map(parseWanted);
    if (templates.length > 0 || wanted.includes(undefined)) return undefined;
    return (actual) => {
      const value = parseActual(actual);
      return truthOf(value !== undefined && wanted.some((one) => compare(value, one!)));
    };
  };
}

const compareNumbers = (compare: (actual: number, wanted: number) => boolean) =>
  parsedFamily(parseNumber, parseNumber, compare);
const compareDates = (compare: (actual: number, wanted: number) => boolean) =>
  parsedFamily(parseDate, parseDate, compare);

export const asBoolean = (text: string) => {
  const lower = text.toLowerCase();
  return lower === 'true' || lower === 'false' ? lower : undefined;
};

const plainBooleans = parsedFamily(asBoolean, asBoolean, (actual, wanted) => actual === wanted);
const booleanText = textFamily((text) => text.toLowerCase());

/** Bool takes variables, by its own section of the page on operators. */
const booleans: Family = (values) =>
  values.templates.length === 0
    ? plainBooleans(values)
    : plainBooleans({ plain: values.plain, templates: [] }) && booleanText(values);

const asBase64 = (text: string) =>
  /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? text.replace(/=+$/, '') : undefined;

const rememberedAddress = remember(1024, (text) => parseAddress(text) ?? null);

interface Operator {
  family: Family;
  negated: boolean;
  /** Whether a value without variables is met by just the same text. */
  exact?: boolean;
}

const pair = (name: string, negatedName: string, family: Family): [string, Operator][] => [
  [name, { family, negated: false }],
  [negatedName, { family, negated: true }],
];
const single = (name: string, family: Family): [string, Operator][] => [[name, { family, negated: false }]];

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ...pair(
    'StringEquals',
    'StringNotEquals',
    textFamily((text) => text),
  ),
  ...pair(
    'StringEqualsIgnoreCase',
    'StringNotEqualsIgnoreCase',
    textFamily((text) => text.toLowerCase()),
  ),
  ...pair(
    'StringLike',
    'StringNotLike',
    patternFamily((tokens) => new Glob(tokens)),
  ),
  ...pair('ArnEquals', 'ArnNotEquals', patternFamily(arnPattern)),
  ...pair('ArnLike', 'ArnNotLike', patternFamily(arnPattern)),
  ...pair(
    'NumericEquals',
    'NumericNotEquals',
    compareNumbers((actual, wanted) => actual === wanted),
  ),
  ...single(
    'NumericLessThan',
    compareNumbers((actual, wanted) => actual < wanted),
  ),
  ...single(
    'NumericLessThanEquals',
    compareNumbers((actual, wanted) => actual <= wanted),
  ),
  ...single(
    'NumericGreaterThan',
    compareNumbers((actual, wanted) => actual > wanted),
  ),
  ...single(
    'NumericGreaterThanEquals',
    compareNumbers((actual, wanted) => actual >= wanted),
  ),
  ...pair(
    'DateEquals',
    'DateNotEquals',
    compareDates((actual, wanted) => actual === wanted),
  ),
  ...single(
    'DateLessThan',
    compareDates((actual, wanted) => actual < wanted),
  ),
  ...single(
    'DateLessThanEquals',
    compareDates((actual, wanted) => actual <= wanted),
  ),
  ...single(
    'DateGreaterThan',
    compareDates((actual, wanted) => actual > wanted),
  ),
  ...single(
    'DateGreaterThanEquals',
    compareDates((actual, wanted) => actual >= wanted),
  ),
  ...single('Bool', booleans),
  ...single(
    'BinaryEquals',
    parsedFamily(asBase64, asBase64, (actual, wanted) => actual === wanted),
  ),
  ...pair(
    'IpAddress',
    'NotIpAddress',
    parsedFamily(parseRange, (text) => rememberedAddress(text) ?? undefined, isInRange),
  ),
]);
