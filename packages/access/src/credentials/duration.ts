import { AccessError } from '../errors.ts';

const UNITS = { s: 1, m: 60, h: 3600 } as const;

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html
const SHORTEST = 900;
const LONGEST = 43_200;
/** A session whose caller is itself a role session. https://repost.aws/ja/knowledge-center/iam-role-chaining-limit */
const LONGEST_CHAINED = 3600;

/** Seconds, or a number with a unit: `900`, `'45m'`, `'1h'`, `'3600s'`. */
export type Duration = number | `${number}${keyof typeof UNITS}`;

/** The seconds of a duration with or without its unit; NaN for what is none. */
export function secondsOf(duration: Duration): number {
  const [, amount, unit] = /^(\d{1,6})([smh]?)$/.exec(String(duration)) ?? [];
  return Number(amount) * UNITS[(unit || 's') as keyof typeof UNITS];
}

/** The seconds of a session's duration; throws `invalid-option` outside 15 minutes to 12 hours, and `session-duration` beyond the cap on chains. */
export function sessionSeconds(duration: Duration, chained: boolean): number {
  const seconds = secondsOf(duration);
  if (!(seconds >= SHORTEST && seconds <= LONGEST)) {
    throw new AccessError(
      'invalid-option',
      `a session cannot last \`${String(duration).slice(0, 40)}\``,
      'pass seconds or a number with a unit, from 15m to 12h (and at most the maximum session duration of the role)',
    );
  }
  if (chained && seconds > LONGEST_CHAINED) {
    throw new AccessError(
      'session-duration',
      `a session of chained roles lasts 1 hour at most, and \`${duration}\` was asked for`,
      'ask for 1h or less, or leave `duration` out: credentials are renewed before they expire anyway',
    );
  }
  return seconds;
}
