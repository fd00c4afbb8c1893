import type { GroupRule } from '../rule.ts';

const MANY = 50;

export const manyDenials: GroupRule = {
  code: 'many-denials',
  severity: 'medium',
  title: 'Many calls of one principal were denied within an hour',
  help: 'either something is not allowed that should be (`crossbucket audit denied` says why), or somebody is trying doors',
  sql: `
SELECT source_account AS account, principal, bucket AS resource, count(*) AS calls, min(event_time) AS first_time,
  max(event_time) AS last_time, max(event_id) AS event_id
FROM uses WHERE denied = 1 AND route <> 'own'
GROUP BY source_account, principal, bucket, date_trunc('hour', event_time)
HAVING count(*) >= ${MANY}`,
  judge: (row) => ({
    message: `${String(row['principal'])} was denied ${String(row['calls'])} times within an hour at ${String(row['resource'])}`,
  }),
};
