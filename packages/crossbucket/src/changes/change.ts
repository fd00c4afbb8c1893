import type { PolicyDocument } from '@crossbucket/policy';
import { canonicalText, canonicalValue, hashOf, type PrincipalIds } from './canonical.ts';
import { isSetting, type DocumentRef } from './document-ref.ts';
import type { StatementEdits } from './merge.ts';
import { canonicalFacet, differingFacets, readRole, ROLE_FACETS } from './role-state.ts';

/** What one document is to become. Texts are JSON; null where there is no document. */
export interface Change {
  document: DocumentRef;
  /** As it was read. */
  before: string | null;
  after: string | null;
  /** Of a document that others write too: what is done to it, whatever else comes to stand there. */
  edits?: StatementEdits | undefined;
  /** ARNs of principals that are there by their unique ids, which AWS may show in their place. */
  ids?: Record<string, string> | undefined;
}

export type ChangeAction = 'create' | 'change' | 'remove';

export const actionOf = ({ before, after }: Change): ChangeAction =>
  before === null ? 'create' : after === null ? 'remove' : 'change';

/** Text that is the same for all forms of one state of a document. */
export function canonicalState(
  document: DocumentRef,
  text: string | null,
  ids?: PrincipalIds,
): string | null {
  const { kind } = document;
  if (text === null) return null;
  if (isSetting(document)) return canonicalValue(text);
  if (kind !== 'role') return canonicalText(JSON.parse(text) as PolicyDocument, ids);
  const role = readRole(text);
  return JSON.stringify(ROLE_FACETS.map((facet) => canonicalFacet(role, facet, ids)));
}

/** Sixteen digits that tell states of a document apart, and not their spellings. */
export const stateHash = (document: DocumentRef, text: string | null): string =>
  hashOf(canonicalState(document, text));

/** Text that is the same for all forms of one state of a change's document. */
export const stateOf = ({ document, ids }: Change, text: string | null): string | null =>
  canonicalState(document, text, idsOf({ ids }));

export const idsOf = ({ ids = {} }: Pick<Change, 'ids'>): PrincipalIds => new Map(Object.entries(ids));

/** How a document stands to a change: as the plan found it, as it is to be, or neither. */
export type Progress = 'pending' | 'done' | 'moved';

export function progressOf(change: Change, current: string | null): Progress {
  const { document, before, after } = change;
  const state = stateOf(change, current);
  if (state === stateOf(change, after)) return 'done';
  if (state === stateOf(change, before)) return 'pending';
  if (document.kind === 'role' && isBetween(current, before, after)) return 'pending';
  return 'moved';
}

/** A role takes several calls to change, and one of them may have been the last that succeeded. */
function isBetween(current: string | null, before: string | null, after: string | null): boolean {
  if (current === null || before === null || after === null) return false;
  const [now, old, next] = [readRole(current), readRole(before), readRole(after)];
  const changed = new Set(differingFacets(now, old));
  return differingFacets(now, next).every((facet) => !changed.has(facet));
}
