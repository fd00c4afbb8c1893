import type { Answer, Value } from '@crossbucket/audit';
import { printable } from '../terminal.ts';

/** RFC 4180. What a spreadsheet would take for a formula begins with an apostrophe. */
export function csv({ columns, rows }: Answer): string {
  const lines = [columns.map(field), ...rows.map((row) => columns.map((name) => field(row[name] ?? null)))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function field(value: Value): string {
  if (value === null) return '';
  if (typeof value !== 'string') return String(value);
  const text = printable(value);
  const harmless = /^[=+\-@\uFFFD]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
