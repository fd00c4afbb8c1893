import {
  applyChanges,
  awsDocuments,
  ChangeError,
  requireUnmoved,
  rollBack,
  writeBackup,
  type ApplyReport,
  type Change,
  type Backup,
  type Pace,
  type Step,
} from '../changes/index.ts';
import { GrantError } from './grant-error.ts';
import type { Connections } from './open-accounts.ts';
import type { GrantPlan } from './plan-grants.ts';

export interface ApplyPlanOptions {
  /** Where the documents are kept as they were, before the first of them is changed. */
  backup: string;
  pace?: Partial<Pace> | undefined;
  onStep?: ((step: Step) => void) | undefined;
  onWait?: ((change: Change) => void) | undefined;
  now?: Date;
}

/**
 * Does what a plan recorded, and nothing else. A failure on the way is in the report; what was done is, too.
 * @throws GrantError `cannot-plan` where the plan has errors; ChangeError `changed-since-plan`; nothing is changed then
 */
export async function applyPlan(
  plan: GrantPlan,
  connections: Connections,
  { backup, pace, onStep, onWait, now = new Date() }: ApplyPlanOptions,
): Promise<ApplyReport> {
  requireApplicable(plan, connections);
  const changes = plan.changes.map(({ change }) => change);
  const documents = awsDocuments(connections);
  await requireUnmoved(changes, documents);
  if (changes.length === 0) return { steps: [] };
  await writeBackup(backup, changes, now);
  return applyChanges(changes, {
    documents,
    knownPrincipals: new Set(plan.knownPrincipals),
    pace,
    onStep,
    onWait,
  });
}

function requireApplicable({ problems, changes }: GrantPlan, connections: Connections): void {
  const error = problems.find(({ severity }) => severity === 'error');
  if (error) throw new GrantError('cannot-plan', error.message, error.help);
  const missing = changes.find(({ change }) => !connections.has(change.document.account));
  if (missing === undefined) return;
  throw new GrantError(
    'missing-side',
    `the plan changes account ${missing.change.document.account}, which is not open here`,
    'apply it with the configuration that it was made from, or make a plan with `--side`',
  );
}

/** Puts back what a backup holds. */
export async function rollBackTo(
  backup: Backup,
  connections: Connections,
  { pace, onStep }: Pick<ApplyPlanOptions, 'pace' | 'onStep'> = {},
): Promise<ApplyReport> {
  return rollBack(backup.changes, { documents: awsDocuments(connections), pace, onStep });
}

export interface FreshOptions extends Omit<ApplyPlanOptions, 'backup'> {
  /** A new file for each try. */
  backupFor(now: Date): string;
  /** How often to plan again when somebody else was faster. */
  tries?: number;
}

/**
 * Applies a plan that was just made; where somebody else's change came between, plans again and goes on, as long as the
 * grant's own part of it is the same.
 */
export async function applyFresh(
  first: GrantPlan,
  planAgain: () => Promise<GrantPlan>,
  connections: Connections,
  { backupFor, tries = 20, ...options }: FreshOptions,
): Promise<{ plan: GrantPlan; report: ApplyReport; backup: string }> {
  let plan = first;
  for (let attempt = 1; ; attempt++) {
    const backup = backupFor(new Date());
    try {
      return { plan, backup, report: await applyPlan(plan, connections, { ...options, backup }) };
    } catch (error) {
      if (!(error instanceof ChangeError) || error.code !== 'changed-since-plan' || attempt >= tries)
        throw error;
      const next = await planAgain();
      if (ownPart(next) !== ownPart(plan)) throw error;
      plan = next;
    }
  }
}

/** What a plan does to the grants' own statements and documents, whatever stands beside them. */
function ownPart({ changes, problems }: GrantPlan): string {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return JSON.stringify([
    changes.map(({ change: { document, edits, after } }) => [document, edits ?? after]),
    errors.map(({ code }) => code),
  ]);
}
