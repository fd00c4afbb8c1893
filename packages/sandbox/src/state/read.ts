import { PLAIN } from './write.ts';

/** Beyond the form that `writeState` writes: for the library. */
const OTHER = Symbol('other');

/**
 * Reads what `writeState` writes, many times as fast as a library reads YAML.
 * @returns Nothing where anything is of another form, be it right or wrong.
 */
export function readPlainState(text: string): unknown {
  if (!text.endsWith('\n') || /[^\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff]/.test(text)) return undefined;
  try {
    const lines = new Lines(text.slice(0, -1).split('\n'));
    const value = lines.members(0);
    return lines.isAtEnd ? value : undefined;
  } catch (error) {
    if (error === OTHER) return undefined;
    throw error;
  }
}

class Lines {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#lines.length;
  }

  /** @param first Of an item of a list: its first member, which stands behind the dash. */
  members(column: number, first?: string): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    let line = first ?? this.#take(column);
    if (line === undefined) throw OTHER;
    for (; line !== undefined; line = this.#take(column)) {
      const end = nameEnd(line);
      if (line[end] !== ':') throw OTHER;
      const name = readName(line.slice(0, end));
      if (Object.hasOwn(members, name)) throw OTHER;
      members[name] = this.#value(line.slice(end + 1), column);
    }
    return members;
  }

  #value(rest: string, column: number): unknown {
    if (rest === '') return this.#nested(column + 2);
    if (!rest.startsWith(' ')) throw OTHER;
    return rest === ' |-' ? this.#block(column + 2) : readScalar(rest.slice(1));
  }

  #nested(column: number): unknown {
    const line = this.#lines[this.#at];
    if (line === undefined) throw OTHER;
    return line[column] === '-' && (line.length === column + 1 || line[column + 1] === ' ')
      ? this.#items(column)
      : this.members(column);
  }

  #items(column: number): unknown[] {
    const items: unknown[] = [];
    for (let line = this.#take(column); line !== undefined; line = this.#take(column)) {
      if (line === '-') items.push(this.#nested(column + 2));
      else if (!line.startsWith('- ')) throw OTHER;
      else {
        const rest = line.slice(2);
        items.push(isScalar(rest) ? readScalar(rest) : this.members(column + 2, rest));
      }
    }
    return items;
  }

  #block(column: number): string {
    const indent = ' '.repeat(column);
    const parts: string[] = [];
    const isWithin = () => this.#lines[this.#at]?.startsWith(indent) === true;
    for (; isWithin(); this.#at++) parts.push(this.#lines[this.#at]!.slice(column));
    const next = this.#lines[this.#at];
    // The first line says how deep it is, and lines without text are the library's.
    const isPlain =
      parts.length > 0 && !parts[0]!.startsWith(' ') && parts.every((part) => part.trim() !== '');
    if (!isPlain || next?.trim() === '') throw OTHER;
    return parts.join('\n');
  }

  /** The next line from a column on; nothing where it is not as deep. */
  #take(column: number): string | undefined {
    const line = this.#lines[this.#at];
    if (line === undefined) return undefined;
    let depth = 0;
    while (line.charCodeAt(depth) === 32) depth += 1;
    if (depth < column && depth < line.length) return undefined;
    if (depth !== column || depth === line.length) throw OTHER;
    this.#at += 1;
    return line.slice(column);
  }
}

const QUOTED = /^"(?:[^"\\]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*"/;
const NUMBER = /^(?:0|-?[1-9]\d{0,14})(?:\.\d{1,15})?$/;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

function nameEnd(line: string): number {
  if (line.startsWith('"')) return QUOTED.exec(line)?.[0].length ?? fail();
  const end = line.indexOf(': ');
  if (end !== -1) return end;
  return line.endsWith(':') ? line.length - 1 : fail();
}

function readName(text: string): string {
  const name = text.startsWith('"') ? (JSON.parse(text) as string) : text;
  if ((name === text && !PLAIN.test(name)) || name === '__proto__') throw OTHER;
  return name;
}

function isScalar(text: string): boolean {
  if (text.startsWith('"')) return QUOTED.exec(text)?.[0].length === text.length;
  return PLAIN.test(text) || NUMBER.test(text) || WORDS.has(text) || text === '[]' || text === '{}';
}

function readScalar(text: string): unknown {
  if (!isScalar(text)) throw OTHER;
  if (text.startsWith('"')) return JSON.parse(text);
  if (text === '[]') return [];
  if (text === '{}') return {};
  if (WORDS.has(text)) return WORDS.get(text);
  return NUMBER.test(text) ? Number(text) : text;
}

function fail(): never {
  throw OTHER;
}
