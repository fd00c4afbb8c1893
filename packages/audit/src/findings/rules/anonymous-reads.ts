import type { GroupRule } from '../rule.ts';

const RARE = 20;

export const anonymousReads: GroupRule = {
  code: 'anonymous-reads',
  severity: 'low',
  title: 'Somebody without credentials reached a bucket',
  help: 'turn Block Public Access on, unless the bucket is meant for everybody',
  sql: `
SELECT owner AS account, 'anonymous' AS principal, bucket AS resource, count(*) AS calls, min(event_time) AS first_time,
  max(event_time) AS last_time, max(event_id) AS event_id
FROM uses WHERE route = 'anonymous' AND error_code IS NULL
GROUP BY owner, bucket`,
  judge: (row) => {
    const calls = Number(row['calls']);
    return {
      message: `${String(row['resource'])} was reached ${calls} times without credentials`,
      // What is public on purpose is read all the time.
      severity: calls < RARE ? 'medium' : 'low',
    };
  },
};
