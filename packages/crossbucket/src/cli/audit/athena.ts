import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { filtersOf, loadAudit, type AuditOptions } from './open-audit.ts';

export interface AthenaOptions extends AuditOptions {
  table: string;
}

/** What Athena is to run: the table over a trail's files, and a question with its parameters. Nothing is called. */
export async function athena(name: string, options: AthenaOptions, terminal: Terminal): Promise<ExitCode> {
  const audit = await loadAudit();
  const { source = '', trail = [], region = [], since, table } = options;
  if (!source.startsWith('s3://') || trail.length === 0 || region.length === 0 || since === undefined)
    throw new UsageError(
      "a table over a trail's files needs to know where they are",
      'say `--source s3://BUCKET/PREFIX/AWSLogs/`, `--trail ACCOUNT`, `--region NAME` and `--since DAY`',
    );
  const filters = filtersOf(audit, options);
  const ask = new Map([
    ['access', audit.accessQuestion],
    ['denied', audit.deniedQuestion],
    ['sessions', audit.sessionsQuestion],
  ]).get(name);
  const question = ask?.(filters);
  if (question === undefined)
    throw new UsageError(`\`${name}\` is no question of Athena's`, 'ask for access, denied or sessions');
  const create = audit.athenaTable({
    table,
    location: source.endsWith('/') ? source : `${source}/`,
    accounts: trail,
    regions: region,
    since: new Date(filters.since ?? 0).toISOString().slice(0, 10).replaceAll('-', '/'),
  });
  const result = {
    create,
    query: audit.athenaQuestion(question.sql, table),
    parameters: question.parameters,
  };
  if (options.json) terminal.out.write(`${JSON.stringify(result)}\n`);
  else
    terminal.out.write(
      `${result.create};\n\n${result.query};\n\n-- Execution parameters: ${JSON.stringify(result.parameters)}\n`,
    );
  return EXIT.done;
}
