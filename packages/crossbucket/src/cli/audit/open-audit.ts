import type {
  AthenaSummary,
  Engine,
  Filters,
  LoadedRecords,
  LookupOptions,
  ReadSummary,
  Scope,
  Source,
} from '@crossbucket/audit';
import { UsageError } from '../errors.ts';
import { printable, type Terminal } from '../terminal.ts';

/** Options that every question has. */
export interface AuditOptions {
  source?: string;
  profile?: string;
  region?: string[];
  trail?: string[];
  since?: string;
  until?: string;
  bucket?: string;
  principal?: string;
  account?: string;
  action?: string;
  format?: 'text' | 'json' | 'csv';
  json?: boolean;
  cache: boolean;
  engine?: 'duckdb' | 'athena';
  /** Of Athena alone. */
  database?: string;
  workgroup?: string;
  output?: string;
  dryRun?: boolean;
  yes?: boolean;
  poll?: number;
}

export type AuditPackage = typeof import('@crossbucket/audit');

/** The package, which is only there where somebody has asked for it. */
export async function loadAudit(): Promise<AuditPackage> {
  try {
    return await import('@crossbucket/audit');
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ERR_MODULE_NOT_FOUND') throw cause;
    throw new UsageError(
      'auditing needs the package `@crossbucket/audit`, which is not installed',
      'install it beside crossbucket: `npm install @crossbucket/audit` (it brings DuckDB, some 70 MB)',
      { cause },
    );
  }
}

/** Records that are read and can be asked about. */
export interface OpenAudit {
  audit: AuditPackage;
  engine: Engine;
  records: { summary: ReadSummary | AthenaSummary };
  filters: Filters;
  /** Nothing is asked: what would be is printed at the end, and nothing else. */
  isDry: boolean;
  close(): Promise<void>;
}

export async function openAudit(options: AuditOptions, terminal: Terminal): Promise<OpenAudit> {
  const audit = await loadAudit();
  if (options.engine === 'athena') {
    const { openAthenaAudit } = await import('./open-athena.ts');
    return openAthenaAudit(audit, options, terminal);
  }
  if (options.dryRun === true)
    throw new UsageError(
      'a dry run is of Athena',
      'add `--engine athena`; what is on this machine costs nothing',
    );
  const filters = filtersOf(audit, options);
  const source = await openSource(audit, options);
  const records = await audit.loadRecords(source, { scope: scopeOf(filters, options), cache: options.cache });
  try {
    report(records, terminal);
    const engine = audit.openEngine(records);
    return {
      audit,
      engine,
      records,
      filters,
      isDry: false,
      close: async () => {
        await engine.close();
        records.close();
      },
    };
  } catch (error) {
    records.close();
    throw error;
  }
}

export function filtersOf(audit: AuditPackage, options: AuditOptions): Filters {
  const { since, until, bucket, principal, account, action } = options;
  return {
    since: since === undefined ? undefined : audit.parseTime(since),
    until: until === undefined ? undefined : audit.parseTime(until),
    bucket,
    principal,
    account,
    action,
  };
}

/** Sessions may have begun half a day before what they did. */
const LONGEST_SESSION = 12 * 3600 * 1000;

export function scopeOf({ since, until }: Filters, { region, trail }: AuditOptions): Scope {
  return {
    since: since === undefined ? undefined : since - LONGEST_SESSION,
    until,
    regions: region,
    accounts: trail,
  };
}

export async function openSource(
  audit: AuditPackage,
  options: AuditOptions,
  lookup: LookupOptions = {},
): Promise<Source> {
  const { source, profile, region = [] } = options;
  if (source === undefined)
    throw new UsageError(
      'there is nothing to read',
      'name a folder or file of CloudTrail records, `s3://BUCKET/PREFIX`, `lookup` or `-` with `--source`',
    );
  if (source === '-') return audit.streamSource(process.stdin);
  if (!source.startsWith('s3://') && source !== 'lookup') return audit.folderSource(source);
  // Before anybody is asked.
  if (source !== 'lookup') audit.parseS3Uri(source);
  const { connect } = await import('../../accounts/index.ts');
  const connection = await connect({ profile });
  if (source === 'lookup') {
    const regions = region.length > 0 ? region : [connection.region];
    return audit.lookupSource(
      await Promise.all(
        regions.map(async (name) => ({ region: name, client: await connection.clients.cloudtrail(name) })),
      ),
      lookup,
    );
  }
  const client = await connection.clients.s3(region[0] ?? connection.region);
  const found = await client.config.endpoint?.();
  return audit.s3Source(source, client, found === undefined ? '' : `${found.hostname}:${found.port ?? ''}`);
}

/** What could not be read, shortly: never left out. */
function report({ summary }: LoadedRecords, { err, style }: Terminal): void {
  const { problems, note } = summary;
  if (note !== undefined) err.write(`${style.bold('note')}: ${note}\n`);
  for (const { file, count, detail } of problems.slice(0, 20))
    err.write(
      `${style.bold('note')}: ${printable(file)}: ${count > 1 ? `${count} records ` : ''}${printable(detail)}\n`,
    );
  if (problems.length > 20)
    err.write(`${style.bold('note')}: ${problems.length - 20} more files like these; \`--json\` lists all\n`);
}
