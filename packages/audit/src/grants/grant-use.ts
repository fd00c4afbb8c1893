import { covers, globOf, LEVELS, type Level } from '@crossbucket/policy';
import type { AnswerRow, Engine } from '../engines/engine.ts';
import type { Filters } from '../questions/filters.ts';
import { usedQuestion } from '../questions/questions.ts';
import type { AuditedGrant } from './grant.ts';
import { isMultipart, isOfModifier, levelOf, MODIFIERS, needsOf, type Modifier, type Need } from './needs.ts';

/** How often something was used, and when for the last time. */
export interface Use {
  calls: number;
  last: string | null;
}

/** A part of a grant, and how much it was used. */
export interface PatternUse extends Use {
  level: Level;
  pattern: string;
  /** Calls whose keys no record tells: they may have been these. */
  unclear: number;
}

/** An action of `actions`, or what `tagging`, `versions` or `multipart` add. */
export interface ActionUse extends Use {
  name: string;
}

/** Calls of one kind, and what they needed of the bucket. */
export interface UsedRow {
  row: AnswerRow;
  needs: readonly Need[];
}

/** What a grant allows beside what was used. */
export interface GrantUse extends Use {
  grant: string;
  first: string | null;
  patterns: PatternUse[];
  unused: PatternUse[];
  actions: ActionUse[];
  unusedActions: string[];
  /** An empty `arn` stands for callers that no record names. */
  principals: ({ arn: string } & Use)[];
  /** Principals of the grant that never came. */
  absent: string[];
  /** Allowed calls of the grant's principals, in groups of one key each. */
  rows: UsedRow[];
}

/** The allowed calls to a bucket, in groups of one key and caller each. */
export async function askUses(engine: Engine, bucket: string, filters: Filters = {}): Promise<AnswerRow[]> {
  const { sql, parameters } = usedQuestion({ ...filters, bucket });
  return (await engine.ask(sql, parameters)).rows;
}

/** What was used of a grant, by the allowed calls to its bucket. */
export function grantUse(grant: AuditedGrant, uses: readonly AnswerRow[]): GrantUse {
  const rows = uses
    .filter((row) => isOf(grant, row))
    .map((row) => ({ ...row, user_principal: named(grant, row) }))
    .map((row): UsedRow => ({ row, needs: needsOf(grant.bucket, row) }));
  const patterns = LEVELS.flatMap((level) =>
    (grant.access[level] ?? []).map((pattern) => patternUse(level, pattern, rows)),
  );
  const actions = [
    ...(grant.access.actions ?? []).map((name) => actionUse(name, rows)),
    ...MODIFIERS.filter((name) => grant.access[name] === true).map((name) => modifierUse(name, rows)),
  ];
  const came = new Map<string, UsedRow[]>();
  for (const used of rows) {
    const who = String(used.row['user_principal'] ?? '');
    const its = came.get(who);
    if (its === undefined) came.set(who, [used]);
    else its.push(used);
  }
  return {
    grant: grant.name,
    ...useOf(rows),
    first: rows.length === 0 ? null : rows.map(({ row }) => String(row['first_time'])).toSorted()[0]!,
    patterns,
    unused: patterns.filter(({ calls, unclear }) => calls + unclear === 0),
    actions,
    unusedActions: actions.filter(({ calls }) => calls === 0).map(({ name }) => name),
    principals: [...came].map(([arn, its]) => ({ arn, ...useOf(its) })),
    absent: grant.principals.filter((arn) => !came.has(arn)),
    rows,
  };
}

function named({ ids = {} }: AuditedGrant, { user_principal: principal }: AnswerRow): string {
  const text = String(principal ?? '');
  const [id = ''] = text.split(':', 1);
  return Object.hasOwn(ids, id) ? ids[id]! : text;
}

/** Whoever comes by the role uses the grant, also those of whom it is not known who they are. */
function isOf({ route, role, source }: AuditedGrant, row: AnswerRow): boolean {
  if (route === 'role') return row['role'] === role;
  return row['route'] === 'bucket-policy' && row['user_account'] === source;
}

function patternUse(level: Level, pattern: string, rows: readonly UsedRow[]): PatternUse {
  const glob = globOf(pattern);
  const isOfLevel = ({ action }: Need): boolean => levelOf(action) === level;
  const used = rows.filter(({ needs }) =>
    needs.some((need) => isOfLevel(need) && need.key !== undefined && covers(glob, globOf(need.key))),
  );
  const unclear = rows.filter(({ needs }) => needs.some((need) => isOfLevel(need) && need.key === undefined));
  return { level, pattern, ...useOf(used), unclear: useOf(unclear).calls };
}

function actionUse(name: string, rows: readonly UsedRow[]): ActionUse {
  const wanted = name.toLowerCase();
  const used = rows.filter(({ needs }) => needs.some(({ action }) => action.toLowerCase() === wanted));
  return { name, ...useOf(used) };
}

/** Whoever uploads in parts must be able to abort it, though it may never come to that. */
function modifierUse(name: Modifier, rows: readonly UsedRow[]): ActionUse {
  const used = rows.filter(
    ({ row, needs }) =>
      (name === 'multipart' && isMultipart(row)) || needs.some(({ action }) => isOfModifier(action, name)),
  );
  return { name, ...useOf(used) };
}

function useOf(rows: readonly UsedRow[]): Use {
  const times = rows.map(({ row }) => String(row['last_time'])).toSorted();
  return {
    calls: rows.reduce((total, { row }) => total + Number(row['calls']), 0),
    last: times.at(-1) ?? null,
  };
}
