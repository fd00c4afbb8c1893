/** Everything that decides what a session does next. Times are milliseconds of the local clock. */
export interface SessionTimes {
  /** When the credentials in hand end; without it, there are none. */
  expiresAt?: number;
  /** When to renew them. */
  refreshAt?: number;
  /** After a failure: no call to STS before this. */
  retryAt?: number;
}

/**
 * `use` the credentials in hand; use them and `renew` them meanwhile; `fetch` and let the caller wait;
 * or `fail` at once, because there are none and it is too early to ask again.
 */
export type Step = 'use' | 'renew' | 'fetch' | 'fail';

/** What a session does at `now`. */
export function nextStep({ expiresAt, refreshAt, retryAt }: SessionTimes, now: number): Step {
  // A clock that was set back must not silence a session for hours.
  const mayCall = retryAt === undefined || now >= retryAt || retryAt - now > LONGEST_DELAY;
  if (expiresAt === undefined || now >= expiresAt) return mayCall ? 'fetch' : 'fail';
  return mayCall && refreshAt !== undefined && now >= refreshAt ? 'renew' : 'use';
}

/** How long a session that has nothing valid is remembered without anybody asking for it. */
const IDLE = 900_000;

/** When to look at a session again: to renew it while it is in use, to let it lapse otherwise. */
export function wakeTime(
  { expiresAt, refreshAt, retryAt }: SessionTimes,
  inUse: boolean,
  now: number,
): number {
  if (expiresAt === undefined || refreshAt === undefined) return now + IDLE;
  if (now < refreshAt) return refreshAt;
  return inUse && retryAt !== undefined && retryAt > now ? Math.min(retryAt, expiresAt) : expiresAt;
}

/** Between 60 and 80 % of the session's life: early enough to sit out an outage, spread so that a fleet started together does not come back together. */
export function refreshTime(issuedAt: number, expiresAt: number, random: number): number {
  return issuedAt + (expiresAt - issuedAt) * (0.6 + 0.2 * random);
}

const DELAYS = {
  /** Full jitter: anywhere below a ceiling that doubles. */
  transient: { first: 1000, ceiling: 60_000, floor: 0 },
  /** Somebody must change a policy first, so ask seldom. */
  permanent: { first: 5000, ceiling: 300_000, floor: 0.5 },
} as const;

const LONGEST_DELAY = DELAYS.permanent.ceiling;

/** Milliseconds until the next try, after `failures` (1 or more) in a row. */
export function retryDelay(kind: keyof typeof DELAYS, failures: number, random: number): number {
  const { first, ceiling, floor } = DELAYS[kind];
  const limit = Math.min(ceiling, first * 2 ** Math.min(failures - 1, 20));
  return limit * (floor + (1 - floor) * random);
}
