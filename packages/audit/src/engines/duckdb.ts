import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { AuditError } from '../audit-error.ts';
import type { LoadedRecords } from '../load-records.ts';
import type { Answer, AnswerRow, Engine, Value } from './engine.ts';
import { rememberAnswers } from './remember.ts';
import { COLUMNS, EVENTS_WITHOUT_COPIES, FURTHER_COPIES } from './events.ts';

/** What an answer may take, beside this process and what it reads. */
const MEMORY = '220MB';

/** DuckDB over what was read, opened at the first question that needs it. */
export const openEngine = (records: LoadedRecords): Engine =>
  rememberAnswers(records, () => openDuckDb(records));

/** DuckDB over what was read. It can read nothing else, write nothing and load nothing. */
export async function openDuckDb({ folder, files, only }: LoadedRecords): Promise<Engine> {
  const { connection, close } = await connectTo([folder], (connection) =>
    createViews(connection, folder, files, only),
  );
  return { ask: (sql, parameters) => ask(connection, sql, parameters ?? []), close };
}

/** A database in memory that has nothing but these folders in reach, for good. */
export async function connectTo(
  folders: readonly string[],
  prepare?: (connection: DuckDBConnection) => Promise<void>,
): Promise<{ connection: DuckDBConnection; close(): Promise<void> }> {
  // Loading it takes longer than many an answer.
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: MEMORY,
    preserve_insertion_order: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    threads: '2',
  });
  const connection = await instance.connect();
  const close = async (): Promise<void> => {
    connection.closeSync();
    instance.closeSync();
  };
  try {
    await connection.run(`SET allowed_directories = [${folders.map(quoted).join(', ')}]`);
    await connection.run('SET enable_external_access = false');
    await prepare?.(connection);
    await connection.run('SET lock_configuration = true');
  } catch (error) {
    await close();
    throw error;
  }
  return { connection, close };
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

async function createViews(
  connection: DuckDBConnection,
  folder: string,
  files: readonly string[],
  only: string[] | undefined,
): Promise<void> {
  if (only !== undefined) {
    await connection.run('CREATE TEMP TABLE asked (file VARCHAR)');
    const appender = await connection.createAppender('asked');
    for (const file of only) {
      appender.appendVarchar(file);
      appender.endRow();
    }
    appender.closeSync();
  }
  const raw = rowsOf(files);
  const scope = only === undefined ? '' : ' WHERE source_file IN (SELECT file FROM asked)';
  await connection.run(`CREATE VIEW raw AS SELECT * FROM (${raw})${scope}`);
  await findCopies(connection, folder, files, only !== undefined);
  await connection.run(`CREATE VIEW events AS ${EVENTS_WITHOUT_COPIES}`);
}

/** The raw records of parts; of none of them, none. */
export const rowsOf = (files: readonly string[]): string =>
  files.length === 0
    ? `SELECT ${COLUMNS.map(({ name, type }) => `CAST(NULL AS ${type}) AS ${name}`).join(', ')}, CAST(NULL AS BIGINT) AS row_id WHERE false`
    : `SELECT * FROM read_parquet([${files.map(quoted).join(', ')}])`;

/** Which rows are further copies is kept beside the parts, for as long as these are the same. */
async function findCopies(
  connection: DuckDBConnection,
  folder: string,
  files: readonly string[],
  isLimited: boolean,
): Promise<void> {
  const names = files.map((file) => basename(file)).toSorted();
  const hash = createHash('sha256').update(names.join('\n')).digest('hex').slice(0, 32);
  const kept = join(folder, `${hash}.copies`);
  if (!isLimited && existsSync(kept)) {
    const isRead = await connection
      .run(`CREATE TEMP TABLE copies AS SELECT row_id FROM read_parquet(${quoted(kept)})`)
      .then(() => true)
      .catch(() => false);
    if (isRead) return;
  }
  await connection.run(`CREATE TEMP TABLE copies AS ${FURTHER_COPIES}`);
  if (isLimited || files.length === 0) return;
  for (const name of readdirSync(folder))
    if (name.endsWith('.copies')) rmSync(join(folder, name), { force: true });
  await connection.run(`COPY copies TO ${quoted(`${kept}.new`)} (FORMAT parquet)`);
  chmodSync(`${kept}.new`, 0o600);
  renameSync(`${kept}.new`, kept);
}

async function ask(connection: DuckDBConnection, sql: string, parameters: readonly Value[]): Promise<Answer> {
  const reader = await connection.runAndReadAll(sql, [...parameters]).catch((cause: unknown) => {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AuditError(
      'invalid-sql',
      message.split('\n')[0] ?? message,
      'the columns of `events` are in docs/audit.md',
      {
        cause,
      },
    );
  });
  const columns = reader.deduplicatedColumnNames();
  const rows = reader
    .getRowsJS()
    .map((row): AnswerRow => Object.fromEntries(columns.map((name, index) => [name, plain(row[index])])));
  return { columns, rows };
}

/** A value of DuckDB's as one of ours. */
export function plain(value: unknown): Value {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return (
    JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? Number(inner) : inner)) ?? null
  );
}
