import * as fc from 'fast-check';
import { parseDocument } from 'yaml';
import { expect, test } from 'vitest';
import { readPlainState } from './read.ts';
import { writeState } from './write.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({ unit: fc.constantFrom(...'a: -#|"\\\n[]{}0\'&*!?'), maxLength: 12 }),
  fc.constantFrom(
    'true',
    'NO',
    '~',
    'null',
    '0x1f',
    '1e3',
    '012',
    '- a',
    'a: b',
    '|-',
    'arn:aws:s3:::b/*',
    'a\n  b\nc',
  ),
);
const { state } = fc.letrec<{ value: unknown; state: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((name) => name !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
  state: fc.dictionary(
    text.filter((name) => name !== '__proto__'),
    tie('value'),
    { minKeys: 1, maxKeys: 4, noNullPrototype: true },
  ),
}));

function library(yaml: string): unknown {
  const document = parseDocument(yaml);
  return document.errors.length > 0 ? undefined : document.toJS();
}

test('what is written is read as it was, by the library too', () => {
  fc.assert(
    fc.property(state, (value) => {
      const yaml = writeState(value);
      expect(library(yaml)).toEqual(value);
      const plain = readPlainState(yaml);
      if (plain !== undefined) expect(plain).toEqual(value);
    }),
    { numRuns: 500 },
  );
});

test('of what was changed by hand, nothing is read in another way than the library does', () => {
  const change = fc.record({
    at: fc.nat(),
    remove: fc.nat(3),
    add: fc.string({ unit: fc.constantFrom(...'a: -#|"\n[]{}0\'&*!?~.'), maxLength: 4 }),
  });
  fc.assert(
    fc.property(state, change, (value, { at, remove, add }) => {
      const yaml = writeState(value);
      const place = at % (yaml.length + 1);
      const changed = yaml.slice(0, place) + add + yaml.slice(place + remove);
      const plain = readPlainState(changed);
      if (plain !== undefined) expect(plain).toEqual(library(changed));
    }),
    { numRuns: 1000 },
  );
});
