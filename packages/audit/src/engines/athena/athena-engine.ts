import { setTimeout as sleep } from 'node:timers/promises';
import type { AthenaClient, QueryExecution, ResultSet } from '@aws-sdk/client-athena';
import { AuditError } from '../../audit-error.ts';
import type { Scope } from '../../sources/key-layout.ts';
import type { Answer, Engine, Value } from '../engine.ts';
import { answerOf } from './answer.ts';
import { toParameter } from './parameter.ts';
import { athenaQuestion } from './query.ts';
import { defineTable, type AthenaTable } from './table.ts';

export interface AthenaOptions {
  table: AthenaTable;
  /** Files of these days are read. */
  scope?: Pick<Scope, 'since' | 'until'>;
  /** Without one, `primary`. */
  workgroup?: string | undefined;
  /** Where Athena puts results, where the workgroup does not say: `s3://BUCKET/PREFIX/`. */
  output?: string | undefined;
  /** Ends a query that runs. */
  signal?: AbortSignal | undefined;
  /** Milliseconds between two looks at a query, at first (250). */
  every?: number | undefined;
}

/** What queries took until now. */
export interface AthenaSummary {
  engine: 'athena';
  source: string;
  table: string;
  queries: number;
  /** What AWS charges for. */
  scannedBytes: number;
}

export interface AthenaEngine extends Engine {
  readonly summary: AthenaSummary;
  /** Whether the table is in the catalog. */
  hasTable(): Promise<boolean>;
  createTable(): Promise<void>;
}

/** Runs questions in Athena, and brings back their answers alone. */
export function openAthena(client: AthenaClient, options: AthenaOptions): AthenaEngine {
  const { table, scope, signal } = options;
  const { name, qualified, create } = defineTable(table);
  const summary: AthenaSummary = {
    engine: 'athena',
    source: table.location,
    table: qualified,
    queries: 0,
    scannedBytes: 0,
  };
  const run = async (sql: string, parameters: readonly Value[]): Promise<string> => {
    signal?.throwIfAborted();
    const id = await start(client, sql, parameters, options);
    const ended = await follow(client, id, options);
    summary.queries++;
    summary.scannedBytes += ended.Statistics?.DataScannedInBytes ?? 0;
    requireSuccess(ended);
    return id;
  };
  return {
    summary,
    hasTable: () => isThere(client, table.database, name, options),
    createTable: async () => void (await run(create, [])),
    async ask(sql, parameters = []): Promise<Answer> {
      const id = await run(athenaQuestion(sql, qualified, scope), parameters);
      return answerOf(await readPages(client, id, signal));
    },
    close: async () => client.destroy(),
  };
}

async function isThere(
  client: AthenaClient,
  DatabaseName: string,
  TableName: string,
  { workgroup, signal }: AthenaOptions,
): Promise<boolean> {
  const { GetTableMetadataCommand } = await import('@aws-sdk/client-athena');
  const input = { CatalogName: 'AwsDataCatalog', DatabaseName, TableName, WorkGroup: workgroup };
  try {
    await client.send(new GetTableMetadataCommand(input), { abortSignal: signal });
    return true;
  } catch (error) {
    // So Athena says that the catalog has none.
    if ((error as Error).name === 'MetadataException') return false;
    throw failure('athena:GetTableMetadata', error, signal);
  }
}

async function start(
  client: AthenaClient,
  sql: string,
  parameters: readonly Value[],
  { table, workgroup, output, signal }: AthenaOptions,
): Promise<string> {
  const { StartQueryExecutionCommand } = await import('@aws-sdk/client-athena');
  const values = parameters.map(toParameter);
  const command = new StartQueryExecutionCommand({
    QueryString: sql,
    QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: table.database },
    ...(values.length > 0 && { ExecutionParameters: values }),
    ...(workgroup !== undefined && { WorkGroup: workgroup }),
    ...(output !== undefined && { ResultConfiguration: { OutputLocation: output } }),
  });
  try {
    const { QueryExecutionId = '' } = await client.send(command, { abortSignal: signal });
    return QueryExecutionId;
  } catch (error) {
    throw failure('athena:StartQueryExecution', error, signal);
  }
}

const ENDED = new Set(['SUCCEEDED', 'FAILED', 'CANCELLED']);
const LONGEST_PAUSE = 5000;

/** Waits for the end of a query; whoever does not want to wait any longer ends it in Athena, too. */
async function follow(
  client: AthenaClient,
  QueryExecutionId: string,
  { signal, every = 250 }: AthenaOptions,
): Promise<QueryExecution> {
  const { GetQueryExecutionCommand, StopQueryExecutionCommand } = await import('@aws-sdk/client-athena');
  const command = new GetQueryExecutionCommand({ QueryExecutionId });
  for (let pause = every; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    try {
      const { QueryExecution: state = {} } = await client.send(command, { abortSignal: signal });
      if (ENDED.has(state.Status?.State ?? '')) return state;
      await sleep(pause, undefined, { signal });
    } catch (error) {
      // What it has scanned until now is charged all the same.
      await client.send(new StopQueryExecutionCommand({ QueryExecutionId })).catch(() => undefined);
      throw failure('athena:GetQueryExecution', error, signal);
    }
  }
}

function requireSuccess({ Status, QueryExecutionId = '' }: QueryExecution): void {
  const { State, StateChangeReason, AthenaError } = Status ?? {};
  if (State === 'SUCCEEDED') return;
  const why = StateChangeReason ?? AthenaError?.ErrorMessage ?? 'Athena does not say why';
  if (State === 'CANCELLED')
    throw new AuditError(
      'engine-failed',
      `query ${QueryExecutionId} was cancelled: ${why}`,
      'somebody ended it, or it read more than its workgroup allows: ask for fewer days with `--since` and `--until`',
    );
  if (/^(SYNTAX_ERROR|COLUMN_NOT_FOUND|TYPE_MISMATCH|FUNCTION_NOT_FOUND)/.test(why))
    throw new AuditError('invalid-sql', why, 'the columns of `events` are in docs/audit.md');
  throw new AuditError(
    'engine-failed',
    `query ${QueryExecutionId} failed: ${why}`,
    AthenaError?.Retryable === true
      ? 'try again'
      : 'look at the query in the console of Athena; `crossbucket permissions audit athena` prints what its caller needs',
  );
}

/** https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html */
const LARGEST_PAGE = 1000;

async function readPages(
  client: AthenaClient,
  QueryExecutionId: string,
  signal: AbortSignal | undefined,
): Promise<ResultSet[]> {
  const { GetQueryResultsCommand } = await import('@aws-sdk/client-athena');
  const pages: ResultSet[] = [];
  let NextToken: string | undefined;
  do {
    const command = new GetQueryResultsCommand({ QueryExecutionId, NextToken, MaxResults: LARGEST_PAGE });
    const page = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
      throw failure('athena:GetQueryResults', error, signal);
    });
    pages.push(page.ResultSet ?? {});
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return pages;
}

function failure(call: string, cause: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  const { name, message } = cause as Error;
  return new AuditError(
    'engine-failed',
    `${call} failed: ${name}: ${message}`,
    /output ?location/i.test(message)
      ? 'say where results go, `--output s3://BUCKET/PREFIX/`, or name a workgroup that knows it'
      : '`crossbucket permissions audit athena` prints what its caller needs',
    { cause },
  );
}
