import type { GroupRule } from '../rule.ts';

/** A copy is a call to the bucket that it writes to: what it reads is in its header. */
export const copiedOut: GroupRule = {
  code: 'copied-out',
  severity: 'high',
  title: "Objects were copied to another account's bucket",
  help: 'deny it where it is not meant: `s3:ResourceAccount` in the policies of those who read',
  sql: `
SELECT u.caller_account AS account, u.principal, u.bucket AS resource, u.owner AS into_account, o.owned_bucket AS from_bucket,
  o.known_owner AS from_account, count(*) AS calls, min(u.event_time) AS first_time, max(u.event_time) AS last_time,
  max(u.event_id) AS event_id
FROM uses u JOIN owners o ON strpos(replace(u.request, '%2F', '/'), concat('copy-source":"', o.owned_bucket, '/')) > 0
  OR strpos(replace(u.request, '%2F', '/'), concat('copy-source":"/', o.owned_bucket, '/')) > 0
  OR strpos(replace(u.request, '%2F', '/'), concat('copySource":"', o.owned_bucket, '/')) > 0
WHERE u.action IN ('CopyObject', 'UploadPartCopy') AND u.error_code IS NULL AND o.known_owner <> u.owner
GROUP BY u.caller_account, u.principal, u.bucket, u.owner, o.owned_bucket, o.known_owner`,
  judge: (row) => ({
    message: `${String(row['principal'])} copied ${String(row['calls'])} objects of ${String(row['from_bucket'])} (account ${String(row['from_account'])}) to ${String(row['resource'])} (account ${String(row['into_account'])})`,
  }),
};
