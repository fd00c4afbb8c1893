import { progressOf, stateOf, type Change } from './change.ts';
import { ChangeError } from './change-error.ts';
import { isShared, nameOf } from './document-ref.ts';
import type { Documents } from './documents.ts';
import { targetOf } from './merge-text.ts';
import { refusalError } from './refusal.ts';
import { PACE, pauses, sleep, type Pace } from './settle.ts';

export type StepOutcome =
  /** Written, read back, and found as it should be. */
  | 'written'
  /** It was so already. */
  | 'already'
  | 'failed'
  /** An earlier step failed. */
  | 'not-done';

/** One change, as far as it came. */
export interface Step {
  change: Change;
  outcome: StepOutcome;
  /** How often somebody else's write took it away, and it was made again. */
  redone: number;
}

export interface ApplyReport {
  steps: Step[];
  /** Why it stopped; without it, everything is done. */
  error?: Error;
}

export interface ApplyOptions {
  documents: Documents;
  /** ARNs of principals that are there, or are made by these very changes: AWS may need a while to know them. */
  knownPrincipals?: ReadonlySet<string>;
  pace?: Partial<Pace> | undefined;
  onStep?: ((step: Step) => void) | undefined;
  /** AWS does not know a principal yet that was only just made. */
  onWait?: ((change: Change) => void) | undefined;
}

/**
 * Checks that every document is as the plan found it, or is done already. Nothing is written.
 * @throws ChangeError `changed-since-plan`, naming each document that has moved
 */
export async function requireUnmoved(
  changes: readonly Change[],
  documents: Documents,
): Promise<Map<Change, string | null>> {
  const read = await Promise.all(
    changes.map(async (change) => [change, await documents.read(change.document)] as const),
  );
  const moved = read.filter(([change, current]) => progressOf(change, current) === 'moved');
  if (moved.length > 0) throw movedError(moved.map(([change]) => change));
  return new Map(read);
}

/** Makes the changes in their order, and stops at the first that fails. What is done already is left alone. */
export async function applyChanges(changes: readonly Change[], options: ApplyOptions): Promise<ApplyReport> {
  const pace = { ...PACE, ...options.pace };
  const steps: Step[] = changes.map((change) => ({ change, outcome: 'not-done', redone: 0 }));
  let current: Step | undefined;
  try {
    for (const step of steps) {
      current = step;
      step.outcome = await make(step, options, pace);
      options.onStep?.(step);
    }
    const shared = steps.filter(({ change }) => isShared(change.document));
    await lookAgain(shared, options, pace, (step) => {
      current = step;
    });
    return { steps };
  } catch (error) {
    if (current) {
      current.outcome = 'failed';
      options.onStep?.(current);
    }
    return { steps, error: error as Error };
  }
}

/** Reads, merges, writes and reads back, until the document is as it should be. */
async function make(step: Step, options: ApplyOptions, pace: Pace): Promise<StepOutcome> {
  const { documents } = options;
  const { change } = step;
  let outcome: StepOutcome = 'already';
  for await (const _ of tries(pace)) {
    const now = await documents.read(change.document);
    if (isDone(change, now)) return outcome;
    // Without edits to merge, the whole document would go over what somebody else has just written.
    if (change.edits === undefined && progressOf(change, now) === 'moved') throw movedError([change]);
    if (outcome === 'written') step.redone++;
    // PutBucketPolicy and PutKeyPolicy have no condition: as little time as can be lies between reading and writing.
    await write(change, now, options, pace);
    outcome = 'written';
    if (await comesThrough(change, documents, pace)) return outcome;
    if (!isShared(change.document)) throw notAsWritten(change);
  }
  throw contended(change);
}

/** The whole document of ours, or our part of one that others write too. */
function isDone(change: Change, current: string | null): boolean {
  return stateOf(change, current) === stateOf(change, targetOf(change, current));
}

/** Whether what was written shows, at once or after a moment. */
async function comesThrough(change: Change, documents: Documents, pace: Pace): Promise<boolean> {
  if (isDone(change, await documents.read(change.document))) return true;
  for await (const _ of pauses(pace.retry / 4, pace.retry * 4))
    if (isDone(change, await documents.read(change.document))) return true;
  return false;
}

/** Writes, and waits for principals that were only just made. */
async function write(
  change: Change,
  current: string | null,
  options: ApplyOptions,
  pace: Pace,
): Promise<void> {
  const { documents, knownPrincipals = new Set() } = options;
  const target = targetOf(change, current);
  let failure: unknown;
  const attempt = async (): Promise<boolean> => {
    try {
      await documents.write(change.document, target, current);
      return true;
    } catch (error) {
      failure = error;
      const refused = refusalError(error, change, target, knownPrincipals);
      if (refused === undefined) throw error;
      if (refused !== 'wait') throw refused;
      return false;
    }
  };
  if (await attempt()) return;
  options.onWait?.(change);
  for await (const _ of pauses(pace.retry, pace.newPrincipal)) if (await attempt()) return;
  const refused = refusalError(failure, change, target, new Set());
  throw refused instanceof Error ? refused : (failure as Error);
}

/** A write of ours may be gone some seconds later, when somebody writes what they read before it. */
async function lookAgain(
  steps: readonly Step[],
  options: ApplyOptions,
  pace: Pace,
  onLook: (step: Step) => void,
): Promise<void> {
  let toLookAt = steps.filter(({ outcome }) => outcome === 'written');
  for (let round = 0; toLookAt.length > 0; round++) {
    await sleep(pace.secondLook * (1 + Math.random() / 4));
    const lost: Step[] = [];
    for (const step of toLookAt) {
      onLook(step);
      if (isDone(step.change, await options.documents.read(step.change.document))) continue;
      if (round >= MOST_ROUNDS) throw contended(step.change);
      step.redone++;
      await make(step, options, pace);
      step.outcome = 'written';
      lost.push(step);
    }
    toLookAt = lost;
  }
}

const MOST_ROUNDS = 20;

async function* tries(pace: Pace): AsyncGenerator<void> {
  yield;
  yield* pauses(pace.retry / 4, pace.retry * 40);
}

function movedError(moved: readonly Change[]): ChangeError {
  const names = moved.map(({ document }) => `the ${nameOf(document)} in account ${document.account}`);
  return new ChangeError(
    'changed-since-plan',
    `${names.join(', ')} ${moved.length === 1 ? 'has' : 'have'} changed since the plan was made`,
    'plan again, look at what has changed, and apply the new plan',
    about(moved[0]!),
  );
}

const about = ({ document }: Change) => ({ account: document.account, document: nameOf(document) });

const notAsWritten = (change: Change): ChangeError =>
  new ChangeError(
    'not-as-written',
    `account ${change.document.account}: the ${nameOf(change.document)} is not what was written`,
    'look at it, then plan and apply again',
    about(change),
  );

const contended = (change: Change): ChangeError =>
  new ChangeError(
    'contended',
    `account ${change.document.account}: somebody else keeps writing the ${nameOf(change.document)}`,
    'find out who, and apply again when they have done',
    about(change),
  );
