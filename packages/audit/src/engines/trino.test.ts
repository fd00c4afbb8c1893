import { TrinoSQL } from 'dt-sql-parser';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventsToJudge } from '../findings/find-findings.ts';
import { EVENT_RULES, GROUP_RULES } from '../findings/rules/index.ts';
import { deniedQuestion } from '../questions/denied.ts';
import type { Filters } from '../questions/filters.ts';
import {
  accessQuestion,
  DIMENSIONS,
  sessionsQuestion,
  spanQuestion,
  topQuestion,
  usedQuestion,
  type Question,
} from '../questions/questions.ts';
import { WITH_USES } from '../questions/uses.ts';
import { watchQuestion } from '../questions/watch-question.ts';
import { toParameter } from './athena/parameter.ts';
import { athenaQuestion } from './athena/query.ts';
import { defineTable } from './athena/table.ts';
import { openDuckDb } from './duckdb.ts';
import type { Engine } from './engine.ts';
import { EVENTS_OF_RAW } from './events.ts';

const parser = new TrinoSQL();

/** Every question that is ever asked, with all that a user can limit it by. */
const ask: Record<string, (filters: Filters) => Question> = {
  access: accessQuestion,
  denied: deniedQuestion,
  sessions: sessionsQuestion,
  used: usedQuestion,
  span: spanQuestion,
  watch: watchQuestion,
  'events of findings': (filters) => {
    const [sql, parameters] = eventsToJudge(filters, EVENT_RULES);
    return { sql, parameters };
  },
  ...Object.fromEntries(
    Object.keys(DIMENSIONS).map((by) => [`top by ${by}`, (filters: Filters) => topQuestion(by, 10, filters)]),
  ),
  ...Object.fromEntries(
    GROUP_RULES.map(({ code, sql }) => [
      code,
      () => ({ sql: `${WITH_USES}${sql}\nORDER BY first_time, principal, resource`, parameters: [] }),
    ]),
  ),
};
const NAMES = Object.keys(ask);
const FILTERS = { since: 0, until: 1, bucket: 'b', principal: 'p', account: 'a', action: 's3:GetObject' };
/** What would be SQL, if anybody took it for that. */
const HOSTILE = {
  ...FILTERS,
  bucket: "b' OR '1'='1",
  principal: `x'); DROP TABLE events; -- \\' " ? /* \u001B[2J`,
  account: "'",
};

/** Functions that mean the same to DuckDB and to Athena. */
const FUNCTIONS = new Set([
  'cast',
  'coalesce',
  'concat',
  'count',
  'date_diff',
  'date_trunc',
  'max',
  'min',
  'regexp_extract',
  'replace',
  'row_number',
  'split_part',
  'strpos',
  'substr',
  'sum',
]);
/** Those that Athena gets its raw columns by. */
const OF_ATHENA = new Set([
  ...FUNCTIONS,
  'element_at',
  'filter',
  'from_iso8601_timestamp',
  'json_extract_scalar',
]);
const NOT_FUNCTIONS = new Set([
  'and',
  'as',
  'by',
  'case',
  'distinct',
  'from',
  'in',
  'join',
  'not',
  'on',
  'or',
  'over',
  'then',
  'when',
  'where',
]);

const withoutTexts = (sql: string): string => sql.replaceAll(/'[^']*'/g, "''");

