import type { AnswerRow } from '@crossbucket/audit';
import { unknownWords } from '../../explain/core/words.ts';
import type { ExplainedCause, Explanation } from '../../explain/explanation.ts';
import { printable, type Style } from '../terminal.ts';
import type { DeniedGroup } from './denied.ts';

/** Each group in a few lines: who was denied what, why, and what would mend it. */
export const deniedText = (groups: readonly DeniedGroup[], style: Style): string =>
  `${groups.map((group) => groupLines(group, style).join('\n')).join('\n\n')}\n`;

function groupLines({ row, explanation, unexplained }: DeniedGroup, style: Style): string[] {
  const { calls, addresses, first_time: first, last_time: last, error_message: said } = row;
  const when = first === last ? String(last) : `${String(first)} to ${String(last)}`;
  const from = Number(addresses) === 1 ? '' : ` from ${count(addresses)} addresses`;
  return [
    `${style.red(`${count(calls)} denied`)}  ${style.bold(callOf(row))}`,
    `  by ${printable(callerOf(row))}`,
    `  ${style.dim(`${when}${from}`)}`,
    ...(typeof said === 'string' ? [`  ${style.dim('AWS:')} ${printable(said)}`] : []),
    ...(unexplained === undefined ? [] : [`  ${printable(unexplained)}`]),
    ...(explanation === undefined ? [] : explanationLines(explanation, style)),
  ];
}

const count = (value: unknown): string => Number(value).toLocaleString('en-US');

function callOf({ service, action, bucket, prefix, target }: AnswerRow): string {
  const place = bucket === null ? String(target ?? '') : `s3://${String(bucket)}/${String(prefix ?? '')}`;
  return printable(`${String(service)}:${String(action)} ${place}`);
}

function callerOf({ principal, source_account: account, role }: AnswerRow): string {
  const who = String(principal);
  const of = who.includes(`:${String(account)}:`) || who === account ? '' : ` of account ${String(account)}`;
  return `${who}${of}${role === null || role === principal ? '' : ` as ${String(role)}`}`;
}

function explanationLines({ outcome, causes, unknowns, evidence }: Explanation, style: Style): string[] {
  return [
    ...(outcome === 'allow' ? [`  ${style.green('allowed by now')}`] : []),
    ...causes.flatMap((cause) => causeLines(cause, style)),
    ...unknowns
      .filter(({ could }) => outcome === 'depends' || could !== undefined)
      .map(
        ({ account, what, why }) =>
          `  ${style.bold('unknown')}: ${printable(`${unknownWords({ account, what })}: ${why}`)}`,
      ),
    ...(evidence?.contradiction === undefined
      ? []
      : [`  ${style.bold('note')}: ${printable(evidence.contradiction)}`]),
  ];
}

function causeLines({ code, detail, fixes }: ExplainedCause, style: Style): string[] {
  return [
    `  ${style.red(code)}: ${printable(detail)}`,
    ...fixes
      .slice(0, 1)
      .flatMap(({ account, document, summary, patch }) => [
        `  ${style.green('fix')} (${printable([account, document.name].filter(Boolean).join(', '))}): ${printable(summary)}`,
        ...(patch === undefined
          ? []
          : patch.diff.split('\n').map((line) => `    ${style.dim(printable(line))}`)),
      ]),
  ];
}
