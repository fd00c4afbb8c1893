import type { Change } from '../changes/change.ts';
import { nameOf, type DocumentRef } from '../changes/document-ref.ts';
import { INLINE_LIMITS, LIMITS } from '../changes/limits.ts';
import { readRole } from '../changes/role-state.ts';
import type { PlannedChange } from './goals.ts';
import type { PlanProblem } from './problem.ts';
import type { GrantState } from './state.ts';

const NEARLY = 0.9;

/** Documents that are too large for AWS, or nearly so. */
export function sizeProblems(
  changes: readonly PlannedChange[],
  states: readonly GrantState[],
): PlanProblem[] {
  const inline = inlineSizes(states);
  for (const { change } of changes) {
    const { document, before, after } = change;
    if (document.kind !== 'inline-policy') continue;
    const key = holderKey(document);
    inline.set(key, (inline.get(key) ?? sizeOf(before)) - sizeOf(before) + sizeOf(after));
  }
  return changes.flatMap(({ change, grants }) => {
    const { document } = change;
    if (change.after === null) return [];
    const isInline = document.kind === 'inline-policy';
    const limit = isInline ? INLINE_LIMITS[document.holder.kind] : LIMITS[document.kind];
    const size = isInline ? inline.get(holderKey(document))! : sizeOf(textOf(change));
    if (limit === undefined || size <= limit * NEARLY) return [];
    const isTooLarge = size > limit;
    const what = isInline
      ? `inline policies of ${document.holder.kind} ${document.holder.name}`
      : nameOf(document);
    return [
      {
        severity: isTooLarge ? 'error' : 'warning',
        code: isTooLarge ? 'too-large' : 'nearly-too-large',
        grant: grants.join(', '),
        account: document.account,
        document: nameOf(document),
        message: `the ${what} would have ${size} characters, and AWS takes ${limit} at most`,
        help: 'name fewer prefixes or principals, or remove what is no longer needed there; access points have policies of their own',
      } satisfies PlanProblem,
    ];
  });
}

const holderKey = ({ account, ...document }: DocumentRef): string =>
  document.kind === 'inline-policy' ? `${account} ${document.holder.kind} ${document.holder.name}` : account;

/** What the inline policies of each principal come to now. */
function inlineSizes(states: readonly GrantState[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { facts, source } of states)
    for (const { principal, snapshot } of source?.principals ?? []) {
      const policies = snapshot?.policies.filter(({ arn }) => arn === undefined) ?? [];
      const size = policies.reduce((sum, { document }) => sum + JSON.stringify(document).length, 0);
      sizes.set(`${facts.source} ${principal.kind} ${principal.name}`, size);
    }
  return sizes;
}

const textOf = ({ document, after }: Change): string | null =>
  document.kind === 'role' && after !== null ? JSON.stringify(readRole(after).trust) : after;

const sizeOf = (text: string | null): number => (text === null ? 0 : JSON.stringify(JSON.parse(text)).length);
