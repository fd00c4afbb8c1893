import { describe, expect, test } from 'vitest';
import { barOf, lineOf } from './progress.ts';
import { emptyTally } from './tally.ts';
import { count, humanBytes, humanTime, parseBytes } from './units.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KiB'],
  [10 * 1024 ** 2, '10 MiB'],
  [5 * 1024 ** 4, '5.0 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(humanBytes(bytes)).toBe(text);
});

test.each([
  [1, '1 object'],
  [999, '999 objects'],
  [1000, '1,000 objects'],
  [1_234_567, '1,234,567 objects'],
])('%d objects are %s', (number, text) => {
  expect(count(number, 'object')).toBe(text);
});

test.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [185, '3:05'],
  [7385, '2:03:05'],
])('%d seconds are %s', (seconds, text) => {
  expect(humanTime(seconds)).toBe(text);
});

test.each([
  ['1048576', 1_048_576],
  ['8MiB', 8 * 1024 ** 2],
  ['64k', 65_536],
  ['1.5 GB', 1.5 * 1024 ** 3],
  ['', undefined],
  ['-1', undefined],
  ['8 apples', undefined],
])('%j is a size of %d', (text, bytes) => {
  expect(parseBytes(text)).toBe(bytes);
});

describe('progress', () => {
  const half = {
    ...emptyTally(),
    moved: 30 * 1024 ** 2,
    resumed: 20 * 1024 ** 2,
    total: 100 * 1024 ** 2,
    finished: 1,
  };

  test('tells bytes, rate, objects and time left, by what this process moves', () => {
    expect(lineOf(half, 3)).toBe('50 MiB of 100 MiB, 10 MiB/s, 5 s left');
    expect(barOf(half, 3)).toBe('[############------------]  50%  50 MiB of 100 MiB, 10 MiB/s, 5 s left');
  });

  test('tells no time where nobody knows how much there is', () => {
    const many = { ...emptyTally(), moved: 1024, finished: 2, unchanged: 1000, failed: 1 };
    expect(barOf(many, 1)).toBe('1.0 KiB, 1.0 KiB/s, 2 objects, 1,000 unchanged, 1 failed');
  });

  test('tells of bytes only where some have moved', () => {
    expect(barOf({ ...emptyTally(), deleted: 2000 }, 1)).toBe('2,000 deleted');
    expect(barOf(emptyTally(), 1)).toBe('0 B, 0 B/s, 0 objects');
  });
});
