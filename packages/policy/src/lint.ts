import { CHECKS, check, run, subjectOf } from './check/check.ts';
import type { Rule } from './check/rule.ts';
import type { PolicyKind } from './document.ts';
import { ACTION_ADVICE } from './lint/action-advice.ts';
import { CONDITION_ADVICE } from './lint/condition-advice.ts';
import { DOCUMENT_ADVICE } from './lint/document-advice.ts';
import { PRINCIPAL_ADVICE } from './lint/principal-advice.ts';
import { REDUNDANCY_ADVICE } from './lint/redundancy.ts';
import type { Problem, Severity } from './problem.ts';

/** What AWS takes, and is unwise. */
const ADVICE: readonly Rule[] = [
  ...PRINCIPAL_ADVICE,
  ...ACTION_ADVICE,
  ...CONDITION_ADVICE,
  ...DOCUMENT_ADVICE,
  ...REDUNDANCY_ADVICE,
];

export interface LintOptions {
  /** Account that the policy belongs to: others are third parties. */
  account?: string;
}

/**
 * Finds what is wrong or unwise in a document: every problem that `parsePolicy` finds in a text, but for those of
 * the text itself, and what AWS takes although it is better not done.
 */
export function lint(document: unknown, kind: PolicyKind, options: LintOptions = {}): Problem[] {
  const subject = { ...subjectOf(document, kind), account: options.account };
  const wrong = check(subject);
  return wrong.some(({ code }) => code === 'wrong-type') ? wrong : [...wrong, ...run(ADVICE, subject)];
}

/** One kind of problem. */
export interface RuleInfo {
  code: string;
  title: string;
  severity: Severity;
  help: string;
}

/** Every kind of problem that `parsePolicy` and `lint` report. */
export const POLICY_RULES: readonly RuleInfo[] = [
  {
    code: 'json-syntax',
    title: 'The text is not JSON',
    severity: 'error',
    help: 'Correct the text at the place.',
  },
  {
    code: 'duplicate-key',
    title: 'A member is there twice',
    severity: 'error',
    help: 'Keep one of the two.',
  },
  ...uniqueRules([...CHECKS, ...ADVICE]),
];

/** Two rules may share a code, where one kind of problem stands in different elements. */
function uniqueRules(rules: readonly Rule[]): RuleInfo[] {
  const byCode = new Map<string, RuleInfo>();
  for (const { code, title, severity, help } of rules) {
    if (!byCode.has(code)) byCode.set(code, { code, title, severity, help });
  }
  return [...byCode.values()];
}
