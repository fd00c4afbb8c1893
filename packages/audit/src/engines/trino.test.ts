import { TrinoSQL } from 'dt-sql-parser';
import { describe, expect, test } from 'vitest';
import { GROUP_RULES } from '../findings/rules/index.ts';
import {
  accessQuestion,
  DIMENSIONS,
  sessionsQuestion,
  spanQuestion,
  topQuestion,
  usedQuestion,
} from '../questions/questions.ts';
import { deniedQuestion } from '../questions/denied.ts';
import { watchQuestion } from '../questions/watch-question.ts';
import { WITH_USES } from '../questions/uses.ts';
import { athenaEvents, athenaQuestion, athenaTable } from './athena.ts';
import { EVENTS_OF_RAW } from './events.ts';

const parser = new TrinoSQL();
const filters = { since: 0, until: 1, bucket: 'b', principal: 'p', account: 'a', action: 's3:GetObject' };

const QUESTIONS: [string, string][] = [
  ['access', accessQuestion(filters).sql],
  ['denied', deniedQuestion(filters).sql],
  ['sessions', sessionsQuestion(filters).sql],
  ['used', usedQuestion(filters).sql],
  ['watch', watchQuestion(filters).sql],
  ['span', spanQuestion(filters).sql],
  ...Object.keys(DIMENSIONS).map((by): [string, string] => [
    `top by ${by}`,
    topQuestion(by, 10, filters).sql,
  ]),
  ...GROUP_RULES.map(({ code, sql }): [string, string] => [code, `${WITH_USES}${sql}`]),
  ['events', EVENTS_OF_RAW],
];

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

test('the parser knows what is no SQL', () => {
  expect(parser.validate('SELECT FROM WHERE;')).not.toEqual([]);
});

describe('Athena understands each question', () => {
  test.each(QUESTIONS)('%s', (_, sql) => {
    expect(parser.validate(`${sql};`)).toEqual([]);
  });

  test.each(QUESTIONS)('%s calls no function of one engine only', (_, sql) => {
    const names = [...sql.replaceAll(/'[^']*'/g, "''").matchAll(/\b([a-z_]+)\s*\(/gi)].map(([, name]) =>
      name!.toLowerCase(),
    );
    const called = names.filter(
      (name) =>
        !NOT_FUNCTIONS.has(name) &&
        !['issued', 'sessions', 'owners', 'uses', 'did', 'listed', 'refused', 'recent', 'watched'].includes(
          name,
        ),
    );
    expect(called.filter((name) => !FUNCTIONS.has(name))).toEqual([]);
    // Casts as `::`, and division, which rounds in one and not in the other.
    expect(sql.replaceAll(/'[^']*'/g, "''")).not.toMatch(/::| \/ |\bRECURSIVE\b|\bQUALIFY\b/i);
  });
});

test.each(QUESTIONS.slice(0, 3))('%s over a table of raw records', (_, sql) => {
  expect(parser.validate(`${athenaQuestion(sql, 'audit')};`)).toEqual([]);
});

test('the view of raw records is in the same language', () => {
  expect(parser.validate(`${athenaEvents('audit')};`)).toEqual([]);
});

test('the table finds its partitions by itself', () => {
  const sql = athenaTable({
    table: 'audit',
    location: 's3://acme-trail/AWSLogs/',
    accounts: ['222222222222'],
    regions: ['eu-west-1'],
    since: '2026/01/01',
  });
  expect(sql).toContain("'projection.enabled' = 'true'");
  expect(sql).toContain(
    "'storage.location.template' = 's3://acme-trail/AWSLogs/${account}/CloudTrail/${trail_region}/${day}'",
  );
});
