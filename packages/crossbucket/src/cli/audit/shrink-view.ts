import { diffLines } from '../grant/plan-view.ts';
import { printable, type Style } from '../terminal.ts';
import { isProved, type DeniedUse, type ShrinkReport } from './shrink-report.ts';

/** What goes, what that makes of the documents, and whether it is proved. */
export function shrinkText(report: ShrinkReport, file: string, style: Style): string {
  const { grant, observed, access, removed, absent, kept, diff, diffs, written } = report;
  const lines = [
    `${style.bold(grant)}: ${count(observed.calls)} allowed calls on ${observed.days} days`,
    ...removed.map(({ part, value, becomes }) =>
      becomes.length === 0
        ? `  ${style.red('no longer')}  ${part} ${value === part ? '' : printable(value)}, which nobody used`.replace(
            ' ,',
            ',',
          )
        : `  ${style.red('narrower')}   ${part} ${printable(value)} becomes ${printable(becomes.join(', '))}`,
    ),
    ...absent.map((arn) =>
      kept === undefined
        ? `  ${style.red('no longer')}  ${printable(arn)}, which never came`
        : `  ${style.dim('stays')}      ${printable(arn)}, which was not seen`,
    ),
    ...(kept === undefined ? [] : [`  ${style.dim(kept)}`]),
  ];
  if (access === undefined)
    lines.push('', `Nobody used it. \`crossbucket grant revoke ${grant}\` takes all of it back.`);
  else {
    lines.push(
      ...diffs.flatMap(({ document, diffs: changes }) => [
        '',
        style.bold(document),
        ...changes.flatMap((one) => diffLines(one, style)),
      ]),
      ...(diff === ''
        ? ['', 'It is as small as its use.']
        : ['', style.bold(file), ...diff.split('\n').map((line) => paint(line, style))]),
      '',
      ...proofLines(report, style),
    );
  }
  if (observed.limitedBy.length > 0)
    lines.push(style.red(`${observed.limitedBy.join(', ')} left calls out: do not apply this`));
  if (observed.incomplete > 0)
    lines.push(
      style.red(
        `${count(observed.incomplete)} files could not be read to their end, and may tell of more: do not apply this yet`,
      ),
    );
  if (observed.days < observed.wanted)
    lines.push(
      style.red(
        `${observed.days} days are seen, and ${observed.wanted} are asked for: do not apply this yet (or say --days ${observed.days})`,
      ),
    );
  else if (written)
    lines.push(`${file} is changed. \`crossbucket grant plan\` shows what applying it comes to.`);
  else if (diff !== '' && isProved(report)) lines.push(style.dim('`--write` changes the file.'));
  return `${lines.join('\n')}\n`;
}

function proofLines({ replay: { allowed, denied, unclear } }: ShrinkReport, style: Style): string[] {
  const fresh = denied.filter(({ already }) => already !== true);
  const others = denied.filter(({ already }) => already === true);
  return [
    fresh.length + unclear.length === 0
      ? `${style.green('Proved')}: ${others.length === 0 ? `all ${count(allowed)}` : count(allowed)} calls are still allowed.`
      : `${style.red('Not proved')}: ${fresh.length === 0 ? '' : `${fresh.length} kinds of calls would be denied, ${first(fresh)}`}`.trimEnd(),
    ...(unclear.length === 0
      ? []
      : [`${unclear.length} kinds of calls cannot be decided, ${first(unclear)}`]),
    ...(others.length === 0
      ? []
      : [`${others.length} kinds of calls are not allowed by this grant as it is either, ${first(others)}`]),
  ];
}

const first = ([one]: readonly DeniedUse[]): string => `the first since ${printable(one!.reason)}`;
const count = (value: number): string => value.toLocaleString('en-US');

function paint(line: string, style: Style): string {
  const text = printable(line);
  if (line.startsWith('+')) return style.green(text);
  return line.startsWith('-') ? style.red(text) : style.dim(text);
}
