import { expect, test } from 'vitest';
import { parseMany } from '../../../test/parse-survives.ts';

test('generated and mutated texts are parsed without a throw, and as JSON.parse reads them', () => {
  const seed = Date.now() | 0;
  const { texts, usable, problems } = parseMany(5_000, seed);
  expect(texts).toBe(5_000);
  expect(usable, `seed ${seed}`).toBeGreaterThan(10);
  expect(problems.size, `seed ${seed}`).toBeGreaterThan(15);
});
