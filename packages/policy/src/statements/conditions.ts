import { UNKNOWN, conditionKey } from './condition-key.ts';
import type { Answer, ConditionKey, Context } from './condition-key.ts';
import { OPERATORS, asBoolean } from './operators/families.ts';
import type { ValueTest } from './operators/families.ts';
import { MAYBE, NO, YES, both, either, not, truthOf } from './truth.ts';
import type { Truth } from './truth.ts';
import { parseTemplate, resolveText } from './variables.ts';
import type { Template } from './variables.ts';

type SetOperator = 'ForAllValues' | 'ForAnyValue' | undefined;

/** One operator on one key. */
export interface Condition {
  operator: string;
  key: ConditionKey;
  /** As the policy writes them. */
  wanted: string[];
  evaluate(context: Context): Truth;
}

/**
 * Compiles a `Condition` element; all of its conditions must hold.
 * What cannot be read is never met in an Allow and always met in a Deny, so that a mistake never opens anything.
 */
export function compileConditions(element: unknown, deny: boolean, variables: boolean): Condition[] {
  if (element === undefined) return [];
  if (!isRecord(element)) return [unusable('', '', [], deny)];
  return Object.entries(element).flatMap(([operator, block]) =>
    isRecord(block)
      ? Object.entries(block).map(([key, values]) => compileCondition(operator, key, values, deny, variables))
      : [unusable(operator, '', [], deny)],
  );
}

function compileCondition(
  operator: string,
  key: string,
  values: unknown,
  deny: boolean,
  variables: boolean,
): Condition {
  const wanted = textsOf(values);
  if (wanted === undefined) return unusable(operator, key, [], deny);
  if (operator === 'Null') return nullCondition(key, wanted, deny);
  const { name, set, ifExists } = parseOperator(operator);
  const definition = OPERATORS.get(name);
  const plain: string[] = [];
  const templates: Template[] = [];
  for (const text of wanted) {
    const template = variables ? parseTemplate(text) : undefined;
    if (template === undefined) plain.push(text);
    else templates.push(template);
  }
  const test = definition?.family({ plain, templates });
  if (definition === undefined || test === undefined) return unusable(operator, key, wanted, deny);
  const guards = definition.negated && !deny ? templates : [];
  const only =
    definition.exact === true && templates.length === 0 && plain.length === 1 ? plain[0] : undefined;
  return new Comparison(
    operator,
    conditionKey(key),
    wanted,
    test,
    only,
    definition.negated,
    set,
    ifExists,
    guards,
  );
}

function parseOperator(operator: string): { name: string; set: SetOperator; ifExists: boolean } {
  let name = operator;
  let set: SetOperator;
  for (const prefix of ['ForAllValues', 'ForAnyValue'] as const) {
    if (!name.startsWith(`${prefix}:`)) continue;
    set = prefix;
    name = name.slice(prefix.length + 1);
    break;
  }
  const ifExists = name.endsWith('IfExists');
  return { name: ifExists ? name.slice(0, -'IfExists'.length) : name, set, ifExists };
}

/**
 * How absent keys and several values count:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_multi-value-conditions.html
 */
class Comparison implements Condition {
  readonly operator: string;
  readonly key: ConditionKey;
  readonly wanted: string[];
  private readonly test: ValueTest;
  /** The one text that meets the most common of conditions, so that it takes no call. */
  private readonly only: string | undefined;
  private readonly negated: boolean;
  private readonly set: SetOperator;
  private readonly whenAbsent: Truth;
  /** Values that must come to something: a negated operator in an Allow is not met by a variable without a value. */
  private readonly guards: readonly Template[];

  constructor(
    operator: string,
    key: ConditionKey,
    wanted: string[],
    test: ValueTest,
    only: string | undefined,
    negated: boolean,
    set: SetOperator,
    ifExists: boolean,
    guards: readonly Template[],
  ) {
    this.operator = operator;
    this.key = key;
    this.wanted = wanted;
    this.test = test;
    this.only = only;
    this.negated = negated;
    this.set = set;
    this.whenAbsent = truthOf(ifExists || set === 'ForAllValues' || (negated && set === undefined));
    this.guards = guards;
  }

  evaluate(context: Context): Truth {
    const answer = context.get(this.key);
    if (this.only !== undefined && this.set === undefined && typeof answer === 'string') {
      return (answer === this.only) === this.negated ? NO : YES;
    }
    if (answer === UNKNOWN) return MAYBE;
    // A list without a value tells no more than no list: what a variable comes to does not matter then.
    if (answer === undefined || isAbsent(answer)) return this.whenAbsent;
    if (this.guards.length > 0 && this.lacksValue(context)) return NO;
    if (typeof answer === 'string' && this.set === undefined) {
      const met = this.test(answer, context);
      return this.negated ? not(met) : met;
    }
    return this.overValues(typeof answer === 'string' ? [answer] : answer, context);
  }

  private lacksValue(context: Context): boolean {
    return this.guards.some((guard) => resolveText(guard, context) === undefined);
  }

  private overValues(answers: readonly string[], context: Context): Truth {
    if (this.set === undefined) {
      let met = NO;
      for (const answer of answers) met = either(met, this.test(answer, context));
      return this.negated ? not(met) : met;
    }
    // An empty text counts as no value here.
    const values = answers.filter((answer) => answer !== '');
    if (values.length === 0) return truthOf(this.set === 'ForAllValues');
    let result = this.set === 'ForAllValues' ? YES : NO;
    for (const value of values) {
      const met = this.test(value, context);
      const held = this.negated ? not(met) : met;
      result = this.set === 'ForAllValues' ? both(result, held) : either(result, held);
    }
    return result;
  }
}

function nullCondition(key: string, wanted: string[], deny: boolean): Condition {
  const expected = new Set(wanted.map(asBoolean));
  if (expected.has(undefined)) return unusable('Null', key, wanted, deny);
  return {
    operator: 'Null',
    key: conditionKey(key),
    wanted,
    evaluate(context) {
      const answer = context.get(this.key);
      if (answer === UNKNOWN) return MAYBE;
      return truthOf(expected.has(isAbsent(answer) ? 'true' : 'false'));
    },
  };
}

const isAbsent = (answer: Answer) => answer === undefined || (Array.isArray(answer) && answer.length === 0);

function unusable(operator: string, key: string, wanted: string[], deny: boolean): Condition {
  return { operator, key: conditionKey(key), wanted, evaluate: () => truthOf(deny) };
}

/** The values of a condition as text; undefined where one is neither text, number nor boolean. */
function textsOf(values: unknown): string[] | undefined {
  const list: unknown[] = Array.isArray(values) ? values : [values];
  return list.every(isPlain) ? list.map(String) : undefined;
}

const isPlain = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
