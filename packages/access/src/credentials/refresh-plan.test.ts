import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextStep, refreshTime, retryDelay, wakeTime } from './refresh-plan.ts';

test.each([
  ['nothing in hand', {}, 'fetch'],
  ['fresh', { expiresAt: 200, refreshAt: 150 }, 'use'],
  ['due', { expiresAt: 200, refreshAt: 100 }, 'renew'],
  ['due, and it failed a moment ago', { expiresAt: 200, refreshAt: 90, retryAt: 110 }, 'use'],
  ['due, and the wait is over', { expiresAt: 200, refreshAt: 90, retryAt: 100 }, 'renew'],
  ['expired', { expiresAt: 100, refreshAt: 90 }, 'fetch'],
  ['expired, and it failed a moment ago', { expiresAt: 100, refreshAt: 90, retryAt: 110 }, 'fail'],
  ['none, and the clock was set back by a year', { retryAt: 100 + 31_536_000_000 }, 'fetch'],
])('%s', (_, times, step) => {
  expect(nextStep(times, 100)).toBe(step);
});

test.each([
  ['before the renewal is due', { expiresAt: 900, refreshAt: 700 }, true, 700],
  ['while the renewal fails', { expiresAt: 900, refreshAt: 400, retryAt: 600 }, true, 600],
  ['when the next try would come too late', { expiresAt: 900, refreshAt: 400, retryAt: 1000 }, true, 900],
  ['due, and not in use', { expiresAt: 900, refreshAt: 400, retryAt: 600 }, false, 900],
  ['without credentials', { retryAt: 600 }, true, 500 + 900_000],
])('looks again %s', (_, times, inUse, at) => {
  expect(wakeTime(times, inUse, 500)).toBe(at);
});

const instant = fc.integer({ min: 0, max: 1e13 });
const chance = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

test('credentials that have not ended are always used, and ended ones never', () => {
  fc.assert(
    fc.property(
      fc.record({ refreshAt: instant, retryAt: instant }),
      instant,
      instant,
      (times, expiresAt, now) => {
        const used = ['use', 'renew'].includes(nextStep({ ...times, expiresAt }, now));
        expect(used).toBe(now < expiresAt);
      },
    ),
  );
});

test('renewals of a fleet spread over a fifth of the session, and leave a fifth for outages', () => {
  const hour = 3_600_000;
  const times = Array.from({ length: 1000 }, (_, i) => refreshTime(0, hour, i / 1000));
  expect(Math.min(...times)).toBe(0.6 * hour);
  expect(Math.max(...times)).toBeLessThanOrEqual(0.8 * hour);
  const busiestMinute = Math.max(
    ...Array.from({ length: 60 }, (_, m) => times.filter((t) => Math.floor(t / 60_000) === m).length),
  );
  expect(busiestMinute).toBeLessThan(100);
});

test('delays grow to a ceiling; permanent ones keep a distance', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), chance, (failures, random) => {
      const transient = retryDelay('transient', failures, random);
      const permanent = retryDelay('permanent', failures, random);
      expect(transient).toBeGreaterThanOrEqual(0);
      expect(transient).toBeLessThanOrEqual(60_000);
      expect(permanent).toBeGreaterThanOrEqual(2500);
      expect(permanent).toBeLessThanOrEqual(300_000);
    }),
  );
  expect(retryDelay('transient', 4, 0.5)).toBe(4000);
  expect(retryDelay('permanent', 3, 0)).toBe(10_000);
});
