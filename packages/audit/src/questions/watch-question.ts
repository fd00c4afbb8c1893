import { conditionOf, type Filters } from './filters.ts';
import type { Question } from './questions.ts';
import { WITH_USES } from './uses.ts';

/**
 * Each call from outside, one row a call: to a bucket, or to assume a role of another account. It is `incomplete` where a
 * record that is not there (yet) may say that it began elsewhere.
 */
export function watchQuestion(filters: Filters): Question {
  const { sql, parameters } = conditionOf(filters);
  return {
    sql: `${WITH_USES},
watched AS (
  SELECT call_id, event_time, source_account, route, principal, role, session_name, action, bucket, object_key, list_prefix,
    owner, source_ip, origin_ip, user_agent, denied, error_code, error_message, bytes_in, bytes_out,
    CASE WHEN route = 'unknown' OR (route = 'role' AND origin_kind = 'session') THEN 1 ELSE 0 END AS incomplete
  FROM uses
  UNION ALL
  SELECT call_id, event_time, coalesce(origin_account, caller_account), 'role',
    coalesce(origin_principal, issuer_arn, caller_arn, caller_id), events.target_role, events.target_session, event_name,
    NULL, NULL, NULL, split_part(events.target_role, ':', 5), source_ip, origin_ip, user_agent, denied, error_code,
    error_message, NULL, NULL,
    CASE WHEN caller_type = 'AssumedRole' AND coalesce(origin_kind, 'session') = 'session' THEN 1 ELSE 0 END
  FROM events LEFT JOIN sessions ON sessions.issued_key = events.access_key_id
  WHERE event_source = 'sts.amazonaws.com' AND events.target_role IS NOT NULL
    AND coalesce(origin_account, caller_account) <> split_part(events.target_role, ':', 5)
)
SELECT call_id, event_time, source_account, route, principal, role, session_name, action, bucket, object_key, list_prefix,
  owner, source_ip, origin_ip, user_agent, denied, error_code, error_message, bytes_in, bytes_out,
  incomplete
FROM watched WHERE route <> 'own'${sql}
ORDER BY event_time, call_id`,
    parameters,
  };
}
