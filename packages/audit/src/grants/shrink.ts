import {
  authorizeCall,
  covers,
  globOf,
  LEVELS,
  type Level,
  type LevelAccess,
  type World,
} from '@crossbucket/policy';
import type { AnswerRow } from '../engines/engine.ts';
import { apiCallOf } from '../replay/api-call.ts';
import { generalise } from './generalise.ts';
import { keyOf, type GrantUse } from './grant-use.ts';
import type { AuditedGrant } from './grant.ts';
import { LEVEL_OF_CALL } from './levels.ts';

export interface ShrunkGrant {
  access: LevelAccess;
  /** Principals that came; all of the grant's where it names nobody. */
  principals: string[];
  /** What would no longer be allowed. */
  removed: { level: Level; pattern: string; becomes: string[] }[];
}

/** The least access that covers what was used, never wider than the grant. */
export function shrinkGrant(grant: AuditedGrant, use: GrantUse): ShrunkGrant {
  const access: { -readonly [Key in keyof LevelAccess]: LevelAccess[Key] } = { ...grant.access };
  const removed: ShrunkGrant['removed'] = [];
  for (const level of LEVELS) {
    const patterns = grant.access[level];
    if (patterns === undefined) continue;
    const keys = use.rows
      .filter((row) => LEVEL_OF_CALL[String(row['action'])] === level)
      .map((row) => keyOf(row));
    const kept = patterns.flatMap((pattern) => {
      const becomes = narrowed(pattern, keys);
      if (becomes.length !== 1 || becomes[0] !== pattern) removed.push({ level, pattern, becomes });
      return becomes;
    });
    const unique = [...new Set(kept)];
    if (unique.length > 0) access[level] = unique;
    else delete access[level];
  }
  const principals =
    grant.principals.length === 0 ? [] : grant.principals.filter((arn) => !use.absent.includes(arn));
  return { access, principals, removed };
}

function narrowed(pattern: string, keys: readonly string[]): string[] {
  const glob = globOf(pattern);
  const used = keys.filter((key) => covers(glob, globOf(key)));
  if (used.length === 0) return [];
  const patterns = generalise(used);
  return patterns.every((each) => covers(glob, globOf(each))) ? patterns : [pattern];
}

export interface Replay {
  allowed: number;
  /** Calls that were allowed and would not be any more. */
  denied: { row: AnswerRow; reason: string }[];
}

/** Decides every call that was allowed once more, over the accounts as they would be. */
export function replay(world: World, rows: readonly AnswerRow[]): Replay {
  const result: Replay = { allowed: 0, denied: [] };
  for (const row of rows) {
    const { outcome, reason } = authorizeCall(world, apiCallOf(row));
    if (outcome === 'allow') result.allowed += Number(row['calls']);
    else result.denied.push({ row, reason });
  }
  return result;
}
