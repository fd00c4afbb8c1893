import type { ExplainedCause } from '../../explain/explanation.ts';

export interface StatementLine {
  text: string;
  /** What does not fit there. */
  note?: string;
}

/** A statement as JSON, the parts that do not fit pointed at. */
export function statementLines({
  statement,
  failed,
}: NonNullable<ExplainedCause['nearest']>): StatementLine[] {
  const lines: StatementLine[] = JSON.stringify(statement, null, 2)
    .split('\n')
    .map((text) => ({ text }));
  for (const { element, key, actual, hint } of failed) {
    const name = key ?? element;
    const at = lines.findIndex(({ text }) =>
      text.trimStart().toLowerCase().startsWith(`"${name.toLowerCase()}"`),
    );
    if (at < 0) continue;
    const is =
      actual === undefined
        ? 'the call has none'
        : `the call has ${actual.map((value) => `\`${value}\``).join(', ')}`;
    lines[at]!.note = hint ?? is;
  }
  return lines;
}
