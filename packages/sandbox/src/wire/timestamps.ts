export const TIMESTAMP = /^\d{8}T\d{6}Z$/;

export function formatTimestamp(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** The last one read: a client's requests of one second all carry the same. */
let latest = { timestamp: '', time: Number.NaN };

/** Milliseconds since 1970 of a `20260801T000000Z`. */
export function parseTimestamp(timestamp: string): number {
  if (timestamp === latest.timestamp) return latest.time;
  const iso = timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  latest = { timestamp, time: Date.parse(iso) };
  return latest.time;
}
