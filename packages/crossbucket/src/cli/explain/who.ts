import type { AccessRow } from '../../explain/who/access-row.ts';
import type { WhoAnswer } from '../../explain/who/answer-who.ts';
import { unknownWords } from '../../explain/core/words.ts';
import { UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, type Style, type Terminal } from '../terminal.ts';
import { label } from './mermaid.ts';
import { readSources, type SourceFlags } from './read-sources.ts';

export interface WhoCommandOptions extends SourceFlags {
  as?: string;
  inside?: boolean;
  format: 'text' | 'json' | 'csv' | 'mermaid';
  json?: boolean;
}

export async function runWho(
  bucket: string | undefined,
  options: WhoCommandOptions,
  { out, style }: Terminal,
): Promise<ExitCode> {
  if ((bucket === undefined) === (options.as === undefined))
    throw new UsageError(
      'who asks about a bucket, or about a principal',
      'write `crossbucket who s3://BUCKET` or `crossbucket who --as ARN`',
    );
  const [{ whoOf, reachOfPrincipal }, sources] = await Promise.all([
    import('../../explain/who/answer-who.ts'),
    readSources(options),
  ]);
  const answer =
    bucket === undefined
      ? await reachOfPrincipal(options.as!, sources)
      : await whoOf(bucket, { ...sources, inside: options.inside === true });
  const format = options.json === true ? 'json' : options.format;
  if (format === 'json') out.write(`${JSON.stringify(answer)}\n`);
  else out.write(VIEWS[format](answer, style));
  return EXIT.done;
}

const VIEWS = { text: asText, csv: asCsv, mermaid: asMermaid };

const MARKS = { allow: '✓', depends: '?', deny: '✗' } as const;

/** A tree: who, then by which way. */
function asText({ rows, unknowns }: WhoAnswer, style: Style): string {
  const who = [...new Set(rows.map(({ principal }) => principal))];
  const lines = who.flatMap((principal) => {
    const mine = rows.filter((row) => row.principal === principal);
    const kind =
      mine[0]!.kind === 'principal'
        ? ''
        : `  ${mine[0]!.kind === 'public' || mine[0]!.kind === 'stale' ? style.red(mine[0]!.kind) : style.bold(mine[0]!.kind)}`;
    return [
      `${style.bold(printable(principal))}${kind}`,
      ...mine.map((row, index) => `${index === mine.length - 1 ? '└─' : '├─'} ${rowText(row, style)}`),
    ];
  });
  const more = unknowns.map(
    ({ account, what, why }) =>
      `${style.bold('unknown')}: ${printable(unknownWords({ account, what }))}: ${printable(why)}`,
  );
  return `${[...(lines.length > 0 ? lines : ['nobody']), ...more].join('\n')}\n`;
}

function rowText(
  { bucket, outcome, can, on, route, via, document, statement, conditions, because }: AccessRow,
  style: Style,
): string {
  const way = [route, ...via].join(' → ');
  const where = statement === undefined ? '' : ` (${statement} of ${document ?? ''})`;
  const only = conditions.length === 0 ? '' : `, if ${conditions.join(' and ')}`;
  const why = because === undefined ? '' : `: ${because}`;
  return printable(
    `${MARKS[outcome]} ${can.join(', ')} on s3://${bucket}/${on.join(' ')} by ${way}${where}${only}${why}`,
  ).replace(/^✗/, style.red('✗'));
}

const COLUMNS = [
  'bucket',
  'principal',
  'account',
  'kind',
  'outside',
  'route',
  'via',
  'can',
  'on',
  'document',
  'statement',
  'conditions',
  'outcome',
  'because',
] as const;

function asCsv({ rows }: WhoAnswer): string {
  return (
    [
      COLUMNS.join(','),
      ...rows.map((row) => COLUMNS.map((column) => csvCell([row[column] ?? ''].flat().join(' '))).join(',')),
    ].join('\r\n') + '\r\n'
  );
}

/** RFC 4180; a cell that a spreadsheet would take for a formula is not one. */
function csvCell(value: unknown): string {
  const text = String(value).replace(/^([=+\-@\t\r])/, "'$1");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function asMermaid({ rows }: WhoAnswer): string {
  const nodes = new Map<string, string>();
  const node = (name: string): string => {
    const known = nodes.get(name) ?? `n${nodes.size}`;
    nodes.set(name, known);
    return known;
  };
  const edges = rows.flatMap(({ principal, via, bucket, can, on, outcome, because }) => {
    const stops = [principal, ...via, `s3://${bucket}`].map(node);
    const arrow = outcome === 'allow' ? '-->' : '-.->';
    return stops.slice(1).map((stop, index) => {
      const isLast = index === stops.length - 2;
      const words = isLast
        ? `${can.join(', ')} on ${on.join(' ')}${because === undefined ? '' : ` (${because})`}`
        : 'assumes';
      return `  ${stops[index]!} ${arrow}|${label(words)}| ${stop}`;
    });
  });
  return (
    ['flowchart LR', ...[...nodes].map(([name, id]) => `  ${id}[${label(name)}]`), ...new Set(edges)].join(
      '\n',
    ) + '\n'
  );
}
