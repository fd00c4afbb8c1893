import type { GroupRule } from '../rule.ts';

const MANY = 10;

export const bucketListing: GroupRule = {
  code: 'bucket-listing',
  severity: 'low',
  title: 'One principal listed buckets again and again, or was denied it',
  help: 'few programs need `s3:ListAllMyBuckets`: it is what somebody does who looks around',
  sql: `
SELECT caller_account AS account, coalesce(issuer_arn, caller_arn, caller_id) AS principal, '' AS resource, count(*) AS calls,
  sum(denied) AS denied, min(event_time) AS first_time, max(event_time) AS last_time, max(event_id) AS event_id
FROM events WHERE event_source = 's3.amazonaws.com' AND event_name = 'ListBuckets'
GROUP BY caller_account, coalesce(issuer_arn, caller_arn, caller_id)
HAVING count(*) >= ${MANY} OR sum(denied) > 0`,
  judge: (row) => ({
    message: `${String(row['principal'])} listed buckets ${String(row['calls'])} times, ${String(row['denied'])} of them denied`,
  }),
};
