import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AthenaClient } from '@aws-sdk/client-athena';
import { DuckDBInstance } from '@duckdb/node-api';
import { startSandbox, type Sandbox } from '@crossbucket/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { openAthena } from '../../packages/audit/src/engines/athena/athena-engine.ts';
import { crossbucket } from '../../packages/crossbucket/src/cli/testing/command-line.ts';
import { AwsError } from '../../packages/sandbox/src/wire/errors.ts';
import { ACCOUNTS, generateLogs, trueAccess, writeLogs } from '../cloudtrail-logs/index.ts';
import { createRecords } from './raw-records.ts';
import { startAthena, type ScriptedAthena } from './scripted-athena.ts';

const DATA = '222222222222';
const SOURCE = 's3://acme-trail/AWSLogs/';
const { calls, files } = generateLogs({ seed: 12, calls: 700, days: 2, files: 6 });
const regions = [...new Set(calls.map(({ region }) => region))];

let folder: string;
let aws: Sandbox;
let athena: ScriptedAthena;
let instance: DuckDBInstance;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossbucket-athena-'));
  writeLogs(join(folder, 'logs'), files);
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const duckdb = await instance.connect();
  await createRecords(duckdb, folder, files);
  for (const name of Object.keys(process.env)) if (/^AWS_(?!SDK_JS_)/.test(name)) vi.stubEnv(name, undefined);
  [aws, athena] = await Promise.all([startSandbox({ accounts: [DATA] }), startAthena(duckdb)]);
  const { accessKeyId, secretAccessKey } = aws.account(DATA).root;
  const config = join(folder, 'config');
  writeFileSync(
    config,
    `[profile data]\nregion = eu-west-1\nendpoint_url = ${aws.endpoint}\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`,
  );
  vi.stubEnv('AWS_CONFIG_FILE', config);
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'none'));
  vi.stubEnv('AWS_ENDPOINT_URL_ATHENA', athena.url);
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([aws.close(), athena.close()]);
  instance.closeSync();
  rmSync(folder, { recursive: true });
});
beforeEach(() => athena.reset());

const where = [
  '--source',
  SOURCE,
  '--since',
  '2026-07-01',
  ...ACCOUNTS.flatMap((account) => ['--trail', account]),
  ...regions.flatMap((region) => ['--region', region]),
];
const onAthena = (...argv: string[]) =>
  crossbucket('audit', ...argv, '--engine', 'athena', '--profile', 'data', '--poll', '0.01', ...where);
const here = (...argv: string[]) => crossbucket('audit', ...argv, '--source', join(folder, 'logs'));

test('a dry run shows the table and the question, and calls nobody', async () => {
  const { exit, out, err } = await onAthena('access', '--dry-run', '--bucket', "b'--");
  expect({ exit, err, calls: athena.calls }).toEqual({ exit: 0, err: '', calls: [] });
  expect(out).toContain('CREATE EXTERNAL TABLE IF NOT EXISTS default.crossbucket_audit_');
  expect(out).toContain(`-- Execution parameters: ["'2026-07-01 00:00:00'","'b''--'"]`);
  expect(out).toContain("WHERE day >= '2026/06/30'");
  const json = JSON.parse((await onAthena('findings', '--dry-run', '--json')).out) as { queries: unknown[] };
  expect(json.queries.length).toBeGreaterThan(3);
});

test('the table is created once, after asking', async () => {
  const refused = await onAthena('access');
  expect(refused).toMatchObject({ exit: 2, out: '', err: expect.stringContaining('there is nobody to ask') });
  expect(refused.err).toContain('CREATE EXTERNAL TABLE IF NOT EXISTS');
  expect(athena.started).toEqual([]);
  const first = await onAthena(
    'access',
    '--yes',
    '--json',
    '--workgroup',
    'audits',
    '--output',
    's3://acme-results/',
  );
  expect(first).toMatchObject({ exit: 0, err: expect.stringContaining('CREATE EXTERNAL TABLE') });
  expect(athena.started).toMatchObject([
    { QueryString: expect.stringMatching(/^CREATE EXTERNAL TABLE/) },
    { QueryString: expect.stringMatching(/^WITH raw AS/), ExecutionParameters: ["'2026-07-01 00:00:00'"] },
  ]);
  for (const query of athena.started)
    expect(query).toMatchObject({
      WorkGroup: 'audits',
      ResultConfiguration: { OutputLocation: 's3://acme-results/' },
      QueryExecutionContext: { Catalog: 'AwsDataCatalog', Database: 'default' },
    });
  const { access, summary } = JSON.parse(first.out) as { access: unknown[]; summary: object };
  expect(access).toHaveLength(Object.keys(trueAccess(calls)).length);
  expect(summary).toMatchObject({ engine: 'athena', queries: 2, scannedBytes: 3_000_000 });
  const second = await onAthena('top');
  expect(second).toMatchObject({
    exit: 0,
    err: expect.stringContaining('Athena read 1.4 MiB of s3://acme-trail/AWSLogs/'),
  });
  expect(athena.started).toHaveLength(3);
});

