import { accessStatements, compile, covers, globOf, LEVELS, type LevelAccess } from '@crossbucket/policy';
import { generalise } from './generalise.ts';
import type { GrantUse } from './grant-use.ts';
import type { AuditedGrant } from './grant.ts';
import { levelOf, MODIFIERS, type Need } from './needs.ts';

export interface ShrunkGrant {
  /** Undefined where nothing of the grant was used: then it can go as a whole. */
  access: LevelAccess | undefined;
  /** Principals that stay; none where the grant names nobody. */
  principals: string[];
  /** What would no longer be allowed: `becomes` is what is left of it. */
  removed: RemovedPart[];
  /** Why principals that never came stay all the same. */
  kept?: string;
}

export interface RemovedPart {
  /** `read`, `write`, `delete`, `list`, `actions`, `on`, `tagging`, `versions`, `multipart` */
  part: string;
  /** Pattern of keys, action, or the part itself. */
  value: string;
  becomes: string[];
}

export interface ShrinkOptions {
  /** When the first record was made, ISO 8601: a session may have begun up to twelve hours before that. */
  firstRecord?: string | null;
}

/** The longest session of a role. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html */
const LONGEST_SESSION = 12 * 3600 * 1000;

/** The least access that covers what was used, never wider than the grant. */
export function shrinkGrant(grant: AuditedGrant, use: GrantUse, options: ShrinkOptions = {}): ShrunkGrant {
  const needs = use.rows.flatMap((row) => row.needs);
  const removed: RemovedPart[] = [];
  const levels = shrinkLevels(grant.access, needs, removed);
  const modifiers = shrinkModifiers(grant.access, use, removed);
  const narrowed = { ...levels, ...modifiers };
  const access = { ...narrowed, ...shrinkActions(grant.access, narrowed, needs, removed) };
  const isEmpty = [...LEVELS, 'actions' as const].every((part) => access[part] === undefined);
  const unknown = unknownCallers(use, options);
  const stay = grant.principals.filter((arn) => unknown > 0 || !use.absent.includes(arn));
  return {
    access: isEmpty || use.calls === 0 ? undefined : access,
    principals: stay,
    removed,
    ...(unknown > 0 &&
      use.absent.length > 0 && {
        kept: `${unknown} calls were made by callers that no record names, who may be these: principals stay as they are`,
      }),
  };
}

function shrinkLevels(access: LevelAccess, needs: readonly Need[], removed: RemovedPart[]): LevelAccess {
  const kept = LEVELS.flatMap((level) => {
    const patterns = access[level];
    if (patterns === undefined) return [];
    const its = needs.filter(({ action }) => levelOf(action) === level);
    // Keys that no record tells may be any of these.
    if (its.some(({ key }) => key === undefined)) return [[level, patterns] as const];
    const left = narrowAll(
      level,
      patterns,
      its.map(({ key }) => key ?? ''),
      removed,
    );
    return left.length > 0 ? [[level, left] as const] : [];
  });
  return Object.fromEntries(kept);
}

function narrowAll(
  part: string,
  patterns: readonly string[],
  keys: readonly string[],
  removed: RemovedPart[],
): string[] {
  const left = patterns.flatMap((pattern) => {
    const becomes = narrow(pattern, keys);
    if (becomes.length !== 1 || becomes[0] !== pattern) removed.push({ part, value: pattern, becomes });
    return becomes;
  });
  return [...new Set(left)];
}

function narrow(pattern: string, keys: readonly string[]): string[] {
  const glob = globOf(pattern);
  const used = keys.filter((key) => covers(glob, globOf(key)));
  if (used.length === 0) return [];
  const patterns = generalise(used);
  return patterns.every((each) => covers(glob, globOf(each))) ? patterns : [pattern];
}

function shrinkModifiers(access: LevelAccess, use: GrantUse, removed: RemovedPart[]): LevelAccess {
  const wanted = MODIFIERS.filter((name) => access[name] === true);
  for (const name of wanted)
    if (use.unusedActions.includes(name)) removed.push({ part: name, value: name, becomes: [] });
  return Object.fromEntries(
    wanted.filter((name) => !use.unusedActions.includes(name)).map((name) => [name, true]),
  );
}

/** Actions stay that were needed and that the rest of the grant does not give; those on objects, on the keys that were used. */
function shrinkActions(
  { actions, on = ['*'], on: named }: LevelAccess,
  rest: LevelAccess,
  needs: readonly Need[],
  removed: RemovedPart[],
): LevelAccess {
  if (actions === undefined) return {};
  const isGiven = givenBy(rest);
  const left = needs.filter((need) => !isGiven(need));
  const isNeeded = (name: string): boolean =>
    left.some(({ action }) => action.toLowerCase() === name.toLowerCase());
  const kept = actions.filter(isNeeded);
  for (const name of actions)
    if (!kept.includes(name)) removed.push({ part: 'actions', value: name, becomes: [] });
  if (kept.length === 0) return {};
  const wanted = new Set(kept.map((name) => name.toLowerCase()));
  const its = left.filter(({ action, isOnObject }) => isOnObject && wanted.has(action.toLowerCase()));
  if (its.length === 0) return { actions: kept };
  if (its.some(({ key }) => key === undefined)) return { actions: kept, ...(named && { on: named }) };
  return {
    actions: kept,
    on: narrowAll(
      'on',
      on,
      its.map(({ key }) => key ?? ''),
      removed,
    ),
  };
}

const BUCKET = 'arn:aws:s3:::bucket';
const SOMEBODY = 'arn:aws:iam::111111111111:role/somebody';

/** Whether an access gives what was needed, as the engine decides it. */
function givenBy(access: LevelAccess): (need: Need) => boolean {
  const Statement = accessStatements(access, BUCKET);
  if (Statement.length === 0) return () => false;
  const policies = compile({ identity: [{ Version: '2012-10-17', Statement }] });
  return ({ action, key, isOnObject }) =>
    key !== undefined &&
    policies.authorize({
      principal: SOMEBODY,
      action,
      resource: isOnObject ? `${BUCKET}/${key}` : BUCKET,
      resourceAccount: '111111111111',
      context: isOnObject ? {} : { 's3:prefix': key },
    }).outcome === 'allow';
}

/**
 * Calls by whoever is not named: their session began elsewhere, or the caller's own copy of the record is not here. Of those
 * that may have begun before the records do, nothing was to be seen.
 */
function unknownCallers({ rows }: GrantUse, { firstRecord }: ShrinkOptions): number {
  const from =
    firstRecord === undefined || firstRecord === null ? 0 : Date.parse(firstRecord) + LONGEST_SESSION;
  return rows
    .filter(
      ({ row }) =>
        !String(row['user_principal']).startsWith('arn:') && Date.parse(String(row['last_time'])) > from,
    )
    .reduce((sum, { row }) => sum + Number(row['calls']), 0);
}
