import { AccessError } from '../../errors.ts';
import type { ReadSettings, WriteSettings } from '../../s3/object-calls.ts';
import type { ObjectProperties } from '../../s3/object-properties.ts';
import type { FileTime } from '../file-time.ts';
import { forEachAtOnce } from '../flow.ts';
import type { Run } from '../run.ts';
import type { Comparison } from './compare.ts';
import { isSkipped, isTrouble, type Found } from './entry.ts';
import { openFilters, type Filter } from './filters.ts';
import { joinSides, type Pair } from './join-sides.ts';
import { isSame } from './look-closer.ts';
import { openMover } from './mover.ts';
import { planStep, type PlanRules, type Step } from './plan.ts';
import { openRemovals } from './removals.ts';
import { directionOf, readSide, readTarget, refuseOverlap, showName, type Side } from './side.ts';
import { TargetFolder } from './target-folder.ts';

export interface TreeRules {
  comparison: Comparison;
  delete: boolean;
  /** Whether a source that holds nothing may have everything deleted. */
  allowEmpty: boolean;
  dryRun: boolean;
  filters: readonly Filter[];
  /** Of files that are downloaded. */
  time: FileTime;
  tags: boolean;
  properties: ObjectProperties;
  readSettings?: ReadSettings;
  settings?: WriteSettings;
}

/** What became of everything below the two sides. */
export interface TreeSummary {
  transferred: number;
  /** Of the objects that were transferred. */
  bytes: number;
  unchanged: number;
  deleted: number;
  skipped: number;
  failed: number;
}

/** What every further object would meet too. */
const FATAL = new Set<AccessError['code']>([
  'no-such-bucket',
  'credentials-rejected',
  'credentials-expired',
  'source-credentials',
  'assume-role-denied',
  'assume-role-failed',
  'sts-unreachable',
  's3-unreachable',
  'disk-full',
  'missing-peer',
]);

const isFatal = (error: unknown) => !(error instanceof AccessError) || FATAL.has(error.code);

/** Everything below one side to the other. What fails for one object is reported, and the others go on. */
export async function transferTree(from: Side, to: Side, rules: TreeRules, run: Run): Promise<TreeSummary> {
  const direction = directionOf(from, to);
  await refuseOverlap(from, to);
  const takes = openFilters(rules.filters);
  const folder = to.kind === 'folder' ? new TargetFolder(to.path) : undefined;
  const mover = await openMover(from, to, folder, rules, run);
  const summary: TreeSummary = { transferred: 0, bytes: 0, unchanged: 0, deleted: 0, skipped: 0, failed: 0 };
  const failed = (action: 'delete' | typeof direction, name: string, error: unknown) => {
    summary.failed++;
    const shown = action === 'delete' ? {} : { from: showName(from, name) };
    run.report({ type: 'failed', action, ...shown, to: showName(to, name), error: error as Error });
  };
  const removals = openRemovals(
    to,
    folder,
    {
      removed(name) {
        summary.deleted++;
        run.report({ type: 'deleted', to: showName(to, name) });
      },
      failed: (name, error) => failed('delete', name, error),
    },
    run.signal,
  );

  const transfer = async (name: string, size: number) => {
    try {
      const bytes = await mover(name, size);
      summary.transferred++;
      summary.bytes += bytes;
    } catch (error) {
      if (run.signal.aborted) throw run.signal.reason;
      failed(direction, name, error);
      if (isFatal(error)) throw error;
    }
  };
  const unchanged = (name: string) => {
    summary.unchanged++;
    run.report({ type: 'unchanged', to: showName(to, name) });
  };
  const planned = (step: Step & { do: 'transfer' | 'look' | 'delete' }) => {
    const target = showName(to, step.name);
    if (step.do === 'delete') {
      summary.deleted++;
      run.report({ type: 'planned', action: 'delete', to: target });
    } else {
      summary.transferred++;
      summary.bytes += step.source.size;
      const { size } = step.source;
      run.report({ type: 'planned', action: direction, from: showName(from, step.name), to: target, size });
    }
  };
  const work = async (step: Step): Promise<void> => {
    switch (step.do) {
      case 'look':
        if (await isSameQuietly(step)) return unchanged(step.name);
        return rules.dryRun ? planned(step) : transfer(step.name, step.source.size);
      case 'transfer':
        return rules.dryRun ? planned(step) : transfer(step.name, step.source.size);
      case 'delete':
        return planned(step);
      case 'nothing':
        return unchanged(step.name);
      case 'skip':
        summary.skipped++;
        return run.report({ type: 'skipped', from: showName(from, step.name), reason: step.reason });
      case 'fail':
        return failed(direction, step.name, step.error);
    }
  };
  /** Whoever may not look transfers. */
  const isSameQuietly = (step: Step & { do: 'look' }) =>
    run.flow.run(0, () => isSame(from, to, step, rules.comparison, run.signal)).catch(() => false);

  const source = rules.delete && !rules.allowEmpty ? refuseEmpty(from, run) : readSide(from, run.signal);
  const pairs =
    rules.comparison === 'always' && !rules.delete
      ? alone(source)
      : joinSides(source, readTarget(to, run.signal));
  const planRules = { direction, comparison: rules.comparison, delete: rules.delete, takes };
  // What is in the way goes before what comes in its place.
  const remove = rules.dryRun ? undefined : removals.add;
  // Without the folder itself, every object would fail alike.
  const prepare = rules.dryRun ? undefined : folder?.open.bind(folder);
  await forEachAtOnce(stepsOf(pairs, planRules, { remove, prepare }, run), run.concurrency, work);
  await removals.flush();
  return summary;
}

async function* stepsOf(
  pairs: AsyncIterable<Pair>,
  rules: PlanRules,
  { remove, prepare }: { remove?: (name: string) => Promise<void>; prepare?: () => Promise<void> },
  { signal, held }: Run,
): AsyncGenerator<Step> {
  let prepared = false;
  for await (const pair of pairs) {
    if (signal.aborted) throw signal.reason;
    const waiting = held();
    if (waiting) await waiting;
    const step = planStep(pair, rules);
    if (step?.do === 'delete' && remove) await remove(step.name);
    else if (step) {
      if (!prepared && (step.do === 'transfer' || step.do === 'look')) {
        await prepare?.();
        prepared = true;
      }
      yield step;
    }
  }
}

async function* alone(found: AsyncIterable<Found>): AsyncGenerator<Pair> {
  for await (const source of found) yield { source };
}

/** A prefix that is misspelt is as empty as one that was emptied. Nothing is told before there is something. */
async function* refuseEmpty(from: Side, run: Run): AsyncGenerator<Found> {
  let before: Found[] | undefined = [];
  for await (const found of readSide(from, run.signal)) {
    if (before && (isTrouble(found) || isSkipped(found))) {
      before.push(found);
      continue;
    }
    if (before) yield* before;
    before = undefined;
    yield found;
  }
  if (!before) return;
  throw new AccessError(
    'empty-source',
    `there is nothing in \`${showName(from, '')}\`, so everything on the other side would be deleted`,
    'check the name; if that is what you want, pass --allow-empty (`allowEmpty`)',
  );
}
