import type { AnswerRow, Engine, Value } from '../engines/engine.ts';
import { timestamp, type Filters } from '../questions/filters.ts';
import { WITH_USES } from '../questions/uses.ts';
import { AuditEvent, type EventRule, type Judgement, type RuleInfo, type Severity } from './rule.ts';
import { EVENT_RULES, GROUP_RULES } from './rules/index.ts';

export interface Finding {
  rule: string;
  severity: Severity;
  message: string;
  help: string;
  account: string | null;
  principal: string | null;
  resource: string | null;
  calls: number;
  first: string | null;
  last: string | null;
  /** Id of a record of it; for sessions, their access key. */
  event: string | null;
  /** The file that the record is in. */
  file: string | null;
}

const ORDER: Record<Severity, number> = { high: 0, medium: 1, low: 2 };

/** What an auditor would want to be told, the worst first. */
export async function findFindings(
  engine: Engine,
  filters: Filters = {},
  { rules }: { rules?: readonly string[] | undefined } = {},
): Promise<Finding[]> {
  const isAsked = ({ code }: RuleInfo): boolean => rules === undefined || rules.includes(code);
  const [eventRules, groupRules] = [EVENT_RULES.filter(isAsked), GROUP_RULES.filter(isAsked)];
  const found: Finding[] = [];
  const events =
    eventRules.length === 0 ? [] : (await engine.ask(...eventsToJudge(filters, eventRules))).rows;
  for (const row of events) {
    const event = new AuditEvent(row);
    for (const rule of eventRules)
      if (rule.events.includes(event.name)) add(found, rule, rule.judge(event), eventFields(event));
  }
  for (const rule of groupRules) {
    const groups = await engine.ask(`${WITH_USES}${rule.sql}\nORDER BY first_time, principal, resource`);
    for (const row of groups.rows)
      if (isInTime(row, filters)) add(found, rule, rule.judge(row), groupFields(row));
  }
  return found.toSorted(
    (one, other) =>
      ORDER[one.severity] - ORDER[other.severity] || ((one.first ?? '') < (other.first ?? '') ? -1 : 1),
  );
}

/** Every rule, for SARIF and for people. */
export const FINDING_RULES: readonly RuleInfo[] = [...EVENT_RULES, ...GROUP_RULES];

/** The calls that rules look at one by one. */
export function eventsToJudge({ since, until }: Filters, rules: readonly EventRule[]): [string, Value[]] {
  const names = [...new Set(rules.flatMap(({ events }) => events))];
  const bounds: [string, Value[]] = [
    `${since === undefined ? '' : ' AND event_time >= CAST(? AS timestamp)'}${until === undefined ? '' : ' AND event_time < CAST(? AS timestamp)'}`,
    [since, until].flatMap((time) => (time === undefined ? [] : [timestamp(time)])),
  ];
  // Writes of objects are many, and only what their headers say is of interest.
  return [
    `SELECT event_id, event_time, event_name, owner_account, recipient_account, caller_account, caller_arn, caller_id, invoked_by,
  bucket, resource_arn, target_role, request, source_file
FROM events
WHERE error_code IS NULL AND event_name IN (${names.map(() => '?').join(', ')})
  AND (event_category <> 'Data' OR request IS NOT NULL)${bounds[0]}
ORDER BY event_time, event_id`,
    [...names, ...bounds[1]],
  ];
}

function isInTime(row: AnswerRow, { since, until }: Filters): boolean {
  const last = Date.parse(String(row['last_time']));
  const first = Date.parse(String(row['first_time']));
  return (since === undefined || last >= since) && (until === undefined || first < until);
}

type Fields = Pick<
  Finding,
  'account' | 'principal' | 'resource' | 'calls' | 'first' | 'last' | 'event' | 'file'
>;

function add(found: Finding[], rule: RuleInfo, judgement: Judgement, fields: Fields): void {
  if (judgement === undefined) return;
  const { message, severity = rule.severity } = judgement;
  found.push({ rule: rule.code, severity, message, help: rule.help, ...fields });
}

function eventFields(event: AuditEvent): Fields {
  const time = event.text('event_time') ?? null;
  return {
    account: event.owner,
    principal: event.caller,
    resource: event.resource,
    calls: 1,
    first: time,
    last: time,
    event: event.text('event_id') ?? null,
    file: event.text('source_file') ?? null,
  };
}

function groupFields(row: AnswerRow): Fields {
  const text = (name: string): string | null => (typeof row[name] === 'string' ? row[name] : null);
  return {
    account: text('account'),
    principal: text('principal'),
    resource: text('resource'),
    calls: Number(row['calls']),
    first: text('first_time'),
    last: text('last_time'),
    event: text('event_id'),
    file: null,
  };
}
