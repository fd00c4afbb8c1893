import { resourcePattern } from '../arn.ts';
import { UNKNOWN } from './condition-key.ts';
import type { Context } from './condition-key.ts';
import { Glob, tokenizeGlob } from '../glob.ts';
import type { Matcher } from '../glob.ts';
import type { Scope } from './scope.ts';
import { MAYBE, NO, YES, either, not, truthOf } from './truth.ts';
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

/** One value of a `Resource`: compiled, or with the variables that every request fills anew. */
interface ResourceValue {
  matcher: Matcher | undefined;
  template: Template | undefined;
  /** It has a variable where none can stand, which never comes to anything. */
  unresolvable: boolean;
  /** `arn:aws:s3:::bucket` where the value names one bucket. */
  bucket: string | undefined;
}

/** `Resource` or `NotResource`, with variables in them. */
export class ResourceElement {
  readonly written: WrittenElement | undefined;
  private readonly values: readonly ResourceValue[];
  /** The one pattern, where there is no more to match. */
  private readonly only: Matcher | undefined;
  private readonly deny: boolean;
  /** One that several statements share remembers what it came to last. */
  private shared = false;
  private asked: Scope | undefined;
  private answer: Truth = NO;

  constructor(written: WrittenElement | undefined, deny: boolean, variables: boolean) {
    this.written = written;
    this.deny = deny;
    this.values = written?.values.map((value) => resourceValue(value, variables)) ?? [];
    this.only = this.values.length === 1 ? this.values[0]?.matcher : undefined;
  }

  /** Takes on one more statement that has the same element. */
  share(): this {
    this.shared = true;
    return this;
  }

  matches(scope: Scope, context: Context): Truth {
    if (!this.shared) return this.compare(scope, context);
    if (this.asked !== scope) {
      this.answer = this.compare(scope, context);
      this.asked = scope;
    }
    return this.answer;
  }

  private compare(scope: Scope, context: Context): Truth {
    if (this.written === undefined) return truthOf(this.deny);
    const { negated } = this.written;
    if (this.only !== undefined && scope.other === undefined && scope.pathInBucket === undefined) {
      return this.only.matches(scope.resource) === negated ? NO : YES;
    }
    let listed = scope.other === UNKNOWN ? MAYBE : NO;
    let unresolved = false;
    for (const value of this.values) {
      const found = valueFits(value, scope, context);
      if (found === undefined) unresolved = true;
      // Whatever an unknown variable is, what stands before it must fit; for a negation, it may also turn out to have no value.
      else if (found === MAYBE && !negated && !mayFit(value, scope)) continue;
      else listed = either(listed, found);
    }
    // A variable without a value matches nothing, and so cannot widen an Allow that lists what it leaves out.
    if (negated && unresolved && !this.deny) return NO;
    return negated ? not(listed) : listed;
  }

  /** The keys of the variables that nobody knows. */
  unknownVariables(context: Context): string[] {
    return this.values.flatMap(
      ({ template }) =>
        template?.flatMap((part) =>
          typeof part === 'object' && 'key' in part && context.get(part.key) === UNKNOWN
            ? [part.key.written]
            : [],
        ) ?? [],
    );
  }
}

function resourceValue(value: string, variables: boolean): ResourceValue {
  const template = variables ? parseTemplate(value) : undefined;
  const matcher = template === undefined ? resourcePattern(tokenizeGlob(value)) : undefined;
  const unresolvable = template !== undefined && !isBehindHead(template);
  const bucket = /^(arn:[^:]+:s3:::[^/*?$]+)(?:\/|$)/.exec(value)?.[1];
  return { matcher, template: unresolvable ? undefined : template, unresolvable, bucket };
}

/**
 * Variables stand in the last part of an ARN only, behind its fifth colon.
 * https://docs.amazonaws.cn/en_us/IAM/latest/UserGuide/reference_policies_variables.md
 */
function isBehindHead([head]: Template): boolean {
  return typeof head === 'string' && head.split(':').length > 5;
}

/** Whether a text with variables begins as the resource does. */
function mayFit({ template, bucket }: ResourceValue, { resource, other, pathInBucket }: Scope): boolean {
  const head = typeof template?.[0] === 'string' ? /^[^*?]*/.exec(template[0])![0] : '';
  const inBucket = pathInBucket === undefined || bucket === undefined ? undefined : bucket + pathInBucket;
  return [resource, other, inBucket].some((name) => typeof name === 'string' && name.startsWith(head));
}

/** Undefined where a variable has no value. */
function valueFits(value: ResourceValue, scope: Scope, context: Context): Truth | undefined {
  let { matcher } = value;
  if (value.unresolvable) return undefined;
  if (value.template !== undefined) {
    const tokens = resolvePattern(value.template, context);
    if (tokens === undefined) return undefined;
    if (tokens === UNKNOWN) return MAYBE;
    matcher = resourcePattern(tokens);
  }
  const { resource, other, pathInBucket } = scope;
  if (matcher === undefined) return NO;
  if (matcher.matches(resource) || (typeof other === 'string' && matcher.matches(other))) return YES;
  if (pathInBucket === undefined || value.bucket === undefined) return NO;
  return truthOf(matcher.matches(value.bucket + pathInBucket));
}
