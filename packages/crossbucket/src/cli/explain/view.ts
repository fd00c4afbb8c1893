import type { ExplainedCause, ExplainedStep, Explanation, Fix } from '../../explain/explanation.ts';
import { callerWords, unknownWords } from '../../explain/core/words.ts';
import { printable, type Style } from '../terminal.ts';
import { statementLines } from './statement-view.ts';

const VERDICTS = { allow: 'ALLOWED', deny: 'DENIED', depends: 'DEPENDS' } as const;
const MARKS = { allow: '✓', deny: '✗', depends: '?' } as const;

/** The answer for people. */
export function explanationText(explanation: Explanation, style: Style): string {
  const { outcome, steps, causes, unknowns } = explanation;
  const paint = outcome === 'allow' ? style.green : outcome === 'deny' ? style.red : style.bold;
  return [
    `${paint(VERDICTS[outcome])}  ${printable(headline(explanation))}`,
    '',
    ...pathLines(explanation, style),
    ...(steps.length > 0 ? [''] : []),
    ...probeLines(explanation, style),
    ...causes.flatMap((cause, index) => [...causeLines(cause, index + 1, style), '']),
    ...unknowns.map(
      ({ account, what, why, could }) =>
        `${style.bold('unknown')}: ${printable(unknownWords({ account, what }))}: ${printable(why)}${could === undefined && outcome !== 'depends' ? ' (the answer holds whatever it says)' : ''}`,
    ),
    ...(explanation.evidence?.contradiction === undefined
      ? []
      : [
          `${style.red('contradiction')}: ${printable(explanation.evidence.contradiction)} (AWS: ${printable(explanation.evidence.message)})`,
        ]),
    ...(explanation.partial && explanation.message !== undefined
      ? [
          '',
          style.bold('To send to whoever can look:'),
          '',
          ...explanation.message.split('\n').map((line) => `  ${printable(line)}`),
        ]
      : []),
    ...explanation.notes.map((text) => `${style.bold('note')}: ${printable(text)}`),
  ]
    .join('\n')
    .replace(/\n*$/, '\n');
}

/** What is asked, and what decides: the sentences come below. */
function headline({ outcome, reason, question, causes }: Explanation): string {
  const asked = `${question.action} on ${shown(question.resource)}`;
  const [first, ...others] = causes;
  if (outcome === 'allow') return asked;
  if (first === undefined) return reason;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `${asked}: ${first.code}${more}`;
}

const shown = (resource: string): string => resource.replace(/^arn:[^:]+:s3:::/, 's3://');

function pathLines({ question, steps, causes }: Explanation, style: Style): string[] {
  const isRefused = causes.some(({ code }) => /^(credentials-|clock-skew)/.test(code));
  return [
    `  ${printable(callerWords(question.principal, isRefused))}`,
    ...steps.flatMap((step) => stepLines(step, style)),
  ];
}

function stepLines({ call, outcome, authorizations, resource }: ExplainedStep, style: Style): string[] {
  const paint = outcome === 'allow' ? style.green : outcome === 'deny' ? style.red : style.bold;
  const [first, ...others] = authorizations;
  const owner = first?.account === undefined ? '' : style.dim(` of account ${first.account}`);
  const more = others.map(
    (one) =>
      `      ${MARKS[one.outcome]} ${one.action}  ${printable(one.resource)}${one.account === undefined ? '' : style.dim(` of account ${one.account}`)}`,
  );
  const name = first === undefined || first.action === call ? call : `${first.action}`;
  return [
    `    ${paint(MARKS[outcome])} ${style.bold(name)}  ${printable(first?.resource ?? resource)}${owner}`,
    ...more,
  ];
}

/** What was tried, and what each answer tells. */
function probeLines({ probes = [] }: Explanation, style: Style): string[] {
  if (probes.length === 0) return [];
  return [
    style.bold('Tried from outside:'),
    ...probes.flatMap(({ call, as, on, answer, said, tells, step }) => [
      `  ${step === undefined ? '·' : answer === 'allowed' ? style.green('✓') : style.red('✗')} ${call}  ${printable(on)}  ${style.dim(`as ${printable(as)}: ${printable(said)}`)}`,
      `      ${printable(tells)}`,
    ]),
    '',
  ];
}

function causeLines(cause: ExplainedCause, number: number, style: Style): string[] {
  const { code, account, document, detail, unless, nearest, hidden, fixes } = cause;
  const where = [
    ...(account === undefined ? [] : [`account ${account}`]),
    ...(document === undefined ? [] : [document.name]),
  ].join(', ');
  const lines = [`${number}. ${style.red(code)}${where === '' ? '' : `  ${style.dim(printable(where))}`}`];
  if (hidden === true) lines.push(`   ${style.dim('shows once the causes before it are mended')}`);
  lines.push(`   ${printable(detail)}`);
  if (unless) lines.push(`   holds unless ${printable(unless.join(' or '))}`);
  if (nearest)
    lines.push(
      ...statementLines(nearest).map(
        (line) =>
          `     ${style.dim(printable(line.text))}${line.note === undefined ? '' : `  ${style.red(`← ${printable(line.note)}`)}`}`,
      ),
    );
  const [first, ...others] = fixes;
  if (first) lines.push(...fixLines(first, 'fix', style));
  for (const fix of others) lines.push(...fixLines(fix, 'or', style));
  return lines;
}

function fixLines(fix: Fix, word: string, style: Style): string[] {
  const { account, document, summary, patch, also, outcome, next } = fix;
  const where = [...(account === '' ? [] : [`account ${account}`]), document.name].join(', ');
  return [
    `   ${style.green(word)} (${printable(where)}): ${printable(summary)}`,
    ...(patch === undefined ? [] : patch.diff.split('\n').map((line) => `     ${paintDiff(line, style)}`)),
    ...(outcome === undefined ? [] : [`     ${style.dim(proofWords(outcome, next))}`]),
    ...(also === '' ? [] : [`     ${style.bold('also allows')}: ${printable(also)}`]),
  ];
}

function proofWords(outcome: NonNullable<Fix['outcome']>, next: Fix['next']): string {
  if (outcome === 'allow') return 'with it, the call is allowed';
  if (next !== undefined) return `with it, what is next is ${next}`;
  return outcome === 'depends'
    ? 'with it, nothing that is known denies the call'
    : 'with it, the call is still denied';
}

function paintDiff(line: string, style: Style): string {
  const text = printable(line);
  if (line.startsWith('+')) return style.green(text);
  return line.startsWith('-') ? style.red(text) : style.dim(text);
}
