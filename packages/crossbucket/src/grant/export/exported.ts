import type { PolicyDocument } from '@crossbucket/policy';
import { nameOf, readRole, type RoleState } from '../../changes/index.ts';
import type { Spec } from '../../spec/index.ts';
import { changesFor, type PlannedChange } from '../goals.ts';
import type { Side } from '../plan-grants.ts';
import type { GrantState } from '../state.ts';

/** One document that a grant needs, whole, as code is to make it. */
export type ExportedDocument = {
  side: 'source' | 'destination';
  account: string;
  /** Of the configuration. */
  profile: string | undefined;
  grants: string[];
  title: string;
} & (
  | { kind: 'role'; role: string; state: RoleState }
  | {
      kind: 'inline-policy';
      holder: { kind: 'role' | 'user' | 'group'; name: string };
      policy: string;
      document: PolicyDocument;
    }
  /** With everybody else's statements: AWS takes a document as a whole. */
  | { kind: 'bucket-policy'; bucket: string; document: PolicyDocument; others: number }
  | { kind: 'key-policy'; key: string; document: PolicyDocument; others: number }
  | { kind: 'trust-policy'; role: string; document: PolicyDocument; others: number }
);

/** What the grants need on a side, in the order in which it is to be made. */
export function exportedDocuments(spec: Spec, states: readonly GrantState[], side: Side): ExportedDocument[] {
  return changesFor(states, 'granted', { includeUnchanged: true })
    .filter((planned) => planned.change.after !== null && (side === 'both' || planned.side === side))
    .map((planned) => exportedDocument(spec, planned));
}

function exportedDocument(spec: Spec, { change, grants, side }: PlannedChange): ExportedDocument {
  const { document, edits } = change;
  const { account } = document;
  const profile = Object.values(spec.accounts).find(({ id }) => id === account)?.profile;
  const base = { side, account, profile, grants, title: nameOf(document) };
  if (document.kind === 'role')
    return { ...base, kind: 'role', role: document.role, state: readRole(change.after!) };
  const content = JSON.parse(change.after!) as PolicyDocument;
  const others = [content.Statement].flat().length - (edits?.add.length ?? 0);
  switch (document.kind) {
    case 'inline-policy':
      return {
        ...base,
        kind: 'inline-policy',
        holder: document.holder,
        policy: document.policy,
        document: content,
      };
    case 'bucket-policy':
      return { ...base, kind: 'bucket-policy', bucket: document.bucket, document: content, others };
    case 'key-policy':
      return { ...base, kind: 'key-policy', key: document.key, document: content, others };
    case 'trust-policy':
      return { ...base, kind: 'trust-policy', role: document.role, document: content, others };
    default:
      throw new Error(`grants make no ${document.kind}`);
  }
}

export const isShared = (
  document: ExportedDocument,
): document is Extract<ExportedDocument, { others: number }> => 'others' in document;
