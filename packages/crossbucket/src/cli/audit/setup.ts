import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { connect, type AccountConnection } from '../../accounts/index.ts';
import {
  actionOf,
  applyChanges,
  awsDocuments,
  backupFile,
  diffStatements,
  nameOf,
  parsedOrNull,
  readBackup,
  requireUnmoved,
  rollBack,
  writeBackup,
  type ApplyReport,
  type Change,
  type Pace,
} from '../../changes/index.ts';
import { planTrail, readTrailFacts, type TrailPlan } from '../../trail/index.ts';
import { confirm } from '../confirm.ts';
import { reportError, UsageError } from '../errors.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { isPartlyDone, stepJson, stepLine } from '../grant/apply-view.ts';
import { diffLines } from '../grant/plan-view.ts';
import { jsonLine, printable, type Style, type Terminal } from '../terminal.ts';
import { count } from '../transfer/units.ts';

export interface SetupOptions {
  bucket?: string[];
  name?: string;
  logs?: string;
  profile?: string;
  region?: string;
  apply?: boolean;
  yes?: boolean;
  json?: boolean;
  backup?: string;
  rollback?: string;
  settle?: number;
}

/** Plans, and with `--apply` makes, a trail that logs every call to some buckets. */
export async function setup(options: SetupOptions, terminal: Terminal): Promise<ExitCode> {
  const { bucket: buckets = [], profile, region, rollback } = options;
  if (rollback === undefined && buckets.length === 0)
    throw new UsageError(
      'there is no bucket to log the calls of',
      'name those that are shared: `--bucket NAME`',
    );
  requireNames(options);
  const connection = await connect({ profile, region });
  if (rollback !== undefined) return restore(connection, rollback, options, terminal);
  const plan = planTrail(await readTrailFacts(connection, { ...options, buckets }), { ...options, buckets });
  const show = options.json === true && options.apply === true ? terminal.err : terminal.out;
  if (options.json === true && options.apply !== true) terminal.out.write(jsonLine(planJson(plan)));
  else show.write(planText(plan, terminal.style));
  if (options.apply !== true) return plan.changes.length === 0 ? EXIT.done : EXIT.no;
  return apply(plan, connection, options, terminal, show);
}

/** Before the first of several changes is made, and not at the last. */
function requireNames({ bucket = [], logs, name }: SetupOptions): void {
  for (const one of [...bucket, ...(logs === undefined ? [] : [logs])])
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(one))
      throw new UsageError(
        `\`${one}\` is no name of a bucket`,
        'names of buckets are 3 to 63 small letters, digits, dots and dashes',
      );
  if (name === undefined) return;
  if (name.length >= 3 && name.length <= 128 && /^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/.test(name)) return;
  throw new UsageError(
    `\`${name}\` is no name of a trail`,
    'names of trails are 3 to 128 letters and digits, with single dots, dashes and underscores between them',
  );
}

async function apply(
  plan: TrailPlan,
  connection: AccountConnection,
  options: SetupOptions,
  terminal: Terminal,
  show: Writable,
): Promise<ExitCode> {
  if (plan.changes.length === 0) return finish(plan, { steps: [] }, undefined, options, terminal);
  if (!(await confirm('Apply this?', options, terminal))) return EXIT.no;
  const documents = awsDocuments(new Map([[connection.id, connection]]));
  // The policy of a bucket that is not there cannot be read.
  const isNew = plan.changes.some(({ document, before }) => document.kind === 'bucket' && before === null);
  await requireUnmoved(
    plan.changes.filter(({ document }) => !(isNew && document.kind === 'bucket-policy')),
    documents,
  );
  const now = new Date();
  const backup = options.backup ?? backupFile('.', now, randomBytes(3).toString('hex'));
  await writeBackup(backup, plan.changes, now);
  const report = await applyChanges(plan.changes, {
    documents,
    pace: paceOf(options),
    onStep: (step) => void show.write(`${stepLine(step, terminal.style)}\n`),
  });
  show.write(
    `The documents as they were: ${printable(backup)} (audit setup --rollback FILE puts them back)\n`,
  );
  return finish(plan, report, backup, options, terminal);
}

