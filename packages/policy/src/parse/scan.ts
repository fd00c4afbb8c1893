import type { Path } from '../problem.ts';
import type { Spot } from './positions.ts';
import { type StringToken, readNumber, readString, readWord, skipBlank } from './tokens.ts';

export interface SyntaxProblem {
  code: 'json-syntax' | 'duplicate-key';
  message: string;
  help: string;
  offset: number;
  path: Path;
}

export interface Scan {
  /** Undefined where the text could not be read to its end. */
  value: unknown;
  root: Spot | undefined;
  problems: SyntaxProblem[];
}

/** A container that is still open. */
type Frame = { spot: Spot } & (
  | { kind: 'object'; value: Record<string, unknown>; name: string; nameAt: number }
  | { kind: 'array'; value: unknown[] }
);

/** What may come next. */
type Expected = 'value' | 'first-item' | 'name' | 'first-name' | 'comma' | 'end';

/** What makes the rest unreadable. */
class Unreadable extends Error {}

/**
 * Reads a JSON text with the place of each value. It goes on after slips that leave no doubt (a comma too many or
 * missing, comments, quotes of another kind), so that one reading finds them all. In one pass, without recursion.
 */
export function scan(text: string): Scan {
  const scanner = new Scanner(text);
  try {
    return { value: scanner.read(), root: scanner.root, problems: scanner.problems };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { value: undefined, root: scanner.root, problems: scanner.problems };
  }
}

class Scanner {
  readonly problems: SyntaxProblem[] = [];
  root: Spot | undefined;
  private readonly text: string;
  private readonly frames: Frame[] = [];
  private at = 0;
  private commaAt = 0;
  private value: unknown;
  private expected: Expected = 'value';

  constructor(text: string) {
    this.text = text;
  }

  read(): unknown {
    if (this.text.startsWith('\uFEFF')) this.at = 1; // a byte order mark, which editors leave
    for (;;) {
      this.skip();
      if (this.at >= this.text.length) {
        if (this.expected === 'end') return this.value;
        this.unreadable(this.unfinished(), 'Close every string, bracket and brace that is open.');
      }
      this.step();
    }
  }

  private step(): void {
    switch (this.expected) {
      case 'value':
      case 'first-item':
        return this.readValue();
      case 'name':
      case 'first-name':
        return this.readName();
      case 'comma':
        return this.readComma();
      case 'end':
        this.unreadable('there is more text after the document', 'Keep one JSON object and remove the rest.');
    }
  }

  private readValue(): void {
    const letter = this.text[this.at]!;
    const start = this.at;
    if (letter === '{') {
      this.at++;
      this.frames.push({
        kind: 'object',
        value: {},
        name: '',
        nameAt: 0,
        spot: { start },
      });
      this.expected = 'first-name';
    } else if (letter === '[') {
      this.at++;
      this.frames.push({ kind: 'array', value: [], spot: { start } });
      this.expected = 'first-item';
    } else if (letter === ']' && this.frames.at(-1)?.kind === 'array') {
      if (this.expected === 'value')
        this.report('a comma stands before `]`', 'Remove the comma.', this.commaAt);
      this.close();
    } else {
      this.attach(this.readScalar(), { start });
    }
  }

  private readScalar(): unknown {
    const string = readString(this.text, this.at);
    if (string) return this.take(string);
    const number = readNumber(this.text, this.at);
    if (number) {
      this.at += number.length;
      return Number(number);
    }
    const word = readWord(this.text, this.at);
    const known = word === undefined ? undefined : LITERALS.get(word);
    if (word !== undefined && known !== undefined) {
      this.at += word.length;
      return known.value;
    }
    return this.unreadable(
      `${this.quoted(word ?? this.text[this.at]!)} is not a JSON value`,
      'Put texts in double quotes.',
    );
  }

  private readName(): void {
    const letter = this.text[this.at]!;
    if (letter === '}') {
      if (this.expected === 'name')
        this.report('a comma stands before `}`', 'Remove the comma.', this.commaAt);
      return this.close();
    }
    const start = this.at;
    const string = readString(this.text, start);
    const name = string ? this.take(string) : this.takeBareName();
    this.skip();
    if (this.text[this.at] !== ':') {
      this.unreadable(`a colon is missing after ${this.quoted(name)}`, 'Write `"Name": value`.');
    }
    this.at++;
    const frame = this.frames.at(-1);
    if (frame?.kind === 'object') {
      frame.name = name;
      frame.nameAt = start;
      if (Object.hasOwn(frame.value, name)) this.reportDuplicate(name, start);
    }
    this.expected = 'value';
  }

