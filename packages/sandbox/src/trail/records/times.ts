/** The second that was written last: those of one batch are mostly the same. */
let latest = { second: Number.NaN, text: '' };

/** A time as CloudTrail writes it: `2026-08-01T00:00:00Z`. */
export function isoSeconds(time: number): string {
  const second = Math.floor(time / 1000);
  if (second !== latest.second)
    latest = { second, text: new Date(second * 1000).toISOString().replace('.000Z', 'Z') };
  return latest.text;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * A time as it stands within parameters and answers: `Jul 18, 2014 4:07:39 PM`, in UTC.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
export function elementTime(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0');
  const hours = time.getUTCHours();
  const day = `${MONTHS[time.getUTCMonth()]} ${time.getUTCDate()}, ${time.getUTCFullYear()}`;
  const clock = `${hours % 12 || 12}:${two(time.getUTCMinutes())}:${two(time.getUTCSeconds())}`;
  return `${day} ${clock} ${hours < 12 ? 'AM' : 'PM'}`;
}
