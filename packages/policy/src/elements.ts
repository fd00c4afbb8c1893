import { resourcePattern } from './arn.ts';
import { UNKNOWN } from './condition-key.ts';
import type { Context } from './condition-key.ts';
import { Glob, tokenizeGlob } from './glob.ts';
import type { Matcher } from './glob.ts';
import type { OtherArn } from './scopes.ts';
import { MAYBE, NO, YES, both, either, not, truthOf } from './truth.ts';
import type { Truth } from './truth.ts';
import { parseTemplate, resolvePattern } from './variables.ts';
import type { Template } from './variables.ts';

/** An element or its `Not...` twin, as a document writes it. */
export interface WrittenElement {
  name: string;
  negated: boolean;
  values: string[];
}

/** Undefined where AWS would refuse it: both twins, neither, no value, or a value that is no text. */
export function readElement(statement: Record<string, unknown>, name: string): WrittenElement | undefined {
  const negated = statement[name] === undefined;
  const value = negated ? statement[`Not${name}`] : statement[name];
  if (value === undefined || (!negated && statement[`Not${name}`] !== undefined)) return undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (list.length === 0 || !list.every((item): item is string => typeof item === 'string')) return undefined;
  return { name: negated ? `Not${name}` : name, negated, values: list };
}

/** `Action` or `NotAction`. An unreadable one matches nothing for an Allow and everything for a Deny. */
export class ActionElement {
  readonly written: WrittenElement | undefined;
  private readonly globs: readonly Glob[];
  private readonly deny: boolean;

  constructor(written: WrittenElement | undefined, deny: boolean) {
    this.written = written;
    this.globs = written?.values.map((value) => Glob.of(value.toLowerCase())) ?? [];
    this.deny = deny;
  }

  /** Takes the action in lower case. */
  matches(action: string): boolean {
    if (this.written === undefined) return this.deny;
    return this.globs.some((glob) => glob.matches(action)) !== this.written.negated;
  }
}

/** `Resource` or `NotResource`, with variables in them. */
export class ResourceElement {
  readonly written: WrittenElement | undefined;
  private readonly patterns: readonly Matcher[];
  private readonly templates: readonly Template[];
  /** The one pattern, where there is no more to match. */
  private readonly only: Matcher | undefined;
  private readonly deny: boolean;
  /** One that several statements share remembers what the last request came to. */
  private shared = false;
  private askedBy = 0;
  private asked = '';
  private answer: Truth = NO;

  constructor(written: WrittenElement | undefined, deny: boolean, variables: boolean) {
    this.written = written;
    this.deny = deny;
    const patterns: Matcher[] = [];
    const templates: Template[] = [];
    for (const value of written?.values ?? []) {
      const template = variables ? parseTemplate(value) : undefined;
      if (template === undefined) patterns.push(resourcePattern(tokenizeGlob(value)));
      else templates.push(template);
    }
    this.patterns = patterns;
    this.templates = templates;
    this.only = patterns.length === 1 && templates.length === 0 ? patterns[0] : undefined;
  }

  /** Takes on one more statement that has the same element. */
  share(): this {
    this.shared = true;
    return this;
  }

  /** `other` is a second ARN of the same thing. */
  matches(resource: string, other: OtherArn, context: Context): Truth {
    if (!this.shared) return this.compare(resource, other, context);
    if (this.askedBy !== context.id || this.asked !== resource) {
      this.answer = this.compare(resource, other, context);
      this.askedBy = context.id;
      this.asked = resource;
    }
    return this.answer;
  }

  private compare(resource: string, other: OtherArn, context: Context): Truth {
    if (this.written === undefined) return truthOf(this.deny);
    const { negated } = this.written;
    if (this.only !== undefined && other === undefined)
      return this.only.matches(resource) === negated ? NO : YES;
    for (const pattern of this.patterns) if (fitsEither(pattern, resource, other)) return negated ? NO : YES;
    const otherwise = other === UNKNOWN ? MAYBE : NO;
    if (this.templates.length === 0) return negated ? not(otherwise) : otherwise;
    const listed = this.matchesTemplates(resource, other, context);
    // A variable without a value matches nothing, and so cannot widen an Allow that lists what it leaves out.
    if (listed === undefined) return negated ? both(truthOf(this.deny), not(otherwise)) : otherwise;
    const result = either(listed, otherwise);
    return negated ? not(result) : result;
  }

  /** The keys of the variables that nobody knows. */
  unknownVariables(context: Context): string[] {
    return this.templates.flatMap((template) =>
      template.flatMap((part) =>
        typeof part === 'object' && 'key' in part && context.get(part.key) === UNKNOWN
          ? [part.key.written]
          : [],
      ),
    );
  }

  /** Undefined where nothing matched and a variable has no value. */
  private matchesTemplates(resource: string, other: OtherArn, context: Context): Truth | undefined {
    let result: Truth = NO;
    let unresolved = false;
    for (const template of this.templates) {
      const tokens = resolvePattern(template, context);
      if (tokens === undefined) unresolved = true;
      else if (tokens === UNKNOWN) result = MAYBE;
      else {
        if (fitsEither(resourcePattern(tokens), resource, other)) return YES;
      }
    }
    return unresolved && result === NO ? undefined : result;
  }
}

const fitsEither = (pattern: Matcher, resource: string, other: OtherArn) =>
  pattern.matches(resource) || (typeof other === 'string' && pattern.matches(other));
