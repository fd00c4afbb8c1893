import { AccessError } from '../../errors.ts';

/** Patterns in the order in which they were given. `*` stands for any characters, a slash too, `?` for one, `[a-z]` and `[!a-z]` for one of a set. */
export type Filter = { include: string } | { exclude: string };

/**
 * Whether a name is taken: the last filter that fits it decides. What fits none is taken, unless the first filter is an
 * include. Throws `invalid-option`.
 */
export function openFilters(filters: readonly Filter[]): (name: string) => boolean {
  const rules = filters.map((filter) =>
    'include' in filter
      ? { takes: true, pattern: patternOf(filter.include) }
      : { takes: false, pattern: patternOf(filter.exclude) },
  );
  const otherwise = !rules[0]?.takes;
  return (name) => rules.findLast(({ pattern }) => pattern.test(name))?.takes ?? otherwise;
}

function patternOf(glob: string): RegExp {
  if (glob === '') throw new AccessError('invalid-option', 'a pattern is empty', 'write it like `*.csv`');
  const source = glob.replaceAll(/\[(!?)([^\]]+)\]|[*?]|[\\^$.|+()[\]{}]/g, (found, not, set) => {
    if (set !== undefined)
      return `[${not ? '^' : ''}${(set as string).replaceAll(/[\\[\]^]/g, String.raw`\$&`)}]`;
    if (found === '*') return '.*';
    return found === '?' ? '.' : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 'su');
}
