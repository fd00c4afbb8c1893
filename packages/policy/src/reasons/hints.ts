import { parseArn, splitArn } from '../arn.ts';
import { findAction } from '../catalog.ts';
import { isUniqueId } from '../statements/principal.ts';
import type { Caller } from '../statements/principal.ts';

/** Whether one text becomes the other by changing, adding or leaving out one or two letters. */
export function isTypo(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 2 || Math.max(one.length, other.length) < 4) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start++;
  let end = 0;
  const most = Math.min(one.length, other.length) - start;
  while (end < most && one[one.length - 1 - end] === other[other.length - 1 - end]) end++;
  const from = one.slice(start, one.length - end);
  const to = other.slice(start, other.length - end);
  return from !== to && isWithin(from, to, 2);
}

/** Edit distance, given up as soon as it must exceed the limit. */
function isWithin(from: string, to: string, limit: number): boolean {
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const line = [row];
    let least = row;
    for (let column = 1; column <= to.length; column++) {
      const changed = from[row - 1] === to[column - 1] ? 0 : 1;
      const distance = Math.min(above[column]! + 1, line[column - 1]! + 1, above[column - 1]! + changed);
      line.push(distance);
      if (distance < least) least = distance;
    }
    if (least > limit) return false;
    above = line;
  }
  return above[to.length]! <= limit;
}

export function actionHint(wanted: readonly string[], actual: string): string | undefined {
  // Names of real actions are often close.
  const typo = wanted.find(
    (value) => isTypo(value.toLowerCase(), actual.toLowerCase()) && findAction(value) === undefined,
  );
  return typo && `\`${typo}\` looks like a slip for \`${actual}\``;
}

export function valueHint(
  operator: string,
  wanted: readonly string[],
  actual: readonly string[],
): string | undefined {
  if (operator.includes('Not')) return undefined;
  for (const value of wanted) {
    for (const given of actual) {
      if (value !== given && value.toLowerCase() === given.toLowerCase()) {
        return `\`${value}\` and \`${given}\` differ in case only`;
      }
      if (isTypo(value, given)) return `\`${value}\` and \`${given}\` are a letter or two apart`;
    }
  }
  return undefined;
}

export function principalHint(wanted: readonly string[], caller: Caller): string | undefined {
  for (const name of wanted) {
    if (isUniqueId(name)) return `\`${name}\` is the id of a user or role that was deleted`;
    if (name !== '*' && /[*?]/.test(name))
      return `\`${name}\` matches nobody: a principal takes no wildcards`;
    const arn = parseArn(name);
    if (arn === undefined) continue;
    const own = parseArn(caller.text);
    if (own && own.partition !== arn.partition) return `\`${name}\` is in partition \`${arn.partition}\``;
    if (own && own.account !== arn.account && arn.resource === own.resource) {
      return `\`${name}\` is in account ${arn.account}, the caller in ${own.account}`;
    }
    if (isTypo(name, caller.text)) return `\`${name}\` and \`${caller.text}\` are a letter or two apart`;
    if (
      caller.kind === 'session' &&
      arn.account === caller.account &&
      isTypo(arn.resource, `role/${caller.name}`)
    ) {
      return `\`${name}\` and the caller's role \`${caller.name}\` are a letter or two apart`;
    }
  }
  return undefined;
}

/** What is likely wrong with a Resource that does not match. */
export function resourceHint(wanted: readonly string[], actual: string): string | undefined {
  for (const pattern of wanted) {
    const hint = bucketOrObject(pattern, actual) ?? wrongSegment(pattern, actual);
    if (hint !== undefined) return hint;
  }
  const typo = wanted.find((pattern) => isTypo(pattern, actual) || isTypoOfHead(pattern, actual));
  if (typo !== undefined) return `\`${typo}\` and \`${actual}\` are a letter or two apart`;
  const inOtherCase = wanted.find((pattern) => pattern.toLowerCase() === actual.toLowerCase());
  return inOtherCase && `\`${inOtherCase}\` and \`${actual}\` differ in case only`;
}

const S3_ARN = /^arn:[^:]*:s3:::([^/]+)(\/.*)?$/s;

function bucketOrObject(pattern: string, actual: string): string | undefined {
  const wanted = S3_ARN.exec(pattern);
  const given = S3_ARN.exec(actual);
  if (wanted === null || given === null || wanted[1] !== given[1]) return undefined;
  if (wanted[2] === undefined && given[2] !== undefined) {
    return `\`${pattern}\` is the bucket; its objects are \`${pattern}/*\``;
  }
  if (wanted[2] !== undefined && given[2] === undefined) {
    return `\`${pattern}\` is for objects; the bucket itself is \`${actual}\``;
  }
  return undefined;
}

const SEGMENTS = ['', 'partition', 'service', 'region', 'account'] as const;

/** One segment that differs, where the others fit. */
function wrongSegment(pattern: string, actual: string): string | undefined {
  const wanted = splitArn(pattern);
  const given = splitArn(actual);
  if (wanted === undefined || given === undefined) return undefined;
  const fits = (i: number) => wanted[i] === given[i] || wanted[i] === '*';
  const wrong = [1, 2, 3, 4].filter((i) => !fits(i));
  if (wrong.length !== 1) return undefined;
  const i = wrong[0]!;
  const rest = wanted[5]!;
  const sameResource = rest.endsWith('*') ? given[5]!.startsWith(rest.slice(0, -1)) : rest === given[5];
  if (!sameResource) return undefined;
  return `${SEGMENTS[i]} is \`${wanted[i]}\`, the request's is \`${given[i]}\``;
}

/** A slip before the first wildcard: `arn:aws:s3:::acme-report/*` for a key of `acme-reports`. */
function isTypoOfHead(pattern: string, actual: string): boolean {
  const wildcard = pattern.search(/[*?]/);
  const slash = wildcard < 0 ? -1 : pattern.lastIndexOf('/', wildcard);
  if (slash < 0) return false;
  const depth = pattern.slice(0, slash).split('/').length;
  const head = actual.split('/').slice(0, depth).join('/');
  return isTypo(pattern.slice(0, slash), head);
}