function calledIn(sql: string): string[] {
  const names = [...withoutTexts(sql).matchAll(/\b([a-z_0-9]+)\s*\(/gi)].map(([, name]) =>
    name!.toLowerCase(),
  );
  const tables = new Set(
    [...withoutTexts(sql).matchAll(/\b([a-z_]+) AS \(/gi)].map(([, name]) => name!.toLowerCase()),
  );
  return names.filter((name) => !NOT_FUNCTIONS.has(name) && !tables.has(name));
}

let engine: Engine;
beforeAll(async () => {
  engine = await openDuckDb({
    folder: '/nowhere',
    files: [],
    only: undefined,
    summary: { source: '', files: 0, read: 0, records: 0, problems: [] },
    unread: [],
    isKept: false,
    close: () => undefined,
  });
});
afterAll(() => engine.close());

test('the parser knows what is no SQL', () => {
  expect(parser.validate('SELECT FROM WHERE;')).not.toEqual([]);
});

describe.each(NAMES)('%s', (name) => {
  const { sql, parameters } = ask[name]!(FILTERS);
  const onAthena = athenaQuestion(sql, 'default.audit', { since: 0, until: 1 });

  test('is understood by Athena, as it is and over a table of raw records', () => {
    expect(parser.validate(`${sql};`)).toEqual([]);
    expect(parser.validate(`${onAthena};`)).toEqual([]);
  });

  test('calls no function of one engine only', () => {
    expect(calledIn(sql).filter((called) => !FUNCTIONS.has(called))).toEqual([]);
    expect(calledIn(onAthena).filter((called) => !OF_ATHENA.has(called))).toEqual([]);
    // Casts as `::`, and division, which rounds in one and not in the other.
    expect(withoutTexts(sql)).not.toMatch(/::| \/ |\bRECURSIVE\b|\bQUALIFY\b/i);
  });

  test('has a parameter for each question mark, all of them where Athena takes them', () => {
    const marks = withoutTexts(sql).split('?').length - 1;
    expect(marks).toBe(parameters.length);
    // https://docs.aws.amazon.com/athena/latest/ug/querying-with-prepared-statements.html: in a WHERE alone.
    for (const { index } of withoutTexts(sql).matchAll(/[?]/g)) {
      const before = withoutTexts(sql).slice(0, index);
      expect(before.slice(before.lastIndexOf('SELECT'))).toContain('WHERE');
    }
  });

  test('is the same SQL whatever it is limited by, and runs with it', async () => {
    const hostile = ask[name]!(HOSTILE);
    expect(hostile.sql).toBe(sql);
    expect((await engine.ask(hostile.sql, hostile.parameters)).rows.length).toBeLessThan(2);
  });
});

test('the table `events` is in the same language', () => {
  expect(parser.validate(`${EVENTS_OF_RAW};`)).toEqual([]);
});

describe('a parameter', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({ unit: fc.constantFrom("'", '"', '\\', '?', ';', '-', '\n', 'a', ')'), maxLength: 20 }),
  );

  test('is one text to Trino, and the same text to whoever reads it', async () => {
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        fc.pre(!text.includes('\0'));
        const parameter = toParameter(text);
        expect(parser.validate(`SELECT ${parameter} FROM t WHERE a = ${parameter};`)).toEqual([]);
        const words = parser.getAllTokens(`SELECT ${parameter}`).map(({ text: word }) => word ?? '');
        expect(words.filter((word) => word.trim() !== '')).toEqual(['SELECT', parameter]);
        expect((await engine.ask(`SELECT ${parameter} AS read`)).rows).toEqual([{ read: text }]);
      }),
      { numRuns: 100 },
    );
  });

  test('may be no text', () => {
    expect([null, true, 7, Number.NaN].map(toParameter)).toEqual(['NULL', 'true', '7', 'NULL']);
  });

  test('is not longer than Athena takes', () => {
    expect(() => toParameter("'".repeat(600))).toThrow(expect.objectContaining({ code: 'invalid-filter' }));
  });
});

describe('the table', () => {
  const table = {
    database: 'default',
    location: 's3://acme-trail/AWSLogs/',
    accounts: ['222222222222'],
    regions: ['eu-west-1'],
  };

  test('finds its partitions by itself, and another one has another name', () => {
    const { create, qualified } = defineTable(table);
    expect(create).toContain(`CREATE EXTERNAL TABLE IF NOT EXISTS ${qualified} (`);
    expect(create).toContain("'projection.enabled' = 'true'");
    expect(create).toContain(
      "'storage.location.template' = 's3://acme-trail/AWSLogs/${account}/CloudTrail/${trail_region}/${day}'",
    );
    expect(defineTable({ ...table, regions: ['eu-west-2'] }).name).not.toBe(defineTable(table).name);
  });

  test('only files of the days that are asked for are read', () => {
    const day = Date.parse('2026-08-01');
    const sql = athenaQuestion('SELECT 1 FROM events', 'audit', { since: day, until: day + 1 });
    expect(sql).toContain("WHERE day >= '2026/08/01' AND day <= '2026/08/02'");
    expect(athenaQuestion('with x AS (SELECT 1) SELECT * FROM x', 'audit')).toMatch(
      /^WITH raw AS[^]*,\nx AS/,
    );
  });

  test.each([
    { database: 'a; DROP' },
    { location: "s3://acme/'/" },
    { location: 's3://acme' },
    { accounts: ["1'"] },
    { regions: ["eu'"] },
  ])('%j is refused', (more) => {
    expect(() => defineTable({ ...table, ...more })).toThrow(
      expect.objectContaining({ code: 'invalid-filter' }),
    );
  });
});
