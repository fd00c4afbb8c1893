import { authorizeCall, type World } from '@crossbucket/policy';
import type { AnswerRow } from '../engines/engine.ts';
import { apiCallOf } from './api-call.ts';

/** What the documents of a world make of a denied call: whether it would be denied still, why, and what that is due to. */
export function explainDenied(world: World, row: AnswerRow): AnswerRow {
  const key = typeof row['sample'] === 'string' && row['service'] !== 'sts' ? row['sample'] : null;
  const { outcome, reason, causes } = authorizeCall(
    world,
    apiCallOf({ ...row, object_key: key, list_prefix: row['prefix'] ?? null }),
  );
  return { outcome_now: outcome, reason, causes: causes.map(({ code }) => code).join(', ') };
}
