import type { AccessRequest } from '@crossbucket/policy';
import { valuesOf } from './facts.ts';
import { substitute } from './variables.ts';
import { fits, fitsArn } from './wildcards.ts';

/** What one value of the policy says of one value of the request; `bad` is no value of the operator's type. */
type Verdict = boolean | 'bad';

export interface Setting {
  request: AccessRequest;
  isDeny: boolean;
  isCurrentVersion: boolean;
}

/** All conditions of a statement; what cannot be read holds in a Deny and fails in an Allow. */
export function conditionsHold(condition: unknown, setting: Setting): boolean {
  if (condition === undefined) return true;
  if (!isObject(condition)) return setting.isDeny;
  return Object.entries(condition).every(([operator, block]) => {
    if (!isObject(block)) return setting.isDeny;
    return Object.entries(block).every(([key, values]) => conditionHolds(operator, key, values, setting));
  });
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function conditionHolds(operator: string, key: string, values: unknown, setting: Setting): boolean {
  const list: unknown[] = Array.isArray(values) ? values : [values];
  if (list.some((value) => !['string', 'number', 'boolean'].includes(typeof value))) return setting.isDeny;
  const wanted = list.map(String);
  const actual = valuesOf(setting.request, key);

  if (operator === 'Null') {
    const lower = wanted.map((text) => text.toLowerCase());
    if (lower.some((text) => text !== 'true' && text !== 'false')) return setting.isDeny;
    return lower.includes(String(actual === undefined || actual.length === 0));
  }

  const set = /^(ForAllValues|ForAnyValue):/.exec(operator)?.[1];
  const unprefixed = set === undefined ? operator : operator.slice(set.length + 1);
  const ifExists = unprefixed.endsWith('IfExists');
  const base = ifExists ? unprefixed.slice(0, -'IfExists'.length) : unprefixed;
  const positive = NEGATIONS[base] ?? base;
  const isNegated = Object.hasOwn(NEGATIONS, base);

  if (!POSITIVE.test(positive)) return setting.isDeny;
  // Every value must be of the operator's type, whatever the request has.
  for (const text of wanted) if (compare(positive, text, undefined, setting) === 'bad') return setting.isDeny;

  if (actual === undefined || actual.length === 0) {
    return ifExists || set === 'ForAllValues' || (isNegated && set === undefined);
  }
  const matchesOne = (value: string) =>
    wanted.some((text) => compare(positive, text, value, setting) === true);
  if (isNegated && !setting.isDeny && wanted.some((text) => lacksValue(text, positive, setting)))
    return false;
  const present = set === undefined ? actual : actual.filter((value) => value !== '');
  if (set === 'ForAllValues') return present.every((value) => matchesOne(value) !== isNegated);
  if (set === 'ForAnyValue') return present.some((value) => matchesOne(value) !== isNegated);
  return present.some(matchesOne) !== isNegated;
}

const NEGATIONS: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
};

const POSITIVE =
  /^(StringEquals|StringEqualsIgnoreCase|StringLike|ArnEquals|ArnLike|Bool|BinaryEquals|IpAddress|(Numeric|Date)(Equals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals))$/;

const takesVariables = (operator: string) => /^(String|Arn|Bool)/.test(operator);

function lacksValue(text: string, operator: string, { request, isCurrentVersion }: Setting): boolean {
  return takesVariables(operator) && substitute(text, request, isCurrentVersion) === undefined;
}

/** `actual` is undefined to ask only whether the wanted value is of the operator's type. */
function compare(operator: string, wanted: string, actual: string | undefined, setting: Setting): Verdict {
  const hasVariable = setting.isCurrentVersion && /\$\{[^}]*\}/s.test(wanted);
  const marks = substitute(wanted, setting.request, setting.isCurrentVersion);
  const literal = hasVariable
    ? marks?.map((mark) => ('letter' in mark ? mark.letter : mark.wildcard)).join('')
    : wanted;
  const value = actual ?? '';
  switch (operator) {
    case 'StringEquals':
      return literal !== undefined && literal === value;
    case 'StringEqualsIgnoreCase':
      return literal !== undefined && literal.toLowerCase() === value.toLowerCase();
    case 'StringLike':
      return marks !== undefined && fits(marks, value);
    case 'ArnEquals':
    case 'ArnLike':
      return marks !== undefined && fitsArn(marks, value);
    case 'Bool':
      if (hasVariable) return literal !== undefined && literal.toLowerCase() === value.toLowerCase();
      if (!/^(true|false)$/i.test(wanted)) return 'bad';
      return wanted.toLowerCase() === value.toLowerCase();
    case 'BinaryEquals': {
      const strip = (text: string) =>
        /^[A-Za-z0-9+/]+={0,2}$/.test(text) ? text.replaceAll('=', '') : undefined;
      if (hasVariable || strip(wanted) === undefined) return 'bad';
      return strip(wanted) === strip(value);
    }
    case 'IpAddress': {
      const range = bitsOfRange(wanted);
      if (hasVariable || range === undefined) return 'bad';
      const address = bitsOf(value);
      return address !== undefined && address.length === range.size && address.startsWith(range.prefix);
    }
    default:
      return hasVariable ? 'bad' : compareOrdered(operator, wanted, value);
  }
}

