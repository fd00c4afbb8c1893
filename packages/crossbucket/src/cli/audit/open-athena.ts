import type { AthenaTable } from '@crossbucket/audit';
import { connect } from '../../accounts/index.ts';
import { confirm } from '../confirm.ts';
import { UsageError } from '../errors.ts';
import { jsonLine, type Terminal } from '../terminal.ts';
import { onInterrupt } from '../transfer/interrupt.ts';
import { filtersOf, scopeOf, type AuditOptions, type AuditPackage, type OpenAudit } from './open-audit.ts';

/** The same questions, asked of Athena: nothing of the records comes to this machine but the answer. */
export async function openAthenaAudit(
  audit: AuditPackage,
  options: AuditOptions,
  terminal: Terminal,
): Promise<OpenAudit> {
  const filters = filtersOf(audit, options);
  const table = tableOf(options);
  const scope = scopeOf(filters, options);
  if (options.dryRun === true) return openDryAudit(audit, options, terminal, table);
  const connection = await connect({ profile: options.profile });
  const { signal, done } = onInterrupt();
  const client = await audit.athenaClient(await connection.clients.config('athena', connection.region));
  const engine = audit.openAthena(client, {
    table,
    scope,
    workgroup: options.workgroup,
    output: options.output,
    signal,
    every: options.poll === undefined ? undefined : options.poll * 1000,
  });
  const close = async (): Promise<void> => {
    done();
    await engine.close();
  };
  try {
    if (!(await engine.hasTable())) await makeTable(audit, table, engine.createTable, options, terminal);
    return { audit, engine, records: { summary: engine.summary }, filters, isDry: false, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function makeTable(
  audit: AuditPackage,
  table: AthenaTable,
  create: () => Promise<void>,
  options: AuditOptions,
  terminal: Terminal,
): Promise<void> {
  terminal.err.write(`${audit.openDry(table).run.create};\n`);
  if (
    !(await confirm(
      'Create this table? It is a description of the files, and changes none of them.',
      options,
      terminal,
    ))
  )
    throw new UsageError(
      'there is no table to ask',
      'look at it with `--dry-run`, and create it with `--yes`',
    );
  await create();
}

function openDryAudit(
  audit: AuditPackage,
  options: AuditOptions,
  { out }: Terminal,
  table: AthenaTable,
): OpenAudit {
  const filters = filtersOf(audit, options);
  const engine = audit.openDry(table, scopeOf(filters, options));
  const { run } = engine;
  return {
    audit,
    engine,
    records: {
      summary: { engine: 'athena', source: table.location, table: '', queries: 0, scannedBytes: 0 },
    },
    filters,
    isDry: true,
    close: async () => {
      if (options.json === true || options.format === 'json') out.write(jsonLine(run));
      else
        out.write(
          [
            `${run.create};\n`,
            ...run.queries.map(
              ({ sql, parameters }) => `\n${sql};\n-- Execution parameters: ${JSON.stringify(parameters)}\n`,
            ),
          ].join(''),
        );
    },
  };
}

function tableOf({
  source = '',
  trail = [],
  region = [],
  since,
  database = 'default',
}: AuditOptions): AthenaTable {
  if (!source.startsWith('s3://') || trail.length === 0 || region.length === 0 || since === undefined)
    throw new UsageError(
      'Athena needs to know where the files of a trail are, and from which day on it is to read them',
      'say `--source s3://BUCKET/PREFIX/AWSLogs/`, `--trail ACCOUNT`, `--region NAME` and `--since DAY`',
    );
  const location = source.endsWith('/') ? source : `${source}/`;
  return { database, location, accounts: [...trail].toSorted(), regions: [...region].toSorted() };
}
