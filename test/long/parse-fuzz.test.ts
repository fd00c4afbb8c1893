import { expect, test } from 'vitest';
import { parseMany } from '../parse-survives.ts';

const COUNT = Number(process.env['FUZZ_COUNT'] ?? 1_000_000);

test(`parsePolicy survives ${COUNT} generated and mutated texts`, { timeout: 3_600_000 }, () => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() | 0);
  const start = performance.now();
  const { texts, usable, problems } = parseMany(COUNT, seed);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`seed ${seed}: ${texts} texts in ${seconds} s, ${usable} usable; problems by code:`);
  console.log(
    [...problems]
      .toSorted((a, b) => b[1] - a[1])
      .map(([code, count]) => `  ${code} ${count}`)
      .join('\n'),
  );
  expect(texts).toBe(COUNT);
});
