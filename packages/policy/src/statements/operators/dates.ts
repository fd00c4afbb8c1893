const EPOCH = /^-?\d+(?:\.\d+)?$/;
const YEAR = /^\d{4}$/;
const ISO =
  /^(\d{4})-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?)?$/;

/**
 * Milliseconds since 1970 of one of the W3C's forms of ISO 8601 or of epoch seconds; without a zone it is UTC.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function parseDate(text: string): number | undefined {
  if (YEAR.test(text)) return Date.UTC(Number(text), 0);
  if (EPOCH.test(text)) return Number(text) * 1000;
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day = '01', hour = '00', minute = '00', second = '00', fraction = '0', zone = 'Z'] =
    match;
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  const spelled = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 19) !== spelled) return undefined;
  return at + Number(`0.${fraction}`) * 1000 - offsetOf(zone);
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
