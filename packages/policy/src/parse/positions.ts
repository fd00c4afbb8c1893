import type { Path } from '../problem.ts';

/** Where a value of a JSON text stands, as offsets. */
export interface Spot {
  start: number;
  /** Of the member's name, for a value in an object. */
  key?: number;
  children?: Map<string | number, Spot>;
}

export interface Position {
  /** One-based. */
  line: number;
  /** One-based, in UTF-16 units. */
  column: number;
}

/** Finds the lines and columns of a text and of the values in it. */
export class Positions {
  private readonly text: string;
  private readonly root: Spot | undefined;
  private lines: number[] | undefined;

  constructor(text: string, root: Spot | undefined) {
    this.text = text;
    this.root = root;
  }

  /** Position of a value, or of its name; of the closest value around it where the path leads nowhere. */
  of(path: Path, part: 'key' | 'value' = 'value'): Position {
    let spot = this.root;
    for (const step of path) {
      const child = spot?.children?.get(step);
      if (child === undefined) return this.at(spot?.start ?? 0);
      spot = child;
    }
    return this.at((part === 'key' ? spot?.key : undefined) ?? spot?.start ?? 0);
  }

  at(offset: number): Position {
    const lines = (this.lines ??= lineStarts(this.text));
    let low = 0;
    let high = lines.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (lines[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - lines[low]! + 1 };
  }
}

/** Lines end with a line feed, a carriage return, or both. */
function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || (code === 0x0d && text.charCodeAt(at + 1) !== 0x0a)) starts.push(at + 1);
  }
  return starts;
}
