import type { Answer, Question } from '@crossbucket/audit';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
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
    print('rows', await open.engine.ask(sql), open, options, terminal);
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
    out.write(`${JSON.stringify({ [name]: answer.rows, summary: records.summary })}\n`);
    return;
  }
  if (format === 'csv') out.write(csv(answer));
  else if (answer.rows.length > 0) out.write(name === 'top' ? bars(answer, style) : table(answer, style));
  const { files, read, records: count, source } = records.summary;
  err.write(
    style.dim(
      `${answer.rows.length === 0 ? 'Nothing is found. ' : ''}${count.toLocaleString('en-US')} records in ${files} files of ${source}${files > read ? `, ${files - read} of them read before` : ''}\n`,
    ),
  );
}
