/** One piece of a glob: a letter, or a wildcard that stands for one letter or for any number of them. */
type Piece = string | typeof ONE | typeof MANY | typeof ONE_OF_NAME | typeof MANY_OF_NAME;

const ONE = Symbol('?');
const MANY = Symbol('*');
const ONE_OF_NAME = Symbol('{?}');
const MANY_OF_NAME = Symbol('{*}');

/** A pattern of IAM's (`*`, `?`), or of the catalog's ARNs (`{Name}`, `{Name+}`), in pieces. */
export type GlobSet = readonly Piece[];

export function globOf(pattern: string): GlobSet {
  const pieces: Piece[] = [];
  for (const letter of pattern) {
    if (letter === '*') {
      if (pieces.at(-1) !== MANY) pieces.push(MANY);
    } else pieces.push(letter === '?' ? ONE : letter);
  }
  return pieces;
}

/** `{Name}` is one letter or more, none of them a slash or colon; `{Name+}` one or more of any kind. */
export function globOfArn(pattern: string): GlobSet {
  const pieces: Piece[] = [];
  for (const [part] of pattern.matchAll(/\{\w+\+?\}|[^]/gu)) {
    if (part.endsWith('+}')) pieces.push(ONE, MANY);
    else if (part.startsWith('{')) pieces.push(ONE_OF_NAME, MANY_OF_NAME);
    else pieces.push(part);
  }
  return pieces;
}

const isMany = (piece: Piece | undefined): boolean => piece === MANY || piece === MANY_OF_NAME;

const isOfName = (piece: Piece): boolean => piece === ONE_OF_NAME || piece === MANY_OF_NAME;

const divides = (piece: Piece): boolean => piece === '/' || piece === ':';

/** Whether some letter fits both pieces. */
function share(a: Piece, b: Piece): boolean {
  if (typeof a === 'string' && typeof b === 'string') return a === b;
  return !(divides(a) && isOfName(b)) && !(divides(b) && isOfName(a));
}

/** Whether every letter that fits the second piece fits the first. */
function contains(a: Piece, b: Piece): boolean {
  if (typeof a === 'string') return a === b;
  return !isOfName(a) || (typeof b === 'string' ? !divides(b) : isOfName(b));
}

/** How many letters both globs start with; undefined where they start with different ones. */
function sharedStart(a: GlobSet, b: GlobSet): number | undefined {
  let at = 0;
  while (at < a.length && at < b.length && typeof a[at] === 'string' && a[at] === b[at]) at++;
  return typeof a[at] === 'string' && typeof b[at] === 'string' ? undefined : at;
}

/** Whether some text matches both globs. Takes the product of their lengths. */
export function overlaps(first: GlobSet, second: GlobSet): boolean {
  const start = sharedStart(first, second);
  if (start === undefined) return false;
  const a = first.slice(start);
  const b = second.slice(start);
  let reached: boolean[] = [];
  for (let i = 0; i <= a.length; i++) {
    const line: boolean[] = [];
    const piece = a[i - 1];
    for (let j = 0; j <= b.length; j++) {
      const other = b[j - 1];
      line.push(
        (i === 0 && j === 0) ||
          (isMany(piece) && reached[j] === true) ||
          (isMany(other) && line[j - 1] === true) ||
          (piece !== undefined &&
            other !== undefined &&
            share(piece, other) &&
            ((!isMany(piece) && !isMany(other) && reached[j - 1] === true) ||
              (isMany(piece) && line[j - 1] === true) ||
              (isMany(other) && reached[j] === true))),
      );
    }
    reached = line;
  }
  return reached[b.length] === true;
}

/** Whether the first glob matches all that the second does. It errs to no. Takes the product of their lengths. */
export function covers(first: GlobSet, second: GlobSet): boolean {
  const start = sharedStart(first, second);
  if (start === undefined) return false;
  const a = first.slice(start);
  const b = second.slice(start);
  let reached: boolean[] = [];
  for (let i = 0; i <= a.length; i++) {
    const line: boolean[] = [];
    const piece = a[i - 1];
    for (let j = 0; j <= b.length; j++) {
      const other = b[j - 1];
      const holds = piece !== undefined && other !== undefined && contains(piece, other);
      line.push(
        (i === 0 && j === 0) ||
          (isMany(piece) && reached[j] === true) ||
          (holds && isMany(piece) && line[j - 1] === true) ||
          (holds && !isMany(piece) && !isMany(other) && reached[j - 1] === true),
      );
    }
    reached = line;
  }
  return reached[b.length] === true;
}
