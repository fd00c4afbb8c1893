import type { PolicyDocument } from '@crossbucket/policy';
import type { Change } from './change.ts';
import { isShared } from './document-ref.ts';
import { mergeStatements, type StatementEdits } from './merge.ts';

export const parsedOrNull = (text: string | null): PolicyDocument | null =>
  text === null ? null : (JSON.parse(text) as PolicyDocument);

/** The text that a document has with the edits made. */
export function mergedText(text: string | null, edits: StatementEdits): string | null {
  const merged = mergeStatements(parsedOrNull(text), edits);
  return merged === null ? null : JSON.stringify(merged);
}

/** What the document is to become, from what it is now: what others write meanwhile is kept. */
export function targetOf({ document, edits, after }: Change, current: string | null): string | null {
  return edits !== undefined && isShared(document) ? mergedText(current, edits) : after;
}
