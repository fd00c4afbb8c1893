import * as fc from 'fast-check';
import { test } from 'vitest';
import { agreement, soundness, soundnessOfUnread } from '../naive/properties.ts';

const RUNS = Number(process.env['RUNS'] ?? 1_000_000);
const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
const HOUR = 3_600_000;

/** Says what it ran, so that a run can be repeated: `SEED=1 RUNS=1000 npm run test:long`. */
function check<T>(name: string, property: fc.IProperty<T>, numRuns: number): void {
  const started = performance.now();
  fc.assert(property, { seed: SEED, numRuns, endOnFailure: false });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${name}: ${numRuns} generated, seed ${SEED}, ${seconds} s`);
}

test('the engine and a naive evaluator agree', () => check('agreement', agreement, RUNS), HOUR);

test(
  'a definite answer stands whatever unknown keys turn out to be',
  () => check('soundness of depends, 8 samples each', soundness, Math.ceil(RUNS / 5)),
  HOUR,
);

test(
  'a definite answer stands whatever an unread layer says',
  () => check('soundness of unread layers, 8 samples each', soundnessOfUnread, Math.ceil(RUNS / 10)),
  HOUR,
);
