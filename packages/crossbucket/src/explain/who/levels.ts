import { operationsFor, type Statement } from '@crossbucket/policy';
import { listOf } from '../fixes/statement-parts.ts';
import { LEVEL_CALLS, uniqueConditions, type AccessRow, type Level } from './access-row.ts';
import { isBetter, type Tried } from './attempts.ts';
import { levelsOf, sampleKey } from './scopes.ts';

/** Levels that come to the same, on some parts of a bucket. */
export interface Reached extends Pick<
  AccessRow,
  'can' | 'on' | 'outcome' | 'because' | 'requires' | 'actions'
> {}

/** Decides one call on the bucket, or what it is reached through. */
export type Try = (operation: string, input: Record<string, unknown>) => Tried;

const BUCKET_ITSELF = '(the bucket)';

/**
 * What comes of the levels that statements speak of, on the patterns that they name: allowed ones together, then those
 * that depend; denied ones only where there are no others.
 */
export function reachedBy(
  statements: readonly Statement[],
  patterns: readonly string[],
  { through, prefix, attempt }: { through: string; prefix: string; attempt: Try },
): Reached[] {
  const levels = new Set(statements.flatMap(levelsOf));
  const tried = new Map<string, { level: Level; action?: string; on: Set<string>; best: Tried }>();
  const note = (level: Level, action: string | undefined, pattern: string, result: Tried) => {
    const id = action ?? level;
    const known = tried.get(id);
    const where = pattern === '' ? BUCKET_ITSELF : pattern;
    if (known === undefined || isBetter(result, known.best))
      tried.set(id, { level, ...(action !== undefined && { action }), on: new Set([where]), best: result });
    else if (known.best.outcome === result.outcome) known.on.add(where);
  };
  const all = patterns.length === 0 ? ['*'] : patterns;
  for (const { level, operation, onBucket } of LEVEL_CALLS) {
    if (!levels.has(level)) continue;
    for (const pattern of all) {
      if (onBucket !== (pattern === '') && pattern !== '*') continue;
      const input = { Bucket: through, ...(!onBucket && { Key: sampleKey(pattern, prefix) }) };
      note(level, undefined, pattern, attempt(operation, input));
    }
  }
  for (const action of otherActions(statements)) {
    const use = operationsFor(action)[0]?.operation;
    for (const pattern of all) {
      const Key = sampleKey(pattern === '' ? '*' : pattern, prefix);
      const result: Tried =
        use === undefined ? { outcome: 'depends', requires: [] } : attempt(use, { Bucket: through, Key });
      note('other', action, pattern, result);
    }
  }
  // What no call of the engine stands for is not lost.
  if (tried.size === 0 && levels.has('other'))
    for (const pattern of all) note('other', undefined, pattern, { outcome: 'depends', requires: [] });
  return grouped([...tried.values()]);
}

/** Actions of S3 that belong to no level, as they are written. */
function otherActions(statements: readonly Statement[]): string[] {
  const levels = new Set(LEVEL_CALLS.map(({ action }) => action.toLowerCase()));
  const actions = statements
    .flatMap(({ Action }) => listOf(Action))
    .filter((action) => /^s3:[^*?]+$/i.test(action) && !levels.has(action.toLowerCase()));
  return [...new Set(actions)];
}

function grouped(
  tried: readonly { level: Level; action?: string; on: Set<string>; best: Tried }[],
): Reached[] {
  const outcomes = (['allow', 'depends', 'deny'] as const).filter((outcome) =>
    tried.some(({ best }) => best.outcome === outcome),
  );
  const shown = outcomes.length > 1 ? outcomes.filter((outcome) => outcome !== 'deny') : outcomes;
  return shown.map((outcome): Reached => {
    const mine = tried.filter(({ best }) => best.outcome === outcome);
    const because = mine.find(({ best }) => best.because !== undefined)?.best.because;
    const actions = mine.flatMap(({ action }) => action ?? []);
    return {
      outcome,
      can: [...new Set(mine.map(({ level }) => level))],
      on: [...new Set(mine.flatMap(({ on }) => [...on]))],
      ...(actions.length > 0 && { actions }),
      ...(because !== undefined && { because }),
      requires: uniqueConditions(mine.flatMap(({ best }) => best.requires)),
    };
  });
}
