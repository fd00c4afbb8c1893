import * as fc from 'fast-check';
import { test } from 'vitest';
import { agreement, soundness, soundnessOfUnread } from './naive/properties.ts';

test('the engine and a naive evaluator agree', () => {
  fc.assert(agreement, { numRuns: 3000 });
});

test('whatever unknown keys turn out to be, a definite answer stands', () => {
  fc.assert(soundness, { numRuns: 1500 });
});

test('whatever a layer that nobody could read says, a definite answer stands', () => {
  fc.assert(soundnessOfUnread, { numRuns: 1000 });
});
