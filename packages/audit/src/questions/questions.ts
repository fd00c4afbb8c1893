import { AuditError } from '../audit-error.ts';
import type { Value } from '../engines/engine.ts';
import { conditionOf, type Filters } from './filters.ts';
import { WITH_SESSIONS, WITH_USES } from './uses.ts';

/** SQL over `events`, with a parameter for each `?`. */
export interface Question {
  sql: string;
  parameters: Value[];
}

const COUNTS = `count(*) AS calls, sum(denied) AS denied, coalesce(sum(bytes_in), 0) AS bytes_in,
  coalesce(sum(bytes_out), 0) AS bytes_out, min(event_time) AS first_time, max(event_time) AS last_time`;

/** Who from outside did what to which bucket and prefix. Both sides' copies of a call are one. */
export function accessQuestion(filters: Filters): Question {
  const { sql, parameters } = conditionOf(filters);
  return {
    sql: `${WITH_USES}
SELECT source_account, route, principal, role, bucket, prefix, action,
  count(DISTINCT access_key_id) AS sessions, count(DISTINCT coalesce(origin_ip, source_ip)) AS addresses, ${COUNTS}
FROM uses WHERE route <> 'own'${sql}
GROUP BY source_account, route, principal, role, bucket, prefix, action
ORDER BY calls DESC, source_account, principal, bucket, prefix, action, role`,
    parameters,
  };
}

/** Each session: who asked for it from where, through what, and what it did then. */
export function sessionsQuestion(filters: Filters): Question {
  const { sql, parameters } = conditionOf(filters);
  return {
    sql: `${WITH_SESSIONS},
did AS (
  SELECT access_key_id, count(*) AS calls, sum(denied) AS denied, coalesce(sum(bytes_in), 0) AS bytes_in,
    coalesce(sum(bytes_out), 0) AS bytes_out, count(DISTINCT bucket) AS buckets, max(event_time) AS last_time
  FROM events WHERE access_key_id IS NOT NULL GROUP BY access_key_id
),
listed AS (
  SELECT issued_key AS access_key, issued_at AS event_time, issued_by AS action, target_role AS role,
    target_session AS session_name, origin_account AS source_account, origin_principal AS principal, origin_name,
    origin_kind, origin_ip, links, chain, coalesce(calls, 0) AS calls, coalesce(denied, 0) AS denied,
    coalesce(bytes_in, 0) AS bytes_in, coalesce(bytes_out, 0) AS bytes_out, coalesce(buckets, 0) AS buckets, last_time,
    CAST(NULL AS varchar) AS bucket
  FROM sessions LEFT JOIN did ON did.access_key_id = sessions.issued_key
)
SELECT event_time AS started, role, session_name, source_account, principal, origin_name, origin_kind, origin_ip, links,
  chain, calls, denied, bytes_in, bytes_out, buckets, last_time, access_key
FROM listed WHERE access_key IS NOT NULL${sql}
ORDER BY started, access_key`,
    parameters,
  };
}

/** What calls can be counted by. */
export const DIMENSIONS: Readonly<Record<string, string>> = {
  account: 'source_account',
  principal: 'principal',
  role: 'role',
  session: 'session_name',
  bucket: 'bucket',
  prefix: 'prefix',
  action: 'action',
  ip: 'source_ip',
  agent: 'user_agent',
  error: 'error_code',
  route: 'route',
  region: 'region',
  day: "CAST(date_trunc('day', event_time) AS varchar)",
  hour: "CAST(date_trunc('hour', event_time) AS varchar)",
};

/** The largest groups of calls from outside, by a dimension. */
export function topQuestion(by: string, limit: number, filters: Filters): Question {
  const column = Object.hasOwn(DIMENSIONS, by) ? DIMENSIONS[by] : undefined;
  if (column === undefined)
    throw new AuditError(
      'invalid-filter',
      `\`${by}\` is nothing to count by`,
      `take one of ${Object.keys(DIMENSIONS).join(', ')}`,
    );
  const { sql, parameters } = conditionOf(filters);
  const isTime = by === 'day' || by === 'hour';
  return {
    sql: `${WITH_USES}
SELECT coalesce(${column}, '') AS value, ${COUNTS}
FROM uses WHERE route <> 'own'${sql}
GROUP BY coalesce(${column}, '')
ORDER BY ${isTime ? 'value' : 'calls DESC, value'}
LIMIT ${Math.max(1, Math.trunc(limit))}`,
    parameters,
  };
}

/** What was used, key by key, allowed calls only: by whoever signed, and by whoever assumed the role that did. */
export function usedQuestion(filters: Filters): Question {
  const { sql, parameters } = conditionOf(filters);
  return {
    sql: `${WITH_USES}
SELECT route, role, caller_account,
  CASE WHEN caller_account = owner THEN coalesce(assumer_account, '') ELSE coalesce(caller_account, '') END AS user_account,
  CASE WHEN caller_account = owner THEN coalesce(assumer_principal, '') ELSE principal END AS user_principal,
  bucket, action, coalesce(object_key, '') AS object_key, coalesce(list_prefix, '') AS list_prefix, request,
  count(*) AS calls, min(event_time) AS first_time, max(event_time) AS last_time, max(caller_arn) AS caller,
  max(source_ip) AS source_ip
FROM uses WHERE denied = 0${sql}
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
ORDER BY user_account, user_principal, role, action, object_key, list_prefix`,
    parameters,
  };
}

/** From when to when there are records at all, and on how many days. */
export function spanQuestion({ since, until }: Filters): Question {
  const { sql, parameters } = conditionOf({ since, until });
  return {
    sql: `SELECT min(event_time) AS first_time, max(event_time) AS last_time,
  count(DISTINCT CAST(date_trunc('day', event_time) AS varchar)) AS days FROM events WHERE event_time IS NOT NULL${sql}`,
    parameters,
  };
}
