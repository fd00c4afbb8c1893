import type { AnswerRow } from '@crossbucket/audit';
import type { ExplainedCause, Explanation } from '../../explain/explanation.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, type Terminal } from '../terminal.ts';
import { print, type AskOptions } from './ask.ts';
import { deniedText } from './denied-view.ts';
import { openAudit, type AuditPackage } from './open-audit.ts';
import { openExplainer, type Explainer, type ExplainerOptions } from './open-explainer.ts';
import { recordedCall } from './recorded-call.ts';

/** Denied calls of one kind, with what their documents say of the latest of them. */
export interface DeniedGroup {
  row: AnswerRow;
  /** Undefined where nobody explains, or the record tells too little. */
  explanation?: Explanation;
  /** Why there is none. */
  unexplained?: string;
}

/** Denied calls in groups, each with its causes and what would mend them. */
export async function denied(options: AskOptions & ExplainerOptions, terminal: Terminal): Promise<ExitCode> {
  // Before anything is read: a file that is not there is soon told.
  const explainer = await openExplainer(options);
  const open = await openAudit(options, terminal);
  try {
    const { sql, parameters } = open.audit.deniedQuestion(open.filters);
    const { columns, rows } = await open.engine.ask(sql, parameters, { remember: true });
    if (open.isDry) return EXIT.done;
    const groups: DeniedGroup[] = [];
    for (const row of rows)
      groups.push(explainer === undefined ? { row } : await explain(row, explainer, open.audit));
    const format = options.json ? 'json' : (options.format ?? 'text');
    if (format === 'text' && rows.length > 0) terminal.out.write(deniedText(groups, terminal.style));
    else if (format === 'json')
      terminal.out.write(jsonLine({ denied: groups.map(asJson), summary: open.records.summary }));
    else
      print(
        'denied',
        { columns: [...columns, ...EXPLAINED], rows: groups.map(asRow) },
        open,
        options,
        terminal,
      );
    if (explainer === undefined && rows.length > 0)
      terminal.err.write('`--config crossbucket.yaml` or `--state FILE` has each of them explained.\n');
    return rows.length === 0 ? EXIT.done : EXIT.no;
  } finally {
    await open.close();
  }
}

async function explain(row: AnswerRow, explainer: Explainer, audit: AuditPackage): Promise<DeniedGroup> {
  const { ExplainError } = await import('../../explain/explain-error.ts');
  try {
    return { row, explanation: await explainer(recordedCall(row, audit), String(row['last_time'])) };
  } catch (error) {
    if (!(error instanceof ExplainError)) throw error;
    return { row, unexplained: error.message };
  }
}

/** Everything but what applies a fix, which is for this program alone. */
function asJson({ row, explanation, unexplained }: DeniedGroup): Record<string, unknown> {
  if (explanation === undefined) return { ...row, ...(unexplained !== undefined && { unexplained }) };
  const { outcome, reason, causes, unknowns, evidence } = explanation;
  return { ...row, outcome_now: outcome, reason, causes: causes.map(causeJson), unknowns, evidence };
}

const causeJson = ({ fixes, ...cause }: ExplainedCause): Record<string, unknown> => ({
  ...cause,
  fixes: fixes.map(({ edit: _edit, ...fix }) => fix),
});

const EXPLAINED = ['outcome_now', 'reason', 'causes', 'fix'];

function asRow({ row, explanation, unexplained }: DeniedGroup): AnswerRow {
  const { outcome = null, reason = unexplained ?? null, causes = [] } = explanation ?? {};
  return {
    ...row,
    outcome_now: outcome,
    reason,
    causes: causes.map(({ code }) => code).join(', '),
    fix: causes.flatMap(({ fixes }) => fixes)[0]?.summary ?? null,
  };
}
