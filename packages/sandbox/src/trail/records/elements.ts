import { SECRET } from './secrets.ts';
import { elementTime } from './times.ts';

/** Members whose own members are a caller's, and stay as they are written. */
const MAPS = new Set([
  'EncryptionContext',
  'SourceEncryptionContext',
  'DestinationEncryptionContext',
  'EncryptionContextSubset',
  'EncryptionContextEquals',
  'Metadata',
]);

/** What a call asked or answered, as most services record it: by the API's names, which begin in lower case. */
export function elementsOf(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const elements: Record<string, unknown> = {};
  for (const name in value) {
    const member = value[name];
    if (member === undefined || SECRET.has(name) || member instanceof Uint8Array) continue;
    elements[name.charAt(0).toLowerCase() + name.slice(1)] = MAPS.has(name) ? member : elementOf(member);
  }
  return elements;
}

function elementOf(value: unknown): unknown {
  if (value instanceof Date) return elementTime(value);
  if (Array.isArray(value)) return value.map((item) => elementOf(item));
  if (typeof value === 'object' && value !== null) return elementsOf(value as Record<string, unknown>);
  return value;
}
