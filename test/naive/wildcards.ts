/** One character of a pattern: a letter that stands for itself, or a wildcard. */
export type Mark = { letter: string } | { wildcard: '*' | '?' };

export const plainMarks = (text: string): Mark[] => Array.from(text, (letter) => ({ letter }));

export const patternMarks = (text: string): Mark[] =>
  Array.from(text, (letter) => (letter === '*' || letter === '?' ? { wildcard: letter } : { letter }));

/** Tries every way in which the wildcards can be filled. `fill` says whether a wildcard at a place may stand for a letter. */
export function fits(
  marks: readonly Mark[],
  text: string,
  fill: (place: number, letter: string) => boolean = () => true,
): boolean {
  const letters = Array.from(text);
  const known = new Map<string, boolean>();
  const from = (place: number, at: number): boolean => {
    const key = `${place} ${at}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const answer = work(place, at);
    known.set(key, answer);
    return answer;
  };
  const work = (place: number, at: number): boolean => {
    const mark = marks[place];
    if (mark === undefined) return at === letters.length;
    const letter = letters[at];
    if ('letter' in mark) return letter === mark.letter && from(place + 1, at + 1);
    if (mark.wildcard === '*' && from(place + 1, at)) return true;
    if (letter === undefined || !fill(place, letter)) return false;
    return from(mark.wildcard === '*' ? place : place + 1, at + 1);
  };
  return from(0, 0);
}

/** A Resource: wildcards before the fifth colon stay between colons, but for a star that ends its segment. */
export function fitsResource(marks: readonly Mark[], resource: string): boolean {
  const isColon = (mark: Mark | undefined) => mark !== undefined && 'letter' in mark && mark.letter === ':';
  return fits(marks, resource, (place, letter) => {
    if (letter !== ':') return true;
    const colonsBefore = marks.slice(0, place).filter(isColon).length;
    if (colonsBefore >= 5) return true;
    const mark = marks[place]!;
    const next = marks[place + 1];
    return 'wildcard' in mark && mark.wildcard === '*' && (next === undefined || isColon(next));
  });
}

/** An Arn condition: six parts, each on its own. */
export function fitsArn(marks: readonly Mark[], arn: string): boolean {
  if (marks.length === 1 && 'wildcard' in marks[0]! && marks[0].wildcard === '*') return true;
  const wanted: Mark[][] = [[]];
  for (const mark of marks) {
    if ('letter' in mark && mark.letter === ':' && wanted.length < 6) wanted.push([]);
    else wanted.at(-1)!.push(mark);
  }
  const parts = arn.split(':');
  if (wanted.length < 6 || parts.length < 6) return false;
  const actual = [...parts.slice(0, 5), parts.slice(5).join(':')];
  return wanted.every((part, i) => fits(part, actual[i]!));
}
