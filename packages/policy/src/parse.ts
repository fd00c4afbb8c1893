import { check, subjectOf } from './check/check.ts';
import type { PolicyDocument, PolicyKind } from './document.ts';
import { Positions } from './parse/positions.ts';
import { type SyntaxProblem, scan } from './parse/scan.ts';
import type { LocatedProblem, Problem } from './problem.ts';

export interface ParsedPolicy {
  /** Undefined where a problem is an error. */
  document: PolicyDocument | undefined;
  /** In the order of the text. */
  problems: LocatedProblem[];
  /** Finds the place in the text of a problem that `lint` reports. */
  locate: (problem: Problem) => LocatedProblem;
}

/**
 * Reads a policy document and finds everything wrong with it: what is not JSON, what is not the policy language, and
 * what AWS would refuse or silently never match. Without `kind`, rules that depend on where it is attached are left
 * out. Never throws.
 */
export function parsePolicy(text: string, kind?: PolicyKind): ParsedPolicy {
  const { value, root, problems: syntax } = scan(text);
  const positions = new Positions(text, root);
  const locate = (problem: Problem): LocatedProblem => ({
    ...problem,
    ...positions.of(problem.path, problem.part),
  });
  const found = value === undefined ? [] : check(subjectOf(value, kind, text));
  const problems = [
    ...syntax.map((problem) => syntaxProblem(problem, positions)),
    ...found.map((problem) => locate(problem)),
  ].toSorted((a, b) => a.line - b.line || a.column - b.column);
  const usable = value !== undefined && !problems.some(({ severity }) => severity === 'error');
  return { document: usable ? (value as PolicyDocument) : undefined, problems, locate };
}

function syntaxProblem({ offset, ...problem }: SyntaxProblem, positions: Positions): LocatedProblem {
  const { line, column } = positions.at(offset);
  return { ...problem, severity: 'error', line, column };
}
