import type { SizeLimit } from './kinds.ts';
import { rulesOf } from './kinds.ts';
import type { Rule, Subject } from './rule.ts';

/** What AWS counts of a document. */
function sizeOf({ document, text }: Subject, { spaces, unit }: SizeLimit): number {
  const counted = spaces && text !== undefined ? text : JSON.stringify(document);
  return unit === 'bytes' ? utf8Length(counted) : counted.length;
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at)!;
    if (code > 0xffff) at++;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

const number = (count: number): string => count.toLocaleString('en-US');

/** Only for documents whose shape is right, whose depth is therefore known. */
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
