import { AwsError } from '../../../wire/errors.ts';
import { malformedXml } from '../errors.ts';

// Lifecycle rules take effect at midnight UTC.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html

export const DAY = 86_400_000;

/** So many days later, at the next midnight. */
export function midnightAfter(time: number, days: number): number {
  return Math.ceil((time + days * DAY) / DAY) * DAY;
}

export function requireMidnight(date: Date): number {
  if (Number.isNaN(date.getTime())) throw malformedXml();
  if (date.getTime() % DAY === 0) return date.getTime();
  throw new AwsError('InvalidArgument', "'Date' must be at midnight GMT");
}