  private takeBareName(): string {
    const word = readWord(this.text, this.at);
    if (word === undefined) {
      this.unreadable(
        `${this.quoted(this.text[this.at]!)} stands where a name should`,
        'Write each member as `"Name": value`.',
      );
    }
    this.report(`the name ${this.quoted(word)} is not in quotes`, `Write \`"${word}"\`.`);
    this.at += word.length;
    return word;
  }

  private readComma(): void {
    const letter = this.text[this.at]!;
    const frame = this.frames.at(-1)!;
    const object = frame.kind === 'object';
    if (letter === ',') {
      this.commaAt = this.at++;
      this.expected = object ? 'name' : 'value';
    } else if (letter === (object ? '}' : ']')) {
      this.close();
    } else if (letter === '}' || letter === ']') {
      this.unreadable(
        `\`${letter}\` stands where ${object ? 'an object' : 'a list'} is still open`,
        `Close it with \`${object ? '}' : ']'}\` first.`,
      );
    } else {
      this.report('a comma is missing', 'Put a comma between the two.');
      this.expected = object ? 'name' : 'value';
    }
  }

  private close(): void {
    this.at++;
    const { value, spot } = this.frames.pop()!;
    this.attach(value, spot);
  }

  private attach(value: unknown, spot: Spot): void {
    const frame = this.frames.at(-1);
    if (frame === undefined) {
      this.value = value;
      this.root = spot;
      this.expected = 'end';
      return;
    }
    if (frame.kind === 'array') {
      childrenOf(frame).set(frame.value.length, spot);
      frame.value.push(value);
    } else {
      childrenOf(frame).set(frame.name, { ...spot, key: frame.nameAt });
      // An assignment to `__proto__` would set the prototype.
      Object.defineProperty(frame.value, frame.name, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    this.expected = 'comma';
  }

  private take(token: StringToken): string {
    for (const { offset, message, help } of token.slips) this.report(message, help, offset);
    this.at = token.end;
    if (!token.closed) {
      this.unreadable(
        'a string is not closed on its line',
        'Close it with `"`; write a line break as `\\n`.',
        token.start,
      );
    }
    return token.value;
  }

  private skip(): void {
    const { end, slip } = skipBlank(this.text, this.at);
    if (slip) this.report(slip.message, slip.help, slip.offset);
    this.at = end;
  }

  private report(message: string, help: string, offset = this.at): void {
    if (this.problems.length < MOST_PROBLEMS) {
      this.problems.push({ code: 'json-syntax', message, help, offset, path: [] });
    }
  }

  private reportDuplicate(name: string, offset: number): void {
    if (this.problems.length >= MOST_PROBLEMS) return;
    const message = `${this.quoted(name)} is there twice`;
    const help = 'Keep one; AWS would silently drop the other or refuse the document.';
    this.problems.push({ code: 'duplicate-key', message, help, offset, path: this.path() });
  }

  private path(): Path {
    const outer = this.frames.slice(0, DEEPEST_PATH);
    return outer.map((frame) => (frame.kind === 'object' ? frame.name : frame.value.length));
  }

  private unreadable(message: string, help: string, offset = this.at): never {
    this.problems.length = Math.min(this.problems.length, MOST_PROBLEMS - 1);
    this.report(message, help, offset);
    throw new Unreadable();
  }

  private unfinished(): string {
    const open = this.frames.at(-1);
    if (open === undefined) return 'the text is empty';
    return `the text ends inside ${open.kind === 'object' ? 'an object' : 'a list'}`;
  }

  private quoted(text: string): string {
    return `\`${text.length > 60 ? `${text.slice(0, 60)}...` : text}\``;
  }
}

const childrenOf = ({ spot }: Frame): Map<string | number, Spot> => (spot.children ??= new Map());

/** Who has this many slips in a text does not read on. */
const MOST_PROBLEMS = 100;

/** Deeper than any policy is. */
const DEEPEST_PATH = 10;

const LITERALS = new Map<string, { value: unknown }>([
  ['true', { value: true }],
  ['false', { value: false }],
  ['null', { value: null }],
]);
