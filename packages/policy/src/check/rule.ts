import type { PolicyKind } from '../document.ts';
import type { Path, Severity } from '../problem.ts';
import type { StatementView } from './statement.ts';

/** One thing that can be wrong or unwise in a document. */
export interface Rule {
  /** Stable: `unknown-action`. */
  code: string;
  /** What the rule is about, for lists of rules. */
  title: string;
  severity: Severity;
  /** What to do, where the finding knows nothing better. */
  help: string;
  find: (subject: Subject) => Iterable<Finding>;
}

/** A document that is looked at. */
export interface Subject {
  document: unknown;
  kind: PolicyKind | undefined;
  statements: readonly StatementView[];
  /** As it was written, where it was. */
  text?: string | undefined;
  /** Account that it belongs to, where somebody says. */
  account?: string | undefined;
}

export interface Finding {
  path: Path;
  message: string;
  help?: string | undefined;
  severity?: Severity | undefined;
  /** The member's name is at fault, and not its value. */
  part?: 'key' | undefined;
}

/** A rule's search that looks at one statement at a time. */
export const eachStatement = (
  find: (statement: StatementView, subject: Subject) => Iterable<Finding>,
): Rule['find'] =>
  function* (subject) {
    for (const statement of subject.statements) yield* find(statement, subject);
  };

/** A document's text in a message. */
export function quoted(text: unknown): string {
  const written = typeof text === 'string' ? text : String(text);
  return `\`${written.length > 100 ? `${written.slice(0, 100)}...` : written}\``;
}
