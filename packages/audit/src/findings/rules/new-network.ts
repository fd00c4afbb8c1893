import type { GroupRule } from '../rule.ts';

/** Days for which a principal must have been seen before an address of it is new. */
const DAYS = 7;

export const newNetwork: GroupRule = {
  code: 'new-network',
  severity: 'medium',
  title: 'A principal came from a network that it never came from before',
  help: 'if the network is not known, end the sessions and look for lost credentials; limit the grant with `sourceIp`',
  sql: `
SELECT account, principal, network AS resource, calls, first_time, last_time, event_id FROM (
  SELECT source_account AS account, principal, regexp_extract(source_ip, '^[0-9]+[.][0-9]+[.][0-9]+[.]|^[0-9a-fA-F]+:[0-9a-fA-F]*:[0-9a-fA-F]*:') AS network,
    count(*) AS calls, min(event_time) AS first_time, max(event_time) AS last_time, max(event_id) AS event_id,
    min(min(event_time)) OVER (PARTITION BY source_account, principal) AS known_since
  FROM uses
  WHERE route IN ('bucket-policy', 'role') AND strpos(source_ip, 'amazonaws.com') = 0
  GROUP BY source_account, principal, regexp_extract(source_ip, '^[0-9]+[.][0-9]+[.][0-9]+[.]|^[0-9a-fA-F]+:[0-9a-fA-F]*:[0-9a-fA-F]*:')
) AS networks
WHERE network <> '' AND date_diff('second', known_since, first_time) >= ${DAYS * 86_400}`,
  judge: (row) => ({
    message: `${String(row['principal'])} came from ${String(row['resource'])}* for the first time on ${String(row['first_time']).slice(0, 10)}`,
  }),
};
