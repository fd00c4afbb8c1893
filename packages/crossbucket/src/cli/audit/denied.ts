import type { AnswerRow } from '@crossbucket/audit';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { print, type AskOptions } from './ask.ts';
import { openAudit } from './open-audit.ts';

/** Denied calls in groups, explained by the documents of the accounts where a configuration names them. */
export async function denied(
  options: AskOptions & { config?: string },
  terminal: Terminal,
): Promise<ExitCode> {
  const open = await openAudit(options, terminal);
  try {
    const { sql, parameters } = open.audit.deniedQuestion(open.filters);
    const answer = await open.engine.ask(sql, parameters, { remember: true });
    const explain =
      options.config === undefined ? undefined : await explainer(options.config, answer.rows, open.audit);
    const rows = answer.rows.map((row) => ({ ...row, ...explain?.(row) }));
    const columns =
      explain === undefined ? answer.columns : [...answer.columns, 'outcome_now', 'reason', 'causes'];
    print('denied', { columns, rows }, open, options, terminal);
    return rows.length === 0 ? EXIT.done : EXIT.no;
  } finally {
    await open.close();
  }
}

/** Reads the accounts of a configuration as they are now, with what the denied calls need. */
async function explainer(
  config: string,
  rows: readonly AnswerRow[],
  audit: typeof import('@crossbucket/audit'),
): Promise<(row: AnswerRow) => AnswerRow> {
  const { readSpec } = await import('../../spec/index.ts');
  const { readAccounts } = await import('./read-accounts.ts');
  const world = await readAccounts(await readSpec(config), rows);
  return (row) => audit.explainDenied(world, row);
}
