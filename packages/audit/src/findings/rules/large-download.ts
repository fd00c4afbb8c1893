import type { GroupRule } from '../rule.ts';

const GIGABYTES = 100;

export const largeDownload: GroupRule = {
  code: 'large-download',
  severity: 'medium',
  title: `One principal from outside read more than ${GIGABYTES} GB within a day`,
  help: 'see that so much is meant to leave',
  sql: `
SELECT source_account AS account, principal, bucket AS resource, count(*) AS calls, sum(bytes_out) AS bytes,
  min(event_time) AS first_time, max(event_time) AS last_time, max(event_id) AS event_id
FROM uses WHERE route NOT IN ('own', 'service')
GROUP BY source_account, principal, bucket, date_trunc('day', event_time)
HAVING sum(bytes_out) > ${GIGABYTES}000000000`,
  judge: (row) => ({
    message: `${String(row['principal'])} read ${Math.round(Number(row['bytes']) / 1e9)} GB of ${String(row['resource'])} on ${String(row['first_time']).slice(0, 10)}`,
  }),
};
