import type { GroupRule } from '../rule.ts';

export const roleChained: GroupRule = {
  code: 'role-chained',
  severity: 'low',
  title: 'A role was reached through another account than the one that it trusts',
  help: 'whoever may assume the first role has the second one, too: see that this is meant',
  sql: `
SELECT origin_account AS account, origin_principal AS principal, target_role AS resource, assumer_account AS through,
  max(chain) AS chain, count(*) AS calls, min(issued_at) AS first_time, max(issued_at) AS last_time, max(issued_key) AS event_id
FROM sessions
WHERE links > 1 AND origin_account <> '' AND assumer_account <> origin_account
  AND origin_account <> split_part(target_role, ':', 5)
GROUP BY origin_account, origin_principal, target_role, assumer_account`,
  judge: (row) => ({
    message: `${String(row['principal'])} came to ${String(row['resource'])} through account ${String(row['through'])}: ${String(row['chain'])}`,
  }),
};
