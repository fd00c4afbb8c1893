import { globOf, matchesGlob, overlaps, type Statement } from '@crossbucket/policy';
import { listOf } from '../fixes/statement-parts.ts';
import { LEVEL_CALLS, type Level } from './access-row.ts';

/** Levels of which a statement speaks, and further actions as `other`. */
export function levelsOf({ Action, NotAction }: Statement): Level[] {
  const isAbout = (action: string) =>
    NotAction === undefined
      ? listOf(Action).some((pattern) => matchesGlob(pattern.toLowerCase(), action.toLowerCase()))
      : !listOf(NotAction).some((pattern) => matchesGlob(pattern.toLowerCase(), action.toLowerCase()));
  const levels = LEVEL_CALLS.filter(({ action }) => isAbout(action)).map(({ level }) => level);
  const isOther = listOf(Action).some((pattern) => pattern === '*' || /^s3:/i.test(pattern));
  return levels.length > 0 || !isOther ? levels : ['other'];
}

/** The parts of a bucket that a statement is about, as patterns of keys; `` is the bucket itself. Nothing where it is about others. */
export function keysOf(
  { Resource, NotResource }: Statement,
  bucket: string,
  prefix: string,
  base = `arn:aws:s3:::${bucket}`,
): string[] {
  if (Resource === undefined) return NotResource === undefined ? [] : ['*'];
  const objects = base.includes(':accesspoint/') ? `${base}/object/` : `${base}/`;
  const wanted = globOf(`${objects}${prefix}*`);
  return listOf(Resource).flatMap((pattern) => {
    if (pattern === base) return [''];
    if (!overlaps(globOf(pattern), wanted)) return [];
    return [pattern.startsWith(objects) ? pattern.slice(objects.length) : '*'];
  });
}

/** A key that a pattern matches, within the prefix where the pattern is wider. */
export function sampleKey(pattern: string, prefix: string): string {
  const sample = pattern
    .replaceAll('*', 'sample')
    .replaceAll('?', 'x')
    .replaceAll(/\$\{[^}]*\}/g, 'sample');
  return matchesGlob(pattern, `${prefix}sample`) ? `${prefix}sample` : sample || `${prefix}sample`;
}
