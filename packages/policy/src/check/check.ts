import type { PolicyKind } from '../document.ts';
import type { Problem } from '../problem.ts';
import { ACTION_RULES } from './action-rules.ts';
import { CONDITION_RULES } from './condition-rules.ts';
import { FIT_RULES } from './fit-rules.ts';
import { KIND_RULES } from './kind-rules.ts';
import { PRINCIPAL_RULES } from './principal-rules.ts';
import { RESOURCE_RULES } from './resource-rules.ts';
import type { Rule, Subject } from './rule.ts';
import { SHAPE_RULES } from './shape.ts';
import { SIZE_RULES } from './size-rules.ts';
import { statementViews } from './statement.ts';
import { TEXT_RULES } from './text-rules.ts';

/** What the language and the kind of policy ask of a document's values. */
const VALUE_RULES: readonly Rule[] = [
  ...TEXT_RULES,
  ...KIND_RULES,
  ...ACTION_RULES,
  ...RESOURCE_RULES,
  ...PRINCIPAL_RULES,
  ...CONDITION_RULES,
  ...FIT_RULES,
];

/** Every rule of whether a document is right. */
export const CHECKS: readonly Rule[] = [...SHAPE_RULES, ...VALUE_RULES, ...SIZE_RULES];

export function subjectOf(document: unknown, kind: PolicyKind | undefined, text?: string): Subject {
  return { document, kind, statements: statementViews(document), text };
}

/** Runs rules over a document; the problems come in the order of the rules. */
export function run(rules: readonly Rule[], subject: Subject): Problem[] {
  const found: Problem[] = [];
  for (const { code, severity, help, find } of rules) {
    for (const finding of find(subject)) {
      if (found.length >= MOST_PROBLEMS) return found;
      const { path, message, part } = finding;
      found.push({
        code,
        severity: finding.severity ?? severity,
        message,
        help: finding.help ?? help,
        path,
        ...(part && { part }),
      });
    }
  }
  return found;
}

/** Nobody reads more. */
const MOST_PROBLEMS = 500;

/** Longer than this a document is refused anyway, and comparing all of its elements would take long. */
const LONGEST = 100_000;

/** Whether a document is one that AWS takes, and says what it seems to. */
export function check(subject: Subject): Problem[] {
  const shape = run(SHAPE_RULES, subject);
  const malformed = shape.some(({ severity }) => severity === 'error');
  const size = malformed && subject.text === undefined ? [] : run(SIZE_RULES, subject);
  const long = (subject.text?.length ?? 0) > LONGEST;
  return [...shape, ...(long ? [] : run(VALUE_RULES, subject)), ...size];
}
