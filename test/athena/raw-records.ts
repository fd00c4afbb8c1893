import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { textOf, type LogFile } from '../cloudtrail-logs/index.ts';

/** Columns that hold JSON as a text. */
const TEXTS = new Set(['requestparameters', 'responseelements', 'additionaleventdata']);

/**
 * A table of raw records as Athena's reader of CloudTrail's files gives them (names in small letters, objects without a
 * column of their own as texts), and the functions of Athena's that the views over it use, in DuckDB's words.
 */
export async function createRecords(
  duckdb: DuckDBConnection,
  folder: string,
  files: readonly LogFile[],
): Promise<void> {
  const lines = files.flatMap((file) => {
    const { Records } = JSON.parse(textOf(file)) as { Records: Record<string, unknown>[] };
    const [, account, region, year, month, day] =
      /(\d{12})\/CloudTrail\/([^/]+)\/(\d+)\/(\d+)\/(\d+)\//.exec(file.key) ?? [];
    const partition = { account, trail_region: region, day: `${year}/${month}/${day}`, $path: file.key };
    return Records.map((record) => JSON.stringify({ ...flatten(record), ...partition }));
  });
  const path = join(folder, 'records.jsonl');
  writeFileSync(path, lines.join('\n'));
  const text = (...names: string[]) => names.map((name) => `${name}: 'VARCHAR'`).join(', ');
  await duckdb.run(`CREATE TABLE records AS SELECT * FROM read_json('${path}', format = 'newline_delimited', columns = {
    ${text('eventversion', 'eventtime', 'eventsource', 'eventname', 'awsregion', 'sourceipaddress', 'useragent', 'errorcode')},
    ${text('errormessage', 'requestparameters', 'responseelements', 'additionaleventdata', 'requestid', 'eventid')},
    ${text('readonly', 'eventtype', 'managementevent', 'recipientaccountid', 'sharedeventid', 'vpcendpointid')},
    ${text('eventcategory', 'account', 'trail_region', 'day', '"$path"')},
    useridentity: 'STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, invokedby VARCHAR,
      accesskeyid VARCHAR, username VARCHAR, identityprovider VARCHAR, sessioncontext STRUCT(
      attributes STRUCT(mfaauthenticated VARCHAR, creationdate VARCHAR),
      sessionissuer STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, username VARCHAR),
      sourceidentity VARCHAR))',
    resources: 'STRUCT(arn VARCHAR, accountid VARCHAR, type VARCHAR)[]'
  })`);
  await duckdb.run('CREATE MACRO from_iso8601_timestamp(text) AS CAST(text AS TIMESTAMP)');
  await duckdb.run('CREATE MACRO json_extract_scalar(text, path) AS json_extract_string(text, path)');
  await duckdb.run('CREATE MACRO element_at(list, place) AS list_extract(list, place)');
}

const flatten = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(record).map(([name, value]) => {
      const key = name.toLowerCase();
      if (!TEXTS.has(key)) return [key, inSmall(value)];
      return [key, value === null || value === undefined ? null : JSON.stringify(value)];
    }),
  );

function inSmall(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inSmall);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name.toLowerCase(), inSmall(inner)]),
  );
}
