import type { Answer, AthenaSummary, Question, ReadSummary } from '@crossbucket/audit';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, printable, type Terminal } from '../terminal.ts';
import { humanBytes } from '../transfer/units.ts';
import { csv } from './csv.ts';
import { openAudit, type AuditOptions, type OpenAudit } from './open-audit.ts';
import { bars, table } from './table.ts';

export interface AskOptions extends AuditOptions {
  by?: string;
  limit?: number;
}

type Ask = (open: OpenAudit, options: AskOptions) => Question;

const QUESTIONS: Readonly<Record<string, Ask>> = {
  access: ({ audit, filters }) => audit.accessQuestion(filters),
  sessions: ({ audit, filters }) => audit.sessionsQuestion(filters),
  top: ({ audit, filters }, { by = 'principal', limit = 20 }) => audit.topQuestion(by, limit, filters),
};

/** Asks one question and prints its answer. */
export async function ask(name: string, options: AskOptions, terminal: Terminal): Promise<ExitCode> {
  const open = await openAudit(options, terminal);
  try {
    const { sql, parameters } = QUESTIONS[name]!(open, options);
    const answer = await open.engine.ask(sql, parameters, { remember: true });
    if (open.isDry) return EXIT.done;
    print(name, answer, open, options, terminal);
    return EXIT.done;
  } finally {
    await open.close();
  }
}

/** Any other question, in SQL. */
export async function askSql(sql: string, options: AskOptions, terminal: Terminal): Promise<ExitCode> {
  const open = await openAudit(options, terminal);
  try {
    const answer = await open.engine.ask(sql);
    if (!open.isDry) print('rows', answer, open, options, terminal);
    return EXIT.done;
  } finally {
    await open.close();
  }
}

export function print(
  name: string,
  answer: Answer,
  { records }: OpenAudit,
  options: AuditOptions,
  { out, err, style }: Terminal,
): void {
  const format = options.json ? 'json' : (options.format ?? 'text');
  if (format === 'json') {
    out.write(jsonLine({ [name]: answer.rows, summary: records.summary }));
    return;
  }
  if (format === 'csv') out.write(csv(answer));
  else if (answer.rows.length > 0) out.write(name === 'top' ? bars(answer, style) : table(answer, style));
  err.write(
    style.dim(`${answer.rows.length === 0 ? 'Nothing is found. ' : ''}${readText(records.summary)}\n`),
  );
}

function readText(summary: ReadSummary | AthenaSummary): string {
  if ('scannedBytes' in summary)
    return `Athena read ${humanBytes(summary.scannedBytes)} of ${printable(summary.source)}, which is what AWS charges for`;
  const { files, read, records, source } = summary;
  const known = files > read ? `, ${files - read} of them read before` : '';
  return `${records.toLocaleString('en-US')} records in ${files} files of ${printable(source)}${known}`;
}
