import type { AccessRow, RowCondition } from '../../explain/who/access-row.ts';
import type { WhoAnswer } from '../../explain/who/answer-who.ts';
import { requirementWords, unknownWords } from '../../explain/core/words.ts';
import { printable, type Style } from '../terminal.ts';
import { label } from './mermaid.ts';

/** Who gets where, as people and their tools read it. */
export const WHO_VIEWS = { text: asText, csv: asCsv, mermaid: asMermaid };

const MARKS = { allow: '✓', depends: '?', deny: '✗' } as const;

/** A tree: who, then by which way. */
function asText({ rows, unknowns }: WhoAnswer, style: Style): string {
  const who = [...new Set(rows.map(({ principal }) => principal))];
  const lines = who.flatMap((principal) => {
    const mine = rows.filter((row) => row.principal === principal);
    const kind =
      mine[0]!.kind === 'principal'
        ? ''
        : `  ${mine[0]!.kind === 'public' || mine[0]!.kind === 'stale' ? style.red(KINDS[mine[0]!.kind]) : style.bold(KINDS[mine[0]!.kind])}`;
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

const KINDS: Record<AccessRow['kind'], string> = {
  public: 'public',
  limited: 'everybody whom the conditions let',
  account: 'whoever the account lets',
  federated: 'whoever signs in there',
  principal: '',
  service: 'service',
  stale: 'gone: nobody has this id any more',
};

function rowText(row: AccessRow, style: Style): string {
  const { bucket, outcome, can, on, route, via, document, statement, because } = row;
  const way = [route, ...via].join(' → ');
  const where = statement === undefined ? '' : ` (${statement} of ${document ?? ''})`;
  const only = conditionsOf(row);
  const why = because === undefined ? '' : `: ${because}`;
  return printable(
    `${MARKS[outcome]} ${canWords({ can, actions: row.actions })} on s3://${bucket}/${on.join(' ')} by ${way}${where}${only.length === 0 ? '' : `, if ${only.join(' and ')}`}${why}`,
  ).replace(/^✗/, style.red('✗'));
}

const canWords = ({ can, actions = [] }: Pick<AccessRow, 'can' | 'actions'>): string =>
  can.map((level) => (level === 'other' && actions.length > 0 ? actions.join(', ') : level)).join(', ');

/** The conditions on the way, and what guards of Denies ask for besides. */
function conditionsOf({ conditions, requires, outcome }: AccessRow): string[] {
  const words = ({ key, operator, values, negated }: RowCondition) =>
    requirementWords({ key, operator, values, ...(negated === true && { negated }), statement: NOWHERE });
  const told = [...new Set([...conditions, ...requires].map(words))];
  return told.length === 0 && outcome === 'depends' ? ['what nobody could read lets it'] : told;
}

const NOWHERE = { policy: '', index: 0, effect: 'Allow' } as const;

const COLUMNS = [
  'bucket',
  'principal',
  'account',
  'kind',
  'outside',
  'route',
  'via',
  'can',
  'actions',
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
      ...rows.map((row) => COLUMNS.map((column) => csvCell(cellOf(row, column))).join(',')),
    ].join('\r\n') + '\r\n'
  );
}

const cellOf = (row: AccessRow, column: (typeof COLUMNS)[number]): string =>
  column === 'conditions'
    ? conditionsOf(row).join(' and ')
    : [row[column] ?? ''].flat().map(String).join(' ');

/** RFC 4180; a cell that a spreadsheet would take for a formula is not one, nor in full width. */
function csvCell(value: string): string {
  const text = printable(value).replace(/^(\s*[=+\-@＝＋－＠\uFFFD])/, "'$1");
  return /[",;\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function asMermaid({ rows }: WhoAnswer): string {
  const nodes = new Map<string, string>();
  const node = (name: string): string => {
    const known = nodes.get(name) ?? `n${nodes.size}`;
    nodes.set(name, known);
    return known;
  };
  const edges = rows.flatMap(({ principal, via, bucket, can, actions, on, route, outcome, because }) => {
    const stops = [principal, ...via, `s3://${bucket}`].map(node);
    const arrow = outcome === 'allow' ? '-->' : '-.->';
    return stops.slice(1).map((stop, index) => {
      const isLast = index === stops.length - 2;
      const words = isLast
        ? `${canWords({ can, actions })} on ${on.join(' ')}${because === undefined ? '' : ` (${because})`}`
        : route === 'access-point'
          ? 'goes through'
          : 'assumes';
      return [`  ${stops[index]!} ${arrow}|${label(words)}| ${stop}`, outcome] as const;
    });
  });
  const drawn = [...new Map(edges)];
  const denied = drawn.flatMap(([, outcome], index) => (outcome === 'deny' ? [index] : []));
  const lines = [
    'flowchart LR',
    ...[...nodes].map(([name, id]) => `  ${id}[${label(name)}]`),
    ...drawn.map(([edge]) => edge),
    ...(denied.length > 0 ? [`  linkStyle ${denied.join(',')} stroke:#c00,color:#c00`] : []),
  ];
  return `${lines.join('\n')}\n`;
}
