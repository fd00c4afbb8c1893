import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type {
  GetQueryResultsCommandInput,
  GetTableMetadataCommandInput,
  QueryExecutionStatus,
  StartQueryExecutionCommandInput,
} from '@aws-sdk/client-athena';
import type { DuckDBConnection } from '@duckdb/node-api';
import { NormalizedSchema } from '@smithy/core/schema';
import { send } from '../../packages/sandbox/src/wire/answer.ts';
import { AwsError } from '../../packages/sandbox/src/wire/errors.ts';
import {
  readJsonInput,
  writeJsonError,
  writeJsonOutput,
} from '../../packages/sandbox/src/wire/json-protocol.ts';
import type { OperationModel } from '../../packages/sandbox/src/wire/model.ts';

const require = createRequire(import.meta.url);

/** Athena on the sandbox's wire layer: queries run on DuckDB, and what else happens the test says. */
export interface ScriptedAthena {
  url: string;
  started: StartQueryExecutionCommandInput[];
  stopped: string[];
  calls: string[];
  /** Qualified names of tables that are there. */
  tables: Set<string>;
  /** Refusals, by operation; each once, the first first. */
  refusals: Record<string, AwsError[]>;
  /** States that a query passes; the last stays. Without any, it succeeds at once. */
  states: QueryExecutionStatus[];
  /** Rows in a page. */
  pageSize: number;
  /** Bytes that each query is said to have read. */
  scanned: number;
  reset(): void;
  close(): Promise<void>;
}

interface Result {
  names: string[];
  types: string[];
  rows: (string | undefined)[][];
}

export async function startAthena(duckdb: DuckDBConnection): Promise<ScriptedAthena> {
  const results = new Map<string, Result>();
  const athena: ScriptedAthena = {
    url: '',
    started: [],
    stopped: [],
    calls: [],
    tables: new Set(),
    refusals: {},
    states: [],
    pageSize: 1000,
    scanned: 1_500_000,
    reset() {
      Object.assign(athena, {
        started: [],
        stopped: [],
        calls: [],
        refusals: {},
        states: [],
        pageSize: 1000,
      });
    },
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };

  const operations: Record<string, (input: never) => object | Promise<object>> = {
    async StartQueryExecution(input: StartQueryExecutionCommandInput) {
      athena.started.push(input);
      const id = `query-${athena.started.length}`;
      const made = /^CREATE EXTERNAL TABLE IF NOT EXISTS (\S+) \(/.exec(input.QueryString!);
      if (made) athena.tables.add(made[1]!);
      else results.set(id, await run(duckdb, input, athena.tables));
      return { QueryExecutionId: id };
    },
    GetQueryExecution({ QueryExecutionId }: { QueryExecutionId: string }) {
      const Status = (athena.states.length > 1 ? athena.states.shift() : athena.states[0]) ?? {
        State: 'SUCCEEDED',
      };
      return {
        QueryExecution: { QueryExecutionId, Status, Statistics: { DataScannedInBytes: athena.scanned } },
      };
    },
    GetQueryResults({ QueryExecutionId, NextToken, MaxResults = 1000 }: GetQueryResultsCommandInput) {
      const { names, types, rows } = results.get(QueryExecutionId!)!;
      const all = [names, ...rows];
      const from = Number(NextToken ?? 0);
      const to = from + Math.min(athena.pageSize, MaxResults);
      return {
        ResultSet: {
          Rows: all.slice(from, to).map((row) => ({
            Data: row.map((value) => (value === undefined ? {} : { VarCharValue: value })),
          })),
          ResultSetMetadata: { ColumnInfo: names.map((Name, at) => ({ Name, Type: types[at]! })) },
        },
        ...(to < all.length && { NextToken: String(to) }),
      };
    },
    GetTableMetadata({ DatabaseName, TableName }: GetTableMetadataCommandInput) {
      if (athena.tables.has(`${DatabaseName}.${TableName}`)) return { TableMetadata: { Name: TableName } };
      throw new AwsError('MetadataException', `EntityNotFoundException: Entity Not Found`);
    },
    StopQueryExecution({ QueryExecutionId }: { QueryExecutionId: string }) {
      athena.stopped.push(QueryExecutionId);
      return {};
    },
  };

  const http = createServer((request, response) => {
    void (async () => {
      const name = String(request.headers['x-amz-target']).split('.')[1]!;
      const operation = operationOf(name);
      athena.calls.push(name);
      const answer = await (async () => {
        try {
          const input = await readJsonInput(operation, await buffer(request));
          const refusal = athena.refusals[name]?.shift();
          if (refusal) throw refusal;
          return writeJsonOutput(operation, (await operations[name]!(input as never)) as never);
        } catch (error) {
          if (!(error instanceof AwsError)) throw error;
          return writeJsonError(error, error.status ?? 400);
        }
      })();
      await send(response, answer, { requestId: 'R', omitBody: false, protocol: 'json' });
    })();
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  athena.url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  return athena;
}

/** By the schemas that the SDK publishes. */
function operationOf(name: string): OperationModel {
  const schema = (require('@aws-sdk/client-athena') as Record<string, unknown[]>)[`${name}$`]!;
  return {
    name,
    input: NormalizedSchema.of(schema[4] as never),
    output: NormalizedSchema.of(schema[5] as never),
  };
}

/** A parameter stands in the place of its question mark as the expression that it is. */
async function run(
  duckdb: DuckDBConnection,
  { QueryString, ExecutionParameters = [] }: StartQueryExecutionCommandInput,
  tables: ReadonlySet<string>,
): Promise<Result> {
  let sql = QueryString!;
  for (const table of tables) sql = sql.replaceAll(table, 'records');
  await duckdb.run(`PREPARE asked AS ${sql}`);
  const reader = await duckdb.runAndReadAll(
    ExecutionParameters.length === 0 ? 'EXECUTE asked' : `EXECUTE asked(${ExecutionParameters.join(', ')})`,
  );
  return {
    names: reader.columnNames(),
    types: reader.columnTypes().map((type) => TYPES[String(type)] ?? 'varchar'),
    rows: reader
      .getRowsJson()
      .map((row) => row.map((value) => (value === null || value === undefined ? undefined : String(value)))),
  };
}

const TYPES: Readonly<Record<string, string>> = {
  BIGINT: 'bigint',
  HUGEINT: 'decimal',
  INTEGER: 'integer',
  DOUBLE: 'double',
  BOOLEAN: 'boolean',
  TIMESTAMP: 'timestamp',
};
