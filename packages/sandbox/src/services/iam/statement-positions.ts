/** Where something stands in a text; lines and columns begin at 1. */
export interface Position {
  Line: number;
  Column: number;
}

export interface Span {
  start: Position;
  end: Position;
}

/**
 * Where each statement of a policy's text begins and ends. The text is JSON that was parsed before.
 * As IAM counts, in the examples of SimulatePrincipalPolicy: a statement begins behind the bracket that opens the list,
 * or behind the statement before it; one that is in no list behind its own bracket.
 */
export function statementSpans(text: string): Span[] {
  const spans: Span[] = [];
  let depth = 0;
  let key = '';
  let begin = -1;
  /** Depth at which statements begin: one object, or a list of them. */
  let level = 0;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token.startsWith('"')) {
      if (depth === 1) key = token;
    } else if (token === '{' || token === '[') {
      depth += 1;
      if (key === '"Statement"' && depth === 2) {
        level = token === '[' ? 3 : 2;
        begin = index + 1;
      }
    } else {
      if (depth === level && token === '}' && key === '"Statement"') {
        spans.push({ start: positionAt(text, begin), end: positionAt(text, index + 1) });
        begin = index + 1;
      }
      depth -= 1;
    }
  }
  return spans;
}

/** Strings and brackets: all that nesting needs. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]]/g;

function positionAt(text: string, offset: number): Position {
  const before = text.slice(0, offset).split('\n');
  return { Line: before.length, Column: before.at(-1)!.length + 1 };
}
