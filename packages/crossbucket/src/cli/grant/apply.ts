import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import {
  backupFile,
  latestBackup,
  nameOf,
  readBackup,
  type ApplyReport,
  type Change,
  type Pace,
  type Step,
} from '../../changes/index.ts';
import {
  applyFresh,
  applyPlan,
  exportGrants,
  freshReaders,
  openAccounts,
  planGrants,
  readPlan,
  rollBackTo,
  type GrantPlan,
  type PlanOptions,
} from '../../grant/index.ts';
import { confirm } from '../confirm.ts';
import { reportError, UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { printable, type Terminal } from '../terminal.ts';
import { isPartlyDone, stepJson, stepLine } from './apply-view.ts';
import { planExit } from './plan.ts';
import { planText } from './plan-view.ts';
import { openSession, type GrantOptions, type GrantSession } from './session.ts';

export interface ApplyCommandOptions extends GrantOptions {
  plan?: string;
  backup?: string;
  rollback?: string | true;
  handover?: string;
  removeStale?: boolean;
  settle?: number;
}

export async function apply(
  names: string[],
  options: ApplyCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  // A grant's name has no dot and no slash.
  const file = options.plan ?? names.find((name) => /[./]/.test(name));
  const grantNames = names.filter((name) => name !== file);
  if (options.rollback !== undefined) return restore(grantNames, options, terminal);
  if (file !== undefined) return applyFile(file, options, terminal);
  const session = await openSession(grantNames, options);
  return planAndApply(
    session,
    { side: session.side, removeStale: options.removeStale === true },
    options,
    terminal,
  );
}

/** Plans, asks, applies; and plans again where somebody else was faster. */
export async function planAndApply(
  session: GrantSession,
  planOptions: PlanOptions,
  options: ApplyCommandOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { spec, grants, connections, folder } = session;
  const planNow = async (externalIds: Readonly<Record<string, string>> = {}) =>
    (await planGrants(spec, grants, freshReaders(connections), { ...planOptions, externalIds })).plan;
  const first = await planNow();
  const show = options.json ? terminal.err : terminal.out;
  show.write(planText(first, terminal.style));
  if (planExit(first) === EXIT.usage)
    return printJson(first, { steps: [] }, undefined, options, terminal, EXIT.usage);
  if (first.changes.length === 0) {
    if (first.wish === 'granted') await handOver(session, first, options, terminal);
    return printJson(first, { steps: [] }, undefined, options, terminal, EXIT.done);
  }
  if (!(await confirm('Apply this?', options, terminal))) return EXIT.no;
  const ids = externalIdsOf(first);
  const { plan, report, backup } = await applyFresh(first, () => planNow(ids), connections, {
    backupFor: (now) => options.backup ?? newBackup(folder, now),
    pace: paceOf(options),
    ...tellerOf(show, terminal),
  });
  if (report.error === undefined && plan.wish === 'granted') await handOver(session, plan, options, terminal);
  return finishApply(plan, report, backup, options, terminal);
}

/** Where the other account is another person's: what is to be done there, as a file to send. */
async function handOver(
  { spec, grants, connections, folder, side }: GrantSession,
  plan: GrantPlan,
  options: ApplyCommandOptions,
  terminal: Terminal,
): Promise<void> {
  if (side === 'both') return;
  const other = side === 'source' ? 'destination' : 'source';
  const file = options.handover ?? join(folder, `crossbucket-${other}.md`);
  const { text } = await exportGrants(spec, grants, freshReaders(connections), 'steps', {
    side: other,
    read: side,
    externalIds: externalIdsOf(plan),
  });
  await writeFile(file, text);
  const show = options.json ? terminal.err : terminal.out;
  show.write(`What the ${other} has to do is in ${file}: send it to whoever has that account.\n`);
}

const externalIdsOf = ({ grants }: GrantPlan): Record<string, string> =>
  Object.fromEntries(
    grants.flatMap(({ name, externalId }) => (externalId === undefined ? [] : [[name, externalId]])),
  );

async function applyFile(file: string, options: ApplyCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const plan = await readPlan(file);
  const session = await openSession(
    plan.grants.map(({ name }) => name),
    { side: plan.side, ...options },
  );
  const show = options.json ? terminal.err : terminal.out;
  show.write(planText(plan, terminal.style));
  if (planExit(plan) !== EXIT.no)
    return printJson(plan, { steps: [] }, undefined, options, terminal, planExit(plan));
  if (!(await confirm('Apply this?', options, terminal))) return EXIT.no;
  const backup = options.backup ?? newBackup(session.folder, new Date());
  const report = await applyPlan(plan, session.connections, {
    backup,
    pace: paceOf(options),
    ...tellerOf(show, terminal),
  });
  return finishApply(plan, report, backup, options, terminal);
}

async function restore(names: string[], options: ApplyCommandOptions, terminal: Terminal): Promise<ExitCode> {
  const session = await openSession(names, options);
  const file = typeof options.rollback === 'string' ? options.rollback : await latestBackup(session.folder);
  if (file === undefined)
    throw new UsageError(`there is no backup beside the configuration`, 'name one: `--rollback FILE`');
  const backup = await readBackup(file);
  const accounts = new Set(backup.changes.map(({ document }) => document.account));
  const all = await openAccounts(session.spec, session.spec.grants ?? [], session.side);
  const connections = new Map([...all, ...session.connections].filter(([id]) => accounts.has(id)));
  const missing = [...accounts].find((id) => !connections.has(id));
  if (missing !== undefined)
    throw new UsageError(
      `the backup holds documents of account ${missing}, which is not in the configuration`,
      'use the configuration that was applied',
    );
  const show = options.json ? terminal.err : terminal.out;
  if (
    !(await confirm(
      `Put back ${backup.changes.length} documents as they were at ${backup.madeAt}?`,
      options,
      terminal,
    ))
  )
    return EXIT.no;
  const report = await rollBackTo(backup, connections, {
    pace: paceOf(options),
    ...tellerOf(show, terminal),
  });
  if (options.json) terminal.out.write(`${JSON.stringify(reportJson(report, file))}\n`);
  return exitOf(report, terminal);
}

function finishApply(
  plan: GrantPlan,
  report: ApplyReport,
  backup: string,
  options: ApplyCommandOptions,
  terminal: Terminal,
): ExitCode {
  const show = options.json ? terminal.err : terminal.out;
  for (const step of report.steps)
    if (step.outcome === 'not-done') show.write(`${stepLine(step, terminal.style)}\n`);
  if (report.error === undefined) {
    for (const { name, roleArn, externalId } of plan.grants)
      if (plan.wish === 'granted' && roleArn !== undefined)
        show.write(
          `${name}: role ${roleArn}${externalId === undefined ? '' : `, external id ${externalId}`}\n`,
        );
    show.write(`The documents as they were: ${backup} (grant apply --rollback puts them back)\n`);
  } else {
    terminal.err.write(
      `The documents as they were: ${backup}\n\`crossbucket grant apply\` goes on from here, \`crossbucket grant apply --rollback ${backup}\` puts everything back.\n`,
    );
  }
  return printJson(plan, report, backup, options, terminal, exitOf(report, terminal));
}

function exitOf(report: ApplyReport, terminal: Terminal): ExitCode {
  if (report.error === undefined) return EXIT.done;
  const exit = reportError(report.error, terminal);
  return isPartlyDone(report) ? EXIT.partly : exit;
}

function printJson(
  plan: GrantPlan,
  report: ApplyReport,
  backup: string | undefined,
  { json }: GrantOptions,
  terminal: Terminal,
  exit: ExitCode,
): ExitCode {
  if (json)
    terminal.out.write(
      `${JSON.stringify({ grants: plan.grants, problems: plan.problems, ...reportJson(report, backup) })}\n`,
    );
  return exit;
}

const reportJson = ({ steps, error }: ApplyReport, backup: string | undefined) => ({
  ok: error === undefined,
  steps: steps.map(stepJson),
  ...(error && {
    error: {
      code: (error as { code?: string }).code,
      message: error.message,
      help: (error as { help?: string }).help,
    },
  }),
  ...(backup !== undefined && { backup }),
});

/** Says what is done, and what is waited for. */
const tellerOf = (show: Writable, { style }: Terminal) => ({
  onStep: (step: Step) => void show.write(`${stepLine(step, style)}\n`),
  onWait: ({ document }: Change) =>
    void show.write(
      `  ${style.dim(`waiting: AWS does not know a principal in the ${printable(nameOf(document))} yet`)}\n`,
    ),
});

const paceOf = ({ settle }: ApplyCommandOptions): Partial<Pace> | undefined =>
  settle === undefined ? undefined : { secondLook: settle * 1000 };

const newBackup = (folder: string, now: Date): string =>
  backupFile(folder, now, randomBytes(3).toString('hex'));
