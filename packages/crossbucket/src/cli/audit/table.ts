import type { Answer, Value } from '@crossbucket/audit';
import { printable, type Style } from '../terminal.ts';

const WIDEST = 60;

/** Columns that have values, side by side. */
export function table({ columns, rows }: Answer, style: Style): string {
  const shown = columns.filter((name) => rows.some((row) => row[name] !== null && row[name] !== ''));
  const cells = rows.map((row) => shown.map((name) => cell(name, row[name] ?? null)));
  const widths = shown.map((name, index) =>
    Math.max(name.length, ...cells.map((line) => Math.min(WIDEST, line[index]!.length))),
  );
  const isNumber = shown.map((name) =>
    rows.every((row) => row[name] === null || typeof row[name] === 'number'),
  );
  const pad = (text: string, index: number): string =>
    isNumber[index] ? text.padStart(widths[index]!) : text.padEnd(widths[index]!);
  const lines = [
    style.bold(shown.map(pad).join('  ').trimEnd()),
    ...cells.map((line) => line.map(pad).join('  ').trimEnd()),
  ];
  return `${lines.join('\n')}\n`;
}

function cell(name: string, value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number')
    return name.startsWith('bytes') ? size(value) : value.toLocaleString('en-US');
  return printable(String(value));
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < UNITS.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** A bar for each row, on the largest of them. */
export function bars({ rows }: Answer, style: Style): string {
  const largest = Math.max(1, ...rows.map(({ calls }) => Number(calls)));
  const width = Math.max(5, ...rows.map(({ value }) => Math.min(WIDEST, printable(String(value)).length)));
  const lines = rows.map(({ value, calls, denied }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((Number(calls) / largest) * 40)));
    const refused = Number(denied) > 0 ? style.red(`  ${Number(denied).toLocaleString('en-US')} denied`) : '';
    return `${printable(String(value)).padEnd(width)}  ${style.green(bar)} ${Number(calls).toLocaleString('en-US')}${refused}`;
  });
  return `${lines.join('\n')}\n`;
}
