import { statementsOf, type PolicyDocument, type Statement } from '@crossbucket/policy';
import { canonicalStatement, type PrincipalIds } from './canonical.ts';
import { readOwnedSid } from './owned-sid.ts';

/** What a change does to one statement; what stays as it is has no entry. */
export type StatementDiff =
  | { kind: 'added'; after: Statement }
  | { kind: 'removed'; before: Statement }
  | { kind: 'changed'; before: Statement; after: Statement };

/** Statements are the same where AWS could give either form; a changed one is found by its Sid, or by what its Sid says of ours. */
export function diffStatements(
  before: PolicyDocument | null,
  after: PolicyDocument | null,
  ids?: PrincipalIds,
): StatementDiff[] {
  const texts = (document: PolicyDocument | null) =>
    (document === null ? [] : statementsOf(document)).map((statement) => ({
      statement,
      text: canonicalStatement(statement, ids),
    }));
  const [old, now] = [texts(before), texts(after)];
  const gone = unmatched(old, now);
  const come = unmatched(now, old);
  const diffs: StatementDiff[] = [];
  for (const removed of gone) {
    const key = keyOf(removed);
    const index = key === undefined ? -1 : come.findIndex((added) => keyOf(added) === key);
    if (index < 0) diffs.push({ kind: 'removed', before: removed });
    else diffs.push({ kind: 'changed', before: removed, after: come.splice(index, 1)[0]! });
  }
  return [...diffs, ...come.map((added): StatementDiff => ({ kind: 'added', after: added }))];
}

interface Texted {
  statement: Statement;
  text: string;
}

function unmatched(these: readonly Texted[], those: readonly Texted[]): Statement[] {
  const left = those.map(({ text }) => text);
  return these.flatMap(({ statement, text }) => {
    const index = left.indexOf(text);
    if (index < 0) return [statement];
    left.splice(index, 1);
    return [];
  });
}

function keyOf({ Sid: sid }: Statement): string | undefined {
  const owned = readOwnedSid(sid);
  return owned === undefined ? sid : `${owned.owner} ${owned.label}`;
}
