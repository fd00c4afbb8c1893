import { tokenizeGlob } from '../glob.ts';
import type { GlobToken } from '../glob.ts';
import { UNKNOWN, conditionKey } from './condition-key.ts';
import type { ConditionKey, Context } from './condition-key.ts';

/** Text with `${key}` in it: literal text, characters that `${*}` and its like stand for, and keys with their defaults. */
export type Template = readonly (string | { character: string } | Variable)[];

export interface Variable {
  key: ConditionKey;
  fallback: string | undefined;
}

/**
 * Finds the variables of a text; undefined where it has none.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function parseTemplate(text: string): Template | undefined {
  if (!text.includes('${')) return undefined;
  const parts: (string | { character: string } | Variable)[] = [];
  let start = 0;
  for (let open = text.indexOf('${'); open >= 0; open = text.indexOf('${', start)) {
    const close = text.indexOf('}', open + 2);
    if (close < 0) break;
    if (open > start) parts.push(text.slice(start, open));
    parts.push(variableOf(text.slice(open + 2, close)));
    start = close + 1;
  }
  if (parts.length === 0) return undefined;
  if (start < text.length) parts.push(text.slice(start));
  return parts;
}

function variableOf(inner: string): { character: string } | Variable {
  if (inner === '*' || inner === '?' || inner === '$') return { character: inner };
  const comma = inner.indexOf(',');
  const quoted = comma < 0 ? '' : inner.slice(comma + 1).trim();
  if (quoted.length < 2 || !quoted.startsWith("'") || !quoted.endsWith("'")) {
    return { key: conditionKey(inner.trim()), fallback: undefined };
  }
  return { key: conditionKey(inner.slice(0, comma).trim()), fallback: quoted.slice(1, -1) };
}

/** The pattern that a template comes to in a request; undefined where a variable has neither a value nor a default. */
export function resolvePattern(
  template: Template,
  context: Context,
): GlobToken[] | typeof UNKNOWN | undefined {
  const tokens: GlobToken[] = [];
  let unknown = false;
  for (const part of template) {
    if (typeof part === 'string') tokens.push(...tokenizeGlob(part));
    else {
      const value = 'character' in part ? part.character : valueOf(part, context);
      if (value === undefined) return undefined;
      if (value === UNKNOWN) unknown = true;
      else if (value !== '') tokens.push(value);
    }
  }
  return unknown ? UNKNOWN : joinLiterals(tokens);
}

/** The text that a template comes to in a request; its wildcards are plain characters. */
export function resolveText(template: Template, context: Context): string | typeof UNKNOWN | undefined {
  let text = '';
  let unknown = false;
  for (const part of template) {
    const value =
      typeof part === 'string' ? part : 'character' in part ? part.character : valueOf(part, context);
    if (value === undefined) return undefined;
    if (value === UNKNOWN) unknown = true;
    else text += value;
  }
  return unknown ? UNKNOWN : text;
}

/**
 * A key that may have several values cannot stand for one text, not even where it has one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function valueOf(variable: Variable, context: Context): string | typeof UNKNOWN | undefined {
  const answer = context.get(variable.key);
  return typeof answer === 'string' || answer === UNKNOWN ? answer : variable.fallback;
}

function joinLiterals(tokens: GlobToken[]): GlobToken[] {
  const joined: GlobToken[] = [];
  for (const token of tokens) {
    const previous = joined.at(-1);
    if (typeof token === 'string' && typeof previous === 'string')
      joined[joined.length - 1] = previous + token;
    else joined.push(token);
  }
  return joined;
}
