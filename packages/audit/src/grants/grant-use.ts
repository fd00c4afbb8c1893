import { globOf, covers, LEVELS, type Level } from '@crossbucket/policy';
import type { AnswerRow, Engine } from '../engines/engine.ts';
import type { Filters } from '../questions/filters.ts';
import { usedQuestion } from '../questions/questions.ts';
import type { AuditedGrant } from './grant.ts';
import { LEVEL_OF_CALL } from './levels.ts';

/** A part of a grant, and how much it was used. */
export interface PatternUse {
  level: Level;
  pattern: string;
  calls: number;
  last: string | null;
}

/** What a grant allows beside what was used. */
export interface GrantUse {
  grant: string;
  calls: number;
  first: string | null;
  last: string | null;
  patterns: PatternUse[];
  unused: PatternUse[];
  principals: { arn: string; calls: number; last: string | null }[];
  /** Principals of the grant that never came. */
  absent: string[];
  /** Allowed calls of the grant's principals, in groups of one key each. */
  rows: AnswerRow[];
}

/** Finds what was used of a grant. */
export async function findGrantUse(
  engine: Engine,
  grant: AuditedGrant,
  filters: Filters = {},
): Promise<GrantUse> {
  const question = usedQuestion({ ...filters, bucket: grant.bucket });
  const { rows: all } = await engine.ask(question.sql, question.parameters);
  const rows = all.filter((row) => isOf(grant, row));
  const patterns = LEVELS.flatMap((level) =>
    (grant.access[level] ?? []).map((pattern) => useOf(level, pattern, rows)),
  );
  const came = new Map<string, AnswerRow[]>();
  for (const row of rows) {
    const who = String(row['user_principal'] || 'unknown');
    const its = came.get(who);
    if (its === undefined) came.set(who, [row]);
    else its.push(row);
  }
  return {
    grant: grant.name,
    calls: sum(rows),
    first: rows.length === 0 ? null : rows.map(({ first_time: time }) => String(time)).toSorted()[0]!,
    last: latest(rows),
    patterns,
    unused: patterns.filter(({ calls }) => calls === 0),
    principals: [...came].map(([arn, its]) => ({ arn, calls: sum(its), last: latest(its) })),
    absent: grant.principals.filter((arn) => !came.has(arn)),
    rows,
  };
}

/** Whoever comes by the role uses the grant, also those of whom it is not known who they are. */
function isOf({ route, role, source }: AuditedGrant, row: AnswerRow): boolean {
  if (route === 'role') return row['role'] === role;
  return row['route'] === 'bucket-policy' && row['user_account'] === source;
}

function useOf(level: Level, pattern: string, rows: readonly AnswerRow[]): PatternUse {
  const glob = globOf(pattern);
  const used = rows.filter(
    (row) => LEVEL_OF_CALL[String(row['action'])] === level && covers(glob, globOf(keyOf(row))),
  );
  return { level, pattern, calls: sum(used), last: latest(used) };
}

/** The key of a call, or the prefix that it lists. */
export const keyOf = (row: AnswerRow): string => String(row['object_key'] || row['list_prefix'] || '');

const sum = (rows: readonly AnswerRow[]): number =>
  rows.reduce((total, { calls }) => total + Number(calls), 0);

const latest = (rows: readonly AnswerRow[]): string | null =>
  rows
    .map(({ last_time: time }) => String(time))
    .toSorted()
    .at(-1) ?? null;
