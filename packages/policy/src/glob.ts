/** `*`, any run of characters, the empty one too. */
export const ANY_RUN = 0;
/** `?`, one character. */
export const ANY_ONE = 1;

/** A string stands for itself, so that a substituted value may hold `*` without becoming a wildcard. */
export type GlobToken = string | typeof ANY_RUN | typeof ANY_ONE;

export function tokenizeGlob(pattern: string): GlobToken[] {
  const tokens: GlobToken[] = [];
  let start = 0;
  for (let i = 0; i < pattern.length; i++) {
    const code = pattern.charCodeAt(i);
    if (code !== 42 && code !== 63) continue;
    if (i > start) tokens.push(pattern.slice(start, i));
    tokens.push(code === 42 ? ANY_RUN : ANY_ONE);
    start = i + 1;
  }
  if (start < pattern.length) tokens.push(pattern.slice(start));
  return tokens;
}

export interface Matcher {
  matches(text: string): boolean;
}

type Piece = readonly (string | typeof ANY_ONE)[];

/**
 * A pattern with `*` and `?`, compiled once. Its pieces between the stars are found from left to right, each as early as possible, without
 * backtracking: the time grows with the text, not with the number of stars.
 */
export class Glob implements Matcher {
  private readonly kind: 'exact' | 'prefix' | 'any' | 'pieces';
  /** The whole text for `exact`, its start for `prefix`. */
  private readonly literal: string;
  private readonly first: Piece;
  private readonly middle: readonly Piece[];
  /** Undefined without a star: then the first piece is all. */
  private readonly last: Piece | undefined;

  constructor(tokens: readonly GlobToken[]) {
    const [head = '', next] = tokens;
    this.literal = typeof head === 'string' ? head : '';
    this.first = NOTHING;
    this.middle = NO_PIECES;
    if (tokens.length === 0 || (tokens.length === 1 && typeof head === 'string')) this.kind = 'exact';
    else if (tokens.length === 1 && head === ANY_RUN) this.kind = 'any';
    else if (tokens.length === 2 && typeof head === 'string' && next === ANY_RUN) this.kind = 'prefix';
    else {
      this.kind = 'pieces';
      const pieces = piecesOf(tokens);
      this.first = pieces[0] ?? NOTHING;
      this.last = pieces.length > 1 ? pieces.at(-1) : undefined;
      this.middle = pieces.slice(1, -1).filter((piece) => piece.length > 0);
    }
  }

  static of(pattern: string): Glob {
    return new Glob(tokenizeGlob(pattern));
  }

  matches(text: string): boolean {
    switch (this.kind) {
      case 'exact':
        return text === this.literal;
      case 'prefix':
        return hasAt(text, this.literal, 0);
      case 'any':
        return true;
      case 'pieces':
        return this.matchesPieces(text);
    }
  }

  private matchesPieces(text: string): boolean {
    let at = endOf(this.first, text, 0);
    if (at < 0) return false;
    if (this.last === undefined) return at === text.length;
    const end = startOf(this.last, text);
    if (end < at) return false;
    for (const piece of this.middle) {
      at = find(piece, text, at);
      if (at < 0 || at > end) return false;
    }
    return true;
  }
}

const NOTHING: Piece = [];
const NO_PIECES: readonly Piece[] = [];

function piecesOf(tokens: readonly GlobToken[]): Piece[] {
  const pieces: (string | typeof ANY_ONE)[][] = [[]];
  for (const token of tokens) {
    if (token === ANY_RUN) pieces.push([]);
    else pieces.at(-1)!.push(token);
  }
  return pieces;
}

/**
 * What `startsWith` says, in a fraction of its time: ARNs begin alike and differ at the end, so that is looked at first.
 */
function hasAt(text: string, literal: string, at: number): boolean {
  const { length } = literal;
  for (let i = length - 1; i >= 0 && i >= length - 4; i--) {
    if (text.charCodeAt(at + i) !== literal.charCodeAt(i)) return false;
  }
  return at === 0 ? text.lastIndexOf(literal, 0) === 0 : text.slice(at, at + length) === literal;
}

/** Where the piece ends if it starts at `at`, or -1. */
function endOf(piece: Piece, text: string, at: number): number {
  let position = at;
  for (const token of piece) {
    if (token === ANY_ONE) {
      if (position >= text.length) return -1;
      position += text.codePointAt(position)! > 0xffff ? 2 : 1;
    } else {
      if (!hasAt(text, token, position)) return -1;
      position += token.length;
    }
  }
  return position;
}

/** Where the piece starts if it ends with the text, or -1. */
function startOf(piece: Piece, text: string): number {
  let position = text.length;
  for (let i = piece.length - 1; i >= 0; i--) {
    const token = piece[i]!;
    if (token === ANY_ONE) {
      if (position <= 0) return -1;
      position -= position > 1 && text.codePointAt(position - 2)! > 0xffff ? 2 : 1;
    } else {
      position -= token.length;
      if (position < 0 || !hasAt(text, token, position)) return -1;
    }
  }
  return position;
}

/** Where the first occurrence of the piece at or after `from` ends, or -1. */
function find(piece: Piece, text: string, from: number): number {
  const [head] = piece;
  if (piece.length === 1 && typeof head === 'string') {
    const start = text.indexOf(head, from);
    return start < 0 ? -1 : start + head.length;
  }
  for (let start = from; start <= text.length; start++) {
    const end = endOf(piece, text, start);
    if (end >= 0) return end;
  }
  return -1;
}

/** Whether a pattern of IAM's (`*`, `?`) matches a text. Takes the product of their lengths at most. */
export const matchesGlob = (pattern: string, text: string): boolean => Glob.of(pattern).matches(text);
