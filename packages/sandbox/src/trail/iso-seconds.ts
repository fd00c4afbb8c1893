/** A time as CloudTrail writes it: `2026-08-01T00:00:00Z`. */
export function isoSeconds(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+/, '');
}