function finish(
  plan: TrailPlan,
  report: ApplyReport,
  backup: string | undefined,
  options: SetupOptions,
  terminal: Terminal,
): ExitCode {
  const { steps, error } = report;
  if (options.json === true)
    terminal.out.write(
      jsonLine({
        ok: error === undefined,
        ...planJson(plan),
        steps: steps.map(stepJson),
        ...(backup !== undefined && { backup }),
      }),
    );
  else if (error === undefined)
    terminal.out.write(
      `The first files come within some minutes. Then:\n  crossbucket audit access --source ${printable(plan.source)}${options.profile === undefined ? '' : ` --profile ${printable(options.profile)}`}\n`,
    );
  return exitOf(report, terminal);
}

async function restore(
  connection: AccountConnection,
  file: string,
  options: SetupOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const { changes, madeAt } = await readBackup(file);
  const foreign = changes.find(({ document }) => document.account !== connection.id);
  if (foreign !== undefined)
    throw new UsageError(
      `the backup holds documents of account ${foreign.document.account}, and the credentials are of ${connection.id}`,
      'name the profile that it was applied with',
    );
  const show = options.json === true ? terminal.err : terminal.out;
  if (!(await confirm(`Put back ${count(changes.length, 'document')} as at ${madeAt}?`, options, terminal)))
    return EXIT.no;
  const report = await rollBack(changes, {
    documents: awsDocuments(new Map([[connection.id, connection]])),
    pace: paceOf(options),
    onStep: (step) => void show.write(`${stepLine(step, terminal.style)}\n`),
  });
  if (options.json === true)
    terminal.out.write(jsonLine({ ok: report.error === undefined, steps: report.steps.map(stepJson) }));
  return exitOf(report, terminal);
}

const paceOf = ({ settle }: SetupOptions): Partial<Pace> =>
  settle === undefined ? {} : { secondLook: settle * 1000 };

function exitOf(report: ApplyReport, terminal: Terminal): ExitCode {
  if (report.error === undefined) return EXIT.done;
  const exit = reportError(report.error, terminal);
  return isPartlyDone(report) ? EXIT.partly : exit;
}

const planJson = ({ changes, ...plan }: TrailPlan) => ({
  ...plan,
  changes: changes.map((change) => ({ ...change, action: actionOf(change), name: nameOf(change.document) })),
});

const SIGNS = { create: '+', change: '~', remove: '-' } as const;

function planText({ account, trail, buckets, changes, costs, notes }: TrailPlan, style: Style): string {
  const lines = [
    style.bold(
      `Account ${account}: trail ${printable(trail.name)} in ${trail.region}, for ${buckets.map(printable).join(', ')}`,
    ),
    '',
    ...changes.flatMap((change) => [...changeLines(change, style), '']),
    ...notes.map((note) => `${style.bold('note')}: ${printable(note)}`),
    `AWS charges $${costs.dataEvents.toFixed(2)} for a million calls to objects that are logged; nothing for the first copy of`,
    `management events in a region, and $${costs.managementCopies.toFixed(2)} for a million of each further copy (${costs.page}).`,
    "To keep the files costs what S3 charges. How many calls a bucket gets, S3's request metrics tell.",
    '',
    changes.length === 0
      ? 'Nothing to do: all of it is logged.'
      : `${count(changes.length, 'document')} to change.`,
    '',
  ];
  return lines.join('\n');
}

function changeLines(change: Change, style: Style): string[] {
  const { document, before, after } = change;
  const action = actionOf(change);
  const paint = action === 'create' ? style.green : style.bold;
  const diffs =
    document.kind === 'bucket-policy'
      ? diffStatements(parsedOrNull(before), parsedOrNull(after)).flatMap((diff) => diffLines(diff, style))
      : diffLines(
          {
            kind: 'changed',
            ...(before !== null && { before: JSON.parse(before) as never }),
            ...(after !== null && { after: JSON.parse(after) as never }),
          } as never,
          style,
        );
  return [`  ${paint(`${SIGNS[action]} ${action} ${printable(nameOf(document))}`)}`, ...diffs];
}
