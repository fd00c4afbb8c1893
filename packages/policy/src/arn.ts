import { ANY_ONE, ANY_RUN, Glob } from './glob.ts';
import type { GlobToken, Matcher } from './glob.ts';

/** `arn:partition:service:region:account:resource`; the resource may hold colons. */
export interface Arn {
  partition: string;
  service: string;
  region: string;
  account: string;
  resource: string;
}

export function parseArn(text: string): Arn | undefined {
  const parts = splitArn(text);
  if (parts?.[0] !== 'arn') return undefined;
  return {
    partition: parts[1]!,
    service: parts[2]!,
    region: parts[3]!,
    account: parts[4]!,
    resource: parts[5]!,
  };
}

/** Cuts at the first five colons; undefined where there are fewer. */
export function splitArn(text: string): string[] | undefined {
  const parts: string[] = [];
  let start = 0;
  for (let i = 0; i < 5; i++) {
    const colon = text.indexOf(':', start);
    if (colon < 0) return undefined;
    parts.push(text.slice(start, colon));
    start = colon + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

/**
 * Compiles what stands in a `Resource` element. Wildcards stay within the segment between two colons, but for a `*` at a segment's end, which
 * reaches beyond it, and for the last segment, whose wildcards match colons and slashes.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function resourcePattern(tokens: readonly GlobToken[]): Matcher {
  return hasPlainHead(tokens) ? new Glob(tokens) : new SegmentedGlob(tokens);
}

/**
 * Compiles a value of an Arn condition: each of the six components is matched on its own.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function arnPattern(tokens: readonly GlobToken[]): Matcher {
  if (tokens.length === 1 && tokens[0] === ANY_RUN) return new Glob(tokens);
  if (typeof tokens[0] === 'string' && hasPlainHead(tokens) && colonsIn(tokens[0]) >= 5)
    return new Glob(tokens);
  const components = splitTokens(tokens);
  return components === undefined ? NEVER : new ComponentGlobs(components.map((part) => new Glob(part)));
}

const NEVER: Matcher = { matches: () => false };

class ComponentGlobs implements Matcher {
  private readonly globs: readonly Glob[];

  constructor(globs: readonly Glob[]) {
    this.globs = globs;
  }

  matches(text: string): boolean {
    const parts = splitArn(text);
    return parts !== undefined && this.globs.every((glob, i) => glob.matches(parts[i]!));
  }
}

/** True where no wildcard stands before the fifth colon, so that wildcards need not know about segments. */
function hasPlainHead(tokens: readonly GlobToken[]): boolean {
  const [head] = tokens;
  if (tokens.length <= 1) return true;
  return typeof head === 'string' && colonsIn(head) >= 5;
}

function colonsIn(text: string): number {
  let count = 0;
  for (let at = text.indexOf(':'); at >= 0; at = text.indexOf(':', at + 1)) count++;
  return count;
}

/** Cuts a pattern at its first five colons. */
function splitTokens(tokens: readonly GlobToken[]): GlobToken[][] | undefined {
  const parts: GlobToken[][] = [[]];
  for (const token of tokens) {
    if (typeof token !== 'string') {
      parts.at(-1)!.push(token);
      continue;
    }
    let rest = token;
    while (parts.length < 6) {
      const colon = rest.indexOf(':');
      if (colon < 0) break;
      if (colon > 0) parts.at(-1)!.push(rest.slice(0, colon));
      parts.push([]);
      rest = rest.slice(colon + 1);
    }
    if (rest !== '') parts.at(-1)!.push(rest);
  }
  return parts.length === 6 ? parts : undefined;
}

type Step = { literal: string } | { wildcard: typeof ANY_RUN | typeof ANY_ONE; crossesColon: boolean };

/** A pattern with wildcards before the fifth colon: every position that the pattern can have reached is carried along. */
class SegmentedGlob implements Matcher {
  private readonly steps: readonly Step[];

  constructor(tokens: readonly GlobToken[]) {
    let colons = 0;
    this.steps = tokens.map((token, i): Step => {
      if (typeof token === 'string') {
        colons += colonsIn(token);
        return { literal: token };
      }
      const next = tokens[i + 1];
      const endsSegment = next === undefined || (typeof next === 'string' && next.startsWith(':'));
      return { wildcard: token, crossesColon: colons >= 5 || (token === ANY_RUN && endsSegment) };
    });
  }

  matches(text: string): boolean {
    let reached = new Uint8Array(text.length + 1);
    reached[0] = 1;
    for (const step of this.steps) reached = advance(step, text, reached);
    return reached[text.length] === 1;
  }
}

function advance(step: Step, text: string, reached: Uint8Array): Uint8Array<ArrayBuffer> {
  const next = new Uint8Array(text.length + 1);
  if ('literal' in step) {
    for (let at = reached.indexOf(1); at >= 0; at = reached.indexOf(1, at + 1)) {
      if (text.startsWith(step.literal, at)) next[at + step.literal.length] = 1;
    }
    return next;
  }
  const mayConsume = (at: number) => step.crossesColon || text.charCodeAt(at) !== 58;
  if (step.wildcard === ANY_ONE) {
    for (let at = reached.indexOf(1); at >= 0 && at < text.length; at = reached.indexOf(1, at + 1)) {
      if (mayConsume(at)) next[at + (text.codePointAt(at)! > 0xffff ? 2 : 1)] = 1;
    }
    return next;
  }
  for (let at = 0; at <= text.length; at++) {
    if (reached[at] === 1 || (at > 0 && next[at - 1] === 1 && mayConsume(at - 1))) next[at] = 1;
  }
  return next;
}
