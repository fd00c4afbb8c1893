import { applyChanges, type ApplyOptions, type ApplyReport } from './apply.ts';
import { ChangeError } from './change-error.ts';
import type { Change } from './change.ts';
import { progressOf } from './change.ts';
import { isShared } from './document-ref.ts';
import type { Documents } from './documents.ts';
import { inverseEdits } from './merge.ts';
import { mergedText, parsedOrNull } from './merge-text.ts';

/** Puts every document back as it was before the changes, the last one first. What others have written since is kept. */
export async function rollBack(changes: readonly Change[], options: ApplyOptions): Promise<ApplyReport> {
  for (let attempt = 1; ; attempt++) {
    const backwards: Change[] = [];
    for (const change of changes.toReversed()) backwards.push(await inverseOf(change, options.documents));
    const report = await applyChanges(backwards, options);
    const isOvertaken = report.error instanceof ChangeError && report.error.code === 'changed-since-plan';
    if (!isOvertaken || attempt >= MOST_ATTEMPTS) return report;
  }
}

/** How often somebody else may be faster. */
const MOST_ATTEMPTS = 10;

/**
 * Where nobody else has written since, a document becomes again exactly what it was; else only our part of it does.
 */
async function inverseOf(change: Change, documents: Documents): Promise<Change> {
  const { document, before, edits, ids } = change;
  const current = await documents.read(document);
  const drop = edits?.dropPrincipals ?? [];
  // Principals that are gone stay gone: AWS would not take them back.
  const restored = drop.length === 0 ? before : mergedText(before, { add: [], dropPrincipals: drop });
  const inverse: Change = { document, before: current, after: restored, ids };
  if (!isShared(document) || edits === undefined || progressOf(change, current) !== 'moved') return inverse;
  return { ...inverse, edits: inverseEdits(parsedOrNull(before), edits) };
}
