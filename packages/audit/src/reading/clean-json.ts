/**
 * JSON that every engine takes: valid, without halves of surrogate pairs and numbers out of range. What is not JSON becomes
 * a string of it, so that nothing is lost.
 */
export function cleanJson(text: string): string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return JSON.stringify(text);
  }
  // Only these can make JSON that one engine takes and another does not.
  return /\\u[dD]|[\uD800-\uDFFF\uFFFD]|[eE]\+?\d{3}/.test(text)
    ? JSON.stringify(value, replaceHalves)
    : text;
}

function replaceHalves(_: string, value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [wellFormed(name), member]));
}

const wellFormed = (text: string): string => Buffer.from(text).toString();
