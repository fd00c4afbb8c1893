import {
  actionOf,
  describeStatement,
  diffStatements,
  identityOf,
  idsOf,
  nameOf,
  parsedOrNull,
  readRole,
  type Change,
  type RoleState,
  type StatementDiff,
} from '../../changes/index.ts';
import type { GrantPlan, PlannedChange, PlanProblem } from '../../grant/index.ts';
import { compareLines } from '../../explain/core/diff.ts';
import { printable, type Style } from '../terminal.ts';

/** One change as both views show it. */
export interface ChangeView {
  account: string;
  document: string;
  action: 'create' | 'change' | 'remove';
  grants: string[];
  side: 'source' | 'destination';
  statements: StatementDiff[];
  /** A role's other parts. */
  settings: { name: string; before?: unknown; after?: unknown }[];
  /** What access that adds and takes away. */
  adds: string[];
  removes: string[];
}

export function viewOf({ change, grants, side }: PlannedChange): ChangeView {
  const statements = statementsIn(change);
  const holder = holderOf(change);
  const words = (pick: 'before' | 'after') =>
    statements.flatMap((diff) => (pick in diff ? [describeStatement((diff as never)[pick], holder)] : []));
  const [adds, removes] = [words('after'), words('before')];
  return {
    account: change.document.account,
    document: nameOf(change.document),
    action: actionOf(change),
    grants,
    side,
    statements,
    settings: settingsIn(change),
    adds: adds.filter((text) => !removes.includes(text)),
    removes: removes.filter((text) => !adds.includes(text)),
  };
}

/** What `--json` prints: the plan, and each change as people see it. */
export const planJson = (plan: GrantPlan) => ({
  ...plan,
  changes: plan.changes.map((planned) => ({ ...planned, ...viewOf(planned) })),
});

function statementsIn({ document, before, after, ...change }: Change): StatementDiff[] {
  const ids = idsOf(change);
  if (document.kind !== 'role') return diffStatements(parsedOrNull(before), parsedOrNull(after), ids);
  const trust = (text: string | null) => (text === null ? null : readRole(text).trust);
  return diffStatements(trust(before), trust(after), ids);
}

function settingsIn({ document, before, after }: Change): ChangeView['settings'] {
  if (document.kind !== 'role') return [];
  const [old, now] = [before, after].map((text) => (text === null ? undefined : readRole(text)));
  const names = ['path', 'maxSession', 'boundary', 'tags'] as const satisfies (keyof RoleState)[];
  return names
    .map((name) => ({ name, before: old?.[name], after: now?.[name] }))
    .filter(
      ({ before: was, after: is }) => JSON.stringify(was) !== JSON.stringify(is) && (was ?? is) !== null,
    );
}

function holderOf({ document }: Change): string | undefined {
  if (document.kind !== 'inline-policy') return undefined;
  return `${document.holder.kind}/${document.holder.name} of ${document.account}`;
}

const SIGNS = { create: '+', change: '~', remove: '-' } as const;

/** The plan by account and document, for people. */
export function planText(plan: GrantPlan, style: Style): string {
  const lines: string[] = [];
  const accounts = [...new Set(plan.changes.map(({ change }) => change.document.account))];
  for (const account of accounts) {
    const changes = plan.changes.filter(({ change }) => change.document.account === account);
    const roles = new Set(changes.map(({ side }) => side));
    lines.push(style.bold(`Account ${account} (${[...roles].join(' and ')})`), '');
    for (const planned of changes) lines.push(...changeLines(viewOf(planned), style), '');
  }
  for (const grant of plan.grants)
    for (const reason of grant.reasons) lines.push(style.dim(`${grant.name}: ${printable(reason)}`));
  if (plan.grants.some(({ reasons }) => reasons.length > 0)) lines.push('');
  lines.push(...plan.problems.flatMap((problem) => problemLines(problem, style)));
  if (plan.problems.length > 0) lines.push('');
  lines.push(summary(plan), '');
  return lines.join('\n');
}

function changeLines(view: ChangeView, style: Style): string[] {
  const paint = { create: style.green, change: style.bold, remove: style.red }[view.action];
  return [
    `  ${paint(`${SIGNS[view.action]} ${view.action} ${printable(view.document)}`)}  ${style.dim(`(${view.grants.join(', ')})`)}`,
    ...view.settings.flatMap(({ name, before, after }) => [
      ...(before === undefined || before === null
        ? []
        : [style.red(`      - ${name}: ${printable(JSON.stringify(before))}`)]),
      ...(after === undefined || after === null
        ? []
        : [style.green(`      + ${name}: ${printable(JSON.stringify(after))}`)]),
    ]),
    ...view.statements.flatMap((diff) => diffLines(diff, style)),
    ...view.adds.map((words) => `      ${style.green('adds:')} ${printable(words)}`),
    ...view.removes.map((words) => `      ${style.red('takes away:')} ${printable(words)}`),
  ];
}

/** Lines of a statement: those that both forms have are shown once. */
export function diffLines(diff: StatementDiff, style: Style): string[] {
  const text = (statement: unknown) =>
    JSON.stringify(statement, null, 2)
      .split('\n')
      .map((line) => printable(line));
  const old = 'before' in diff ? text(diff.before) : [];
  const now = 'after' in diff ? text(diff.after) : [];
  const paint = { '-': style.red, '+': style.green, ' ': style.dim };
  return compareLines(old, now).map(({ mark, text: line }) => paint[mark](`      ${mark} ${line}`));
}

export function problemLines({ severity, grant, message, help }: PlanProblem, style: Style): string[] {
  const paint = severity === 'error' ? style.red : severity === 'warning' ? style.bold : style.dim;
  return [`${paint(severity)} ${grant}: ${printable(message)}`, `  ${style.dim('help')}: ${printable(help)}`];
}

function summary({ changes, problems }: GrantPlan): string {
  if (problems.some(({ severity }) => severity === 'error')) return 'This cannot be applied.';
  if (changes.length === 0) return 'Nothing to do: both accounts are as they should be.';
  const counted = (action: string) => changes.filter(({ change }) => actionOf(change) === action).length;
  const documents = new Set(changes.map(({ change }) => identityOf(change.document))).size;
  return `${documents} document${documents === 1 ? '' : 's'}: ${counted('create')} to create, ${counted('change')} to change, ${counted('remove')} to remove.`;
}
