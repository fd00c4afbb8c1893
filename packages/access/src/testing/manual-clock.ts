import type { Clock } from '../credentials/clock.ts';

export interface ManualClock extends Clock {
  /** Moves time on, and runs what falls due on the way. */
  advance(ms: number): void;
  /** Timers that wait. */
  readonly waiting: number;
}

/** A clock that stands still until it is moved. It starts at the real time, since signatures are dated by it. */
export function manualClock(random: () => number = () => 0.5): ManualClock {
  let now = Math.floor(Date.now() / 1000) * 1000;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    random,
    after(ms, run) {
      const timer = { at: now + Math.max(ms, 0), run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.run();
      }
      now = end;
    },
    get waiting() {
      return timers.size;
    },
  };
}
