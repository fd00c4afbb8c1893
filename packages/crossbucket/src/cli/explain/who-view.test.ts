import { expect, test } from 'vitest';
import type { AccessRow } from '../../explain/who/access-row.ts';
import { jsonLine } from '../terminal.ts';
import { WHO_VIEWS } from './who-view.ts';

const STYLE = { bold: String, dim: String, green: String, red: String };

/** A name, a Sid and a condition as whoever writes a policy may choose them. */
function hostile(text: string): AccessRow {
  return {
    bucket: 'acme',
    principal: text,
    kind: 'principal',
    outside: true,
    route: 'role',
    via: [text],
    can: ['read'],
    on: [text],
    document: text,
    statement: text,
    conditions: [{ key: 'aws:UserAgent', operator: 'StringEquals', values: [text] }],
    requires: [],
    outcome: 'depends',
  };
}

const shown = (format: keyof typeof WHO_VIEWS, text: string) =>
  WHO_VIEWS[format]({ rows: [hostile(text)], unknowns: [], partial: false }, STYLE);

const TEXTS = [
  '=cmd|"/c calc"!A0',
  '+1+1',
  '-1+1',
  '@SUM(1)',
  '\t=1+1',
  ' =1+1',
  '＝1+1',
  'a","=1+1',
  'a\r\n=1+1',
  '\u001B[2J\u001B]0;owned\u0007',
  '\u009B31m',
  '"] --> evil["',
  'a\n  click n0 "javascript:alert(1)"',
  '%%{init: {"securityLevel":"loose"}}%%',
  '<img src=x onerror=alert(1)>',
  '#quot;]; evil',
  'a\u2028b|c',
];

test.each(TEXTS)('no cell of a table is a formula, and no text leaves its cell: %j', (text) => {
  const [head, row, ...rest] = shown('csv', text).split('\r\n');
  expect(rest).toEqual(['']);
  const cells = parseCsv(row!);
  expect(cells).toHaveLength(head!.split(',').length);
  for (const cell of cells) expect(cell).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
});

test.each(TEXTS)('nothing reaches a terminal that it would obey: %j', (text) => {
  for (const format of ['text', 'csv', 'mermaid'] as const)
    // eslint-disable-next-line no-control-regex -- these are the characters that must not come out
    expect(shown(format, text).replaceAll(/\r?\n/g, '')).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
  // eslint-disable-next-line no-control-regex -- as above
  expect(jsonLine(hostile(text)).trimEnd()).not.toMatch(/[\u0000-\u001F\u007F-\u009F]/);
  expect(JSON.parse(jsonLine(hostile(text)))).toEqual(hostile(text));
});

test.each(TEXTS)('a picture stays a picture: %j', (text) => {
  const lines = shown('mermaid', text).trimEnd().split('\n');
  expect(lines[0]).toBe('flowchart LR');
  for (const line of lines.slice(1))
    expect(line).toMatch(/^ {2}(n\d+\["[^"`<>%\u2028]*"\]|n\d+ -(->|\.->)\|"[^"`<>%\u2028]*"\| n\d+)$/);
});

function parseCsv(row: string): string[] {
  const cells = [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,"]*))/g)];
  return cells.map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}
