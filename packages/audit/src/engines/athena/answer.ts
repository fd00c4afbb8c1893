import type { ColumnInfo, ResultSet, Row } from '@aws-sdk/client-athena';
import type { Answer, AnswerRow, Value } from '../engine.ts';

const NUMBERS = new Set(['tinyint', 'smallint', 'integer', 'bigint', 'float', 'real', 'double', 'decimal']);

/** Puts the pages of a result together. Before the first row of a SELECT stand the names of its columns. */
export function answerOf(pages: readonly ResultSet[]): Answer {
  const columns = pages[0]?.ResultSetMetadata?.ColumnInfo ?? [];
  const names = columns.map(({ Name = '' }) => Name);
  const rows = pages.flatMap(({ Rows = [] }) => Rows);
  const isHeader = rows.length > 0 && names.every((name, at) => rows[0]!.Data?.[at]?.VarCharValue === name);
  return { columns: names, rows: (isHeader ? rows.slice(1) : rows).map((row) => toRow(row, columns)) };
}

const toRow = ({ Data = [] }: Row, columns: readonly ColumnInfo[]): AnswerRow =>
  Object.fromEntries(
    columns.map(({ Name = '', Type = '' }, at) => [Name, toValue(Data[at]?.VarCharValue, Type)]),
  );

/** What is NULL has no value at all. */
function toValue(text: string | undefined, type: string): Value {
  if (text === undefined) return null;
  if (NUMBERS.has(type)) return Number(text);
  if (type === 'boolean') return text === 'true';
  if (type.startsWith('timestamp')) return toTime(text);
  return text;
}

/** `2026-08-01 00:00:00.000`, all of which are UTC here, as ISO 8601. */
function toTime(text: string): string {
  const time = new Date(`${text.replace(/ UTC$/, '').replace(' ', 'T')}Z`);
  return Number.isNaN(time.getTime()) ? text : time.toISOString().replace('.000Z', 'Z');
}
