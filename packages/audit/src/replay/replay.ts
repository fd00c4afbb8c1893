import { authorizeCall, type World } from '@crossbucket/policy';
import type { AnswerRow } from '../engines/engine.ts';
import { apiCallOf } from './api-call.ts';

/** Calls of one kind that are not proved to be allowed, and why. */
export interface Unproved {
  row: AnswerRow;
  reason: string;
}

export interface Replay {
  /** How many calls are allowed. */
  allowed: number;
  denied: Unproved[];
  /** Records that do not tell enough to decide the call. */
  unclear: Unproved[];
}

/** Decides every call that was allowed once more, over the accounts as they would be. */
export function replay(world: World, rows: readonly AnswerRow[]): Replay {
  const result: Replay = { allowed: 0, denied: [], unclear: [] };
  for (const row of rows) {
    const missing = missingIn(row);
    if (missing !== undefined) {
      result.unclear.push({ row, reason: missing });
      continue;
    }
    const { outcome, reason } = authorizeCall(world, apiCallOf(row));
    if (outcome === 'allow') result.allowed += Number(row['calls']);
    else result.denied.push({ row, reason });
  }
  return result;
}

function missingIn({ caller, action }: AnswerRow): string | undefined {
  if (typeof caller !== 'string') return 'no record names the caller';
  return action === 'DeleteObjects' ? 'DeleteObjects is recorded without its keys' : undefined;
}