function compareOrdered(operator: string, wanted: string, actual: string): Verdict {
  const kind = /^(Numeric|Date)(Equals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)$/.exec(
    operator,
  );
  if (kind === null) return 'bad';
  const read = kind[1] === 'Date' ? instant : decimal;
  const limit = read(wanted);
  if (limit === undefined) return 'bad';
  const value = read(actual);
  if (value === undefined) return false;
  if (kind[2] === 'Equals') return value === limit;
  if (kind[2]!.endsWith('Equals') && value === limit) return true;
  return kind[2]!.startsWith('LessThan') ? value < limit : value > limit;
}

const decimal = (text: string) =>
  /^[-+]?([0-9]+(\.[0-9]+)?|\.[0-9]+)$/.test(text) ? Number(text) : undefined;

function instant(text: string): number | undefined {
  if (/^[0-9]{4}$/.test(text)) return Date.parse(`${text}-01-01T00:00:00Z`);
  if (/^-?[0-9]+(\.[0-9]+)?$/.test(text)) return Number(text) * 1000;
  if (/^[0-9]{4}-[0-9]{2}$/.test(text)) return parsed(`${text}-01T00:00:00Z`);
  if (/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return parsed(`${text}T00:00:00Z`);
  const full =
    /^([0-9-]{10}T[0-9]{2}:[0-9]{2})(:[0-9]{2}(?:\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:?[0-9]{2})?$/.exec(text);
  if (full === null) return undefined;
  const [, minutes, seconds = ':00', zone = 'Z'] = full;
  return parsed(`${minutes}${seconds}${zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`}`);
}

/** Date.parse lets the 30th of February pass into March. */
function parsed(text: string): number | undefined {
  const at = Date.parse(text);
  const days = new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate();
  return Number.isNaN(at) || Number(text.slice(8, 10)) > days ? undefined : at;
}

function bitsOf(address: string): string | undefined {
  if (!address.includes(':')) {
    const parts = address.split('.');
    const isByte = (part: string) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255;
    if (parts.length !== 4 || !parts.every(isByte)) return undefined;
    return parts.map((part) => Number(part).toString(2).padStart(8, '0')).join('');
  }
  const embedded = /^(.*:)([0-9.]*\.[0-9.]*)$/.exec(address);
  if (embedded !== null) {
    const bits = bitsOf(embedded[2]!);
    if (bits?.length !== 32) return undefined;
    const hex = (from: number) => Number.parseInt(bits.slice(from, from + 16), 2).toString(16);
    return bitsOf(`${embedded[1]}${hex(0)}:${hex(16)}`);
  }
  const [head = '', tail, ...more] = address.split('::');
  if (more.length > 0) return undefined;
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const known = [...groups(head), ...groups(tail ?? '')];
  const missing = 8 - known.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  if (!known.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const all = [...groups(head), ...Array<string>(missing).fill('0'), ...groups(tail ?? '')];
  return all.map((group) => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('');
}

export function bitsOfRange(text: string): { prefix: string; size: number } | undefined {
  const [address = '', length, ...more] = text.split('/');
  const bits = bitsOf(address);
  if (bits === undefined || more.length > 0) return undefined;
  if (length === undefined) return { prefix: bits, size: bits.length };
  if (!/^(0|[1-9][0-9]{0,2})$/.test(length) || Number(length) > bits.length) return undefined;
  return { prefix: bits.slice(0, Number(length)), size: bits.length };
}
