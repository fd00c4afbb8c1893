import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DATA,
  generateLogs,
  sourceOf,
  trueAccess,
  trueDenials,
  trueSessions,
  trueTop,
  writeLogs,
  type Call,
  type Rows,
} from '../../../../test/cloudtrail-logs/index.ts';
import type { AnswerRow, Engine } from '../engines/engine.ts';
import { openDuckDb } from '../engines/duckdb.ts';
import { EVENTS_OF_RAW } from '../engines/events.ts';
import { loadRecords, type LoadedRecords } from '../load-records.ts';
import { folderSource } from '../sources/folder.ts';
import { type Filters, parseTime } from './filters.ts';
import { deniedQuestion } from './denied.ts';
import { accessQuestion, type Question, sessionsQuestion, topQuestion } from './questions.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossbucket-questions-'));
const { calls, files } = generateLogs({ seed: 3, calls: 6000, days: 4, files: 12 });
let records: LoadedRecords;
let engine: Engine;

beforeAll(async () => {
  writeLogs(folder, files);
  records = await loadRecords(await folderSource(folder), { cache: false });
  engine = await openDuckDb(records);
});
afterAll(async () => {
  await engine.close();
  records.close();
  rmSync(folder, { recursive: true });
});

const asked = async ({ sql, parameters }: Question): Promise<AnswerRow[]> =>
  (await engine.ask(sql, parameters)).rows;

/** Rows by the columns that tell them apart. */
function byName(rows: readonly AnswerRow[], names: readonly string[]): Rows {
  return Object.fromEntries(
    rows.map((row) => {
      const rest = Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)));
      return [names.length === 1 ? row[names[0]!] : JSON.stringify(names.map((name) => row[name])), rest];
    }),
  );
}

const DENIED = ['service', 'source_account', 'principal', 'role', 'bucket', 'prefix', 'target', 'action'];
const ACCESS = ['source_account', 'route', 'principal', 'role', 'bucket', 'prefix', 'action'];

describe('every answer is the truth', () => {
  test('access', async () => {
    expect(byName(await asked(accessQuestion({})), ACCESS)).toEqual(trueAccess(calls));
  });

  test('sessions', async () => {
    const rows = byName(await asked(sessionsQuestion({})), ['access_key']);
    const truth = trueSessions(calls);
    expect(Object.keys(rows).toSorted()).toEqual(Object.keys(truth).toSorted());
    for (const [key, row] of Object.entries(truth)) expect(rows[key]).toMatchObject(row);
  });

  test('denied', async () => {
    const rows = byName(await asked(deniedQuestion({})), DENIED);
    const truth = trueDenials(calls);
    expect(Object.keys(rows).toSorted()).toEqual(Object.keys(truth).toSorted());
    for (const [name, row] of Object.entries(truth)) expect(rows[name]).toMatchObject(row);
  });

  test.each<[string, (call: Call) => string]>([
    ['account', (call) => sourceOf(call).account],
    ['route', (call) => sourceOf(call).route],
    ['bucket', (call) => call.bucket!.name],
    ['action', (call) => call.name],
    ['error', (call) => call.error?.code ?? ''],
    ['day', (call) => `${new Date(call.time * 1000).toISOString().slice(0, 10)} 00:00:00`],
  ])('top by %s', async (by, nameOf) => {
    expect(byName(await asked(topQuestion(by, 1000, {})), ['value'])).toEqual(trueTop(calls, nameOf));
  });
});

describe('a filter leaves just what it names', () => {
  const day = Date.parse('2026-08-02T00:00:00Z');
  test.each<[string, Filters, (call: Call) => boolean]>([
    [
      'since and until',
      { since: day, until: day + 86_400_000 },
      ({ time }) => time * 1000 >= day && time * 1000 < day + 86_400_000,
    ],
    ['bucket', { bucket: 'acme-raw' }, ({ bucket }) => bucket?.name === 'acme-raw'],
    ['account', { account: '111111111111' }, (call) => sourceOf(call).account === '111111111111'],
    ['principal', { principal: 'user/partner' }, (call) => sourceOf(call).principal.includes('user/partner')],
    ['call', { action: 'GetObject' }, ({ name }) => name === 'GetObject'],
    ['action', { action: 's3:ListBucket' }, ({ name }) => name === 'ListObjects'],
    ['a text that is SQL', { bucket: "x' OR '1'='1" }, () => false],
  ])('%s', async (_, filters, isMeant) => {
    const meant = calls.filter((call) => call.bucket !== undefined && isMeant(call));
    expect(byName(await asked(accessQuestion(filters)), ACCESS)).toEqual(trueAccess(meant));
  });

  test.each(['soon', '2026-13-45', ''])('`%s` is no time', (text) => {
    expect(() => parseTime(text)).toThrow(expect.objectContaining({ code: 'invalid-filter' }));
  });
});

test('copies are the same ones when all rows are numbered, as Athena does it', async () => {
  const ids = async (sql: string) => (await engine.ask(sql)).rows.map(({ event_id: id }) => id);
  const numbered = await ids(`SELECT event_id FROM (${EVENTS_OF_RAW}) ORDER BY event_id`);
  expect(numbered).toHaveLength(calls.length);
  expect(await ids('SELECT event_id FROM events ORDER BY event_id')).toEqual(numbered);
});

test("with the owner's trail alone, accounts are still known, and principals by their ids", async () => {
  const only = generateLogs({ seed: 4, calls: 1500, days: 1, files: 3, trails: [DATA] });
  const place = join(folder, 'owner');
  writeLogs(place, only.files);
  const loaded = await loadRecords(await folderSource(place), { cache: false });
  const own = await openDuckDb(loaded);
  try {
    const { sql, parameters } = topQuestion('account', 100, {});
    const seen = only.calls.filter(({ copies }) => copies.some(({ account }) => account === DATA));
    const answer = byName((await own.ask(sql, parameters)).rows, ['value']);
    const truth = trueTop(seen, (call) => sourceOf(call).account);
    expect(Object.keys(answer).toSorted()).toEqual(Object.keys(truth).toSorted());
    // A bucket-policy call's caller is known from the record itself.
    expect(answer['anonymous']).toEqual(truth['anonymous']);
  } finally {
    await own.close();
    loaded.close();
  }
});

describe('nothing but what was read is in reach', () => {
  test.each([
    "SELECT * FROM read_text('/etc/passwd')",
    "COPY (SELECT 1) TO '/tmp/crossbucket-out.csv'",
    "ATTACH '/tmp/crossbucket-other.db'",
    'INSTALL httpfs',
    "SET memory_limit = '10GB'",
    'SET enable_external_access = true',
  ])('%s', async (sql) => {
    await expect(engine.ask(sql)).rejects.toMatchObject({ code: 'invalid-sql' });
  });
});