describe('the answer is that of this machine', () => {
  /** Members that are told otherwise: a request is whole there, and a file's name is its key. */
  const REST = new Set(['request', 'file', 'summary']);
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => (REST.has(name) ? [] : [[name, plain(inner)]])),
    );
  };

  test.each([
    ['access'],
    ['access', '--bucket', "x' OR '1'='1"],
    ['access', '--principal', 'user/partner', '--action', 's3:GetObject'],
    ['denied'],
    ['sessions'],
    ['top', '--by', 'day'],
    ['findings'],
    [
      'sql',
      'WITH a AS (SELECT count(*) AS n FROM events) SELECT n, n > 5 AS many, CAST(NULL AS varchar) AS none FROM a',
    ],
  ])('%s %s %s', async (...argv) => {
    athena.pageSize = 7;
    const [there, local] = await Promise.all([onAthena(...argv, '--json'), here(...argv, '--json')]);
    expect(there.exit).toBe(local.exit);
    expect(plain(JSON.parse(there.out))).toEqual(plain(JSON.parse(local.out)));
    if (argv.length === 1)
      expect(athena.calls.filter((name) => name === 'GetQueryResults').length).toBeGreaterThan(1);
  });
});

describe('what goes wrong is said, with what to do', () => {
  const running = { State: 'RUNNING' as const };
  test.each([
    [
      [
        { State: 'QUEUED' as const },
        running,
        { State: 'FAILED' as const, StateChangeReason: 'GENERIC_INTERNAL_ERROR: boom\u001B[2J' },
      ],
      3,
      'failed: GENERIC_INTERNAL_ERROR: boom',
      'permissions audit athena',
    ],
    [
      [
        {
          State: 'FAILED' as const,
          AthenaError: { Retryable: true, ErrorMessage: 'Query exhausted resources' },
        },
      ],
      3,
      'exhausted resources',
      'try again',
    ],
    [
      [running, { State: 'CANCELLED' as const, StateChangeReason: 'Bytes scanned limit was exceeded' }],
      3,
      'Bytes scanned limit',
      'fewer days',
    ],
    [
      [{ State: 'FAILED' as const, StateChangeReason: 'SYNTAX_ERROR: line 1' }],
      2,
      'SYNTAX_ERROR',
      'docs/audit.md',
    ],
  ])('%j', async (states, exit, message, help) => {
    athena.states = states;
    const ended = await onAthena('access');
    expect(ended).toMatchObject({ exit, out: '', err: expect.stringContaining(message) });
    expect(ended.err).toContain(help);
    expect(ended.err).not.toContain('\u001B');
  });

  test.each([
    [
      'StartQueryExecution',
      'InvalidRequestException',
      'No output location provided. An output location is required',
      '--output s3://',
    ],
    [
      'StartQueryExecution',
      'AccessDeniedException',
      'not authorized to perform athena:StartQueryExecution',
      'permissions audit athena',
    ],
    ['GetTableMetadata', 'AccessDeniedException', 'not authorized', 'permissions audit athena'],
    ['GetQueryResults', 'InvalidRequestException', 'Query has not yet finished', 'permissions audit athena'],
  ])('%s: %s', async (operation, code, message, help) => {
    athena.refusals = { [operation]: [new AwsError(code, message)] };
    const ended = await onAthena('access');
    expect(ended).toMatchObject({
      exit: 3,
      out: '',
      err: expect.stringContaining(`athena:${operation} failed: ${code}`),
    });
    expect(ended.err).toContain(help);
  });

  test('throttled calls are sent again', async () => {
    const throttled = () => new AwsError('TooManyRequestsException', 'Rate exceeded', { status: 400 });
    athena.refusals = { StartQueryExecution: [throttled()] };
    expect(await onAthena('top', '--json')).toMatchObject({ exit: 0 });
    expect(athena.started).toHaveLength(1);
  });

  test.each([
    [['access', '--source', 's3://b/'], 'Athena needs to know where the files of a trail are'],
    [['access', '--dry-run', '--source', '.'], 'a dry run is of Athena'],
    [['verify', '--engine', 'athena'], "unknown option '--engine'"],
  ])('%j', async (argv, message) => {
    const engine = argv.includes('--dry-run') || argv.includes('--engine') ? [] : ['--engine', 'athena'];
    const { exit, err } = await crossbucket('audit', ...argv, ...engine);
    expect([exit, err]).toEqual([2, expect.stringContaining(message)]);
  });
});

test('a query that nobody waits for any longer is stopped', async () => {
  const abort = new AbortController();
  athena.states = [{ State: 'RUNNING' }];
  const engine = openAthena(
    new AthenaClient({ region: 'eu-west-1', endpoint: athena.url, credentials: aws.account(DATA).root }),
    {
      table: { database: 'default', location: SOURCE, accounts: [DATA], regions },
      scope: {},
      signal: abort.signal,
      every: 5,
    },
  );
  athena.tables.add(engine.summary.table);
  const asked = engine.ask('SELECT count(*) AS n FROM events');
  await vi.waitFor(() => expect(athena.calls).toContain('GetQueryExecution'));
  abort.abort(new Error('interrupted'));
  await expect(asked).rejects.toThrow('interrupted');
  expect(athena.stopped.length).toBeGreaterThan(0);
  await engine.close();
});
