import type { AnswerRow, GrantUse } from '@crossbucket/audit';
import { chooseGrants } from '../../grant/index.ts';
import { readSpec, SPEC_FILE } from '../../spec/index.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { jsonLine, printable, type Style, type Terminal } from '../terminal.ts';
import { csv } from './csv.ts';
import { openAudit, type AuditOptions } from './open-audit.ts';
import { useOfGrant } from './use-of-grant.ts';

export interface GrantsOptions extends AuditOptions {
  config?: string;
}

/** For each grant, what it allows beside what was used. */
export async function grants(names: string[], options: GrantsOptions, terminal: Terminal): Promise<ExitCode> {
  const spec = await readSpec(options.config ?? SPEC_FILE);
  const chosen = chooseGrants(spec, names);
  const open = await openAudit(options, terminal);
  try {
    const uses: GrantUse[] = [];
    for (const grant of chosen) uses.push(await useOfGrant(spec, grant, open));
    if (open.isDry) return EXIT.done;
    const shown = uses.map(({ rows: _rows, ...use }) => use);
    const format = options.json ? 'json' : (options.format ?? 'text');
    if (format === 'json') terminal.out.write(jsonLine({ grants: shown, summary: open.records.summary }));
    else if (format === 'csv') terminal.out.write(csv({ columns: COLUMNS, rows: shown.flatMap(rowsOf) }));
    else terminal.out.write(shown.map((use) => useText(use, terminal.style)).join('\n'));
    return uses.some(
      ({ unused, unusedActions, absent }) => unused.length + unusedActions.length + absent.length > 0,
    )
      ? EXIT.no
      : EXIT.done;
  } finally {
    await open.close();
  }
}

type ShownUse = Omit<GrantUse, 'rows'>;

const COLUMNS = ['grant', 'part', 'value', 'calls', 'last'];

/** A row for each part of a grant and each principal. */
function rowsOf({ grant, patterns, actions, principals, absent }: ShownUse): AnswerRow[] {
  return [
    ...patterns.map(({ level, pattern, calls, last }) => ({
      grant,
      part: level,
      value: pattern,
      calls,
      last,
    })),
    ...actions.map(({ name, calls, last }) => ({ grant, part: 'action', value: name, calls, last })),
    ...principals.map(({ arn, calls, last }) => ({ grant, part: 'principal', value: arn, calls, last })),
    ...absent.map((arn) => ({ grant, part: 'principal', value: arn, calls: 0, last: null })),
  ];
}

function useText(
  { grant, calls, last, patterns, actions, principals, absent }: ShownUse,
  style: Style,
): string {
  const parts = [
    ...patterns.map(({ level, pattern, ...use }) => ({ name: `${level} ${printable(pattern)}`, ...use })),
    ...actions.map((use) => ({ ...use, unclear: 0 })),
  ];
  const lines = [
    `${style.bold(grant)}: ${count(calls)} calls${last === null ? '' : `, the last ${last}`}`,
    ...parts.map(({ name, calls: used, unclear, last: at }) => {
      if (used > 0) return `  ${style.green('used')}        ${name}  ${count(used)} calls, the last ${at}`;
      return unclear > 0
        ? `  ${style.bold('unclear')}     ${name}  ${count(unclear)} calls whose keys are not recorded`
        : `  ${style.red('never used')}  ${name}`;
    }),
    ...principals.map(
      ({ arn, calls: used, last: at }) =>
        `  ${style.green('came')}        ${arn === '' ? 'callers that no record names' : printable(arn)}  ${count(used)} calls, the last ${at}`,
    ),
    ...absent.map((arn) => `  ${style.red('never came')}  ${printable(arn)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const count = (value: number): string => value.toLocaleString('en-US');
