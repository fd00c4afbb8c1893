import { conditionOf, type Filters } from './filters.ts';
import type { Question } from './questions.ts';
import { WITH_USES } from './uses.ts';

/** What tells one group of denials from another. */
const GROUP = ['service', 'source_account', 'principal', 'role', 'bucket', 'prefix', 'target', 'action'].join(
  ', ',
);

/** What is told of the latest call of a group: one call's own values, never those of several. */
const SAMPLE = [
  'event_id',
  'error_code',
  'error_message',
  'owner',
  'caller_type',
  'caller_account',
  'caller_arn',
  'invoked_by',
  'mfa',
  'object_key',
  'list_prefix',
  'target_session',
  'request',
  'region',
  'source_ip',
  'user_agent',
  'vpc_endpoint_id',
];

/** Calls of these services decide about access to buckets, too: what was refused is a role, or a key. */
const OTHERS = `
  SELECT split_part(event_source, '.', 1) AS service, coalesce(caller_account, '') AS source_account,
    coalesce(issuer_arn, caller_arn, caller_id, invoked_by, '') AS principal, issuer_arn AS role, NULL AS bucket,
    NULL AS prefix, coalesce(target_role, resource_arn) AS target, event_name AS action, event_time,
    ${SAMPLE.map((name) => (name === 'owner' ? "split_part(coalesce(target_role, resource_arn, ''), ':', 5) AS owner" : name)).join(', ')}
  FROM events WHERE denied = 1 AND event_source IN ('sts.amazonaws.com', 'kms.amazonaws.com')`;

/** Denied calls to buckets, roles and keys, in groups, each with its latest call as a sample. */
export function deniedQuestion(filters: Filters): Question {
  const { sql, parameters } = conditionOf(filters);
  return {
    sql: `${WITH_USES},
refused AS (
  SELECT 's3' AS service, source_account, principal, role, bucket, prefix, NULL AS target, action, event_time,
    ${SAMPLE.map((name) => (name === 'target_session' ? `NULL AS ${name}` : name)).join(', ')}
  FROM uses WHERE denied = 1
  UNION ALL${OTHERS}
),
recent AS (
  SELECT refused.*, row_number() OVER (PARTITION BY ${GROUP} ORDER BY event_time DESC, event_id) AS recency
  FROM refused WHERE principal IS NOT NULL${sql}
)
SELECT ${GROUP}, count(*) AS calls, min(event_time) AS first_time, max(event_time) AS last_time,
  count(DISTINCT source_ip) AS addresses,
  ${SAMPLE.map((name) => `max(CASE WHEN recency = 1 THEN ${name} END) AS ${name}`).join(',\n  ')}
FROM recent
GROUP BY ${GROUP}
ORDER BY calls DESC, ${GROUP}`,
    parameters,
  };
}
