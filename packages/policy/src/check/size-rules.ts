import type { SizeLimit } from './kinds.ts';
import { rulesOf } from './kinds.ts';
import type { Rule, Subject } from './rule.ts';

/** What AWS counts of a document. */
function sizeOf({ document, text }: Subject, { spaces, unit }: SizeLimit): number {
  const written = text ?? JSON.stringify(document);
  const weigh = unit === 'bytes' ? bytesOf : oneEach;
  let size = 0;
  let inString = false;
  for (let at = 0; at < written.length; at++) {
    const code = written.charCodeAt(at);
    if (code === QUOTE) inString = !inString;
    if (spaces || inString || !isSpace(code)) size += weigh(code);
    if (inString && code === BACKSLASH) size += weigh(written.charCodeAt(++at));
  }
  return size;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

const isSpace = (code: number): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;

const oneEach = (): number => 1;

/** Of UTF-8; a pair of surrogates has four. */
function bytesOf(code: number): number {
  if (code < 0x80) return 1;
  return code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
}

const number = (count: number): string => count.toLocaleString('en-US');

/** Only for texts, and for documents whose shape is right: others may be deep or contain themselves. */
export const SIZE_RULES: readonly Rule[] = [
  {
    code: 'too-large',
    title: 'The document is longer than AWS takes',
    severity: 'error',
    help: 'Shorten it: merge statements that differ in one element, use wildcards, or grant to a role instead of many principals.',
    *find(subject) {
      const exceeded =
        rulesOf(subject.kind)?.limits.filter((limit) => sizeOf(subject, limit) > limit.most) ?? [];
      // Only the worst: who breaks the hard limit breaks the soft one too.
      const limit = exceeded.find(({ hard }) => hard) ?? exceeded[0];
      if (limit === undefined) return;
      const { most, unit, spaces, hard, of } = limit;
      const size = `${number(sizeOf(subject, limit))} ${unit}${spaces ? '' : ', white space not counted'}`;
      yield {
        path: [],
        message: `the document has ${size}; ${of} may have ${number(most)}`,
        severity: hard ? 'error' : 'warning',
      };
    },
  },
];
