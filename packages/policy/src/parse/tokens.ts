export interface StringToken {
  value: string;
  start: number;
  /** Behind the closing quote. */
  end: number;
  closed: boolean;
  slips: Slip[];
}

/** Opening quotes and their closing ones; only the first pair is JSON's. */
const QUOTES: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '\u201C': '\u201D',
  '\u2018': '\u2019',
};

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Reads a string at an offset; undefined where none starts. A string ends with its line. */
export function readString(text: string, start: number): StringToken | undefined {
  const quote = text[start] ?? '';
  const closing = Object.hasOwn(QUOTES, quote) ? QUOTES[quote]! : undefined;
  if (closing === undefined) return undefined;
  const slips: Slip[] = [];
  if (quote !== '"') {
    slips.push({
      offset: start,
      message: `a string is in \`${quote}\` quotes`,
      help: 'JSON takes straight double quotes only.',
    });
  }
  const parts: string[] = [];
  let from = start + 1;
  for (let at = from; at < text.length; at++) {
    const letter = text[at]!;
    if (letter === closing) {
      parts.push(text.slice(from, at));
      return { value: parts.join(''), start, end: at + 1, closed: true, slips };
    }
    if (letter === '\n' || letter === '\r') return { value: '', start, end: at, closed: false, slips };
    if (letter < ' ') {
      slips.push({
        offset: at,
        message: 'a string holds a control character',
        help: 'Write a tab as `\\t`.',
      });
    }
    if (letter !== '\\') continue;
    parts.push(text.slice(from, at));
    const escape = text[at + 1] ?? '';
    if (Object.hasOwn(ESCAPES, escape)) {
      parts.push(ESCAPES[escape]!);
      at += 1;
    } else if (escape === 'u' && /^[0-9a-f]{4}$/i.test(text.slice(at + 2, at + 6))) {
      parts.push(String.fromCharCode(Number.parseInt(text.slice(at + 2, at + 6), 16)));
      at += 5;
    } else {
      slips.push({
        offset: at,
        message: `\`\\${escape}\` is not an escape of JSON's`,
        help: 'Write a backslash as `\\\\`.',
      });
    }
    from = at + 1;
  }
  return { value: '', start, end: text.length, closed: false, slips };
}

/** The number at an offset, as it is written. */
export function readNumber(text: string, start: number): string | undefined {
  NUMBER.lastIndex = start;
  return NUMBER.exec(text)?.[0];
}

/** Digits that a letter or digit follows are not a number. */
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;

/** The bare word at an offset. */
export function readWord(text: string, start: number): string | undefined {
  WORD.lastIndex = start;
  return WORD.exec(text)?.[0];
}

const WORD = /[\w$.+-]+/y;

/** Something in the text that JSON does not have, and that can be read over. */
export interface Slip {
  offset: number;
  message: string;
  help: string;
}

/** Skips white space, and what JSON does not have but whose meaning is plain. */
export function skipBlank(text: string, start: number): { end: number; slip?: Slip } {
  let slip: Slip | undefined;
  let at = start;
  for (;;) {
    BLANK.lastIndex = at;
    if (BLANK.test(text)) at = BLANK.lastIndex;
    const comment = endOfComment(text, at);
    ODD_BLANK.lastIndex = at;
    if (comment !== undefined) {
      slip ??= { offset: at, message: 'JSON has no comments', help: 'Remove the comment.' };
      at = comment;
    } else if (ODD_BLANK.test(text)) {
      slip ??= {
        offset: at,
        message: 'a space of a kind that JSON does not know stands here',
        help: 'Replace it with a plain space; pages that documents are copied from often have no-break spaces.',
      };
      at = ODD_BLANK.lastIndex;
    } else {
      return { end: at, ...(slip && { slip }) };
    }
  }
}

const BLANK = /[ \t\r\n]+/y;

/** No-break, zero-width and the like. */
const ODD_BLANK = /[\u00A0\u2000-\u200D\u2028\u2029\u202F\u205F\u2060\u3000\uFEFF\v\f]+/y;

function endOfComment(text: string, start: number): number | undefined {
  if (text[start] !== '/') return undefined;
  const kind = text[start + 1];
  if (kind !== '/' && kind !== '*') return undefined;
  const end = kind === '/' ? text.indexOf('\n', start) : text.indexOf('*/', start + 2);
  if (end < 0) return text.length;
  return kind === '/' ? end : end + 2;
}
