import {
  statementsOf,
  type PolicyDocument,
  type PrincipalElement,
  type Statement,
} from '@crossbucket/policy';
import { isOwned } from './owned-sid.ts';

/** What is to be done to a document that others write, too. */
export interface StatementEdits {
  /** Ids of grants whose statements go. */
  owners?: string[] | undefined;
  /** Sids of further statements that go. */
  sids?: string[] | undefined;
  /** What comes instead, at the end. */
  add: Statement[];
  /** Principals that are gone, taken out of whosever statements name them. */
  dropPrincipals?: string[] | undefined;
}

/**
 * The document with the edits made, and everybody else's statements as they are. Null where no statement is left, as
 * AWS takes no document without one.
 */
export function mergeStatements(
  document: PolicyDocument | null,
  { add, dropPrincipals = [], ...removed }: StatementEdits,
): PolicyDocument | null {
  const kept = (document === null ? [] : statementsOf(document)).filter(
    (statement) => !isRemoved(statement, removed),
  );
  const statements = [...kept.flatMap((statement) => withoutPrincipals(statement, dropPrincipals)), ...add];
  if (statements.length === 0) return null;
  return { Version: '2012-10-17', ...document, Statement: statements };
}

export function isRemoved(
  { Sid: sid }: Statement,
  { owners = [], sids = [] }: Pick<StatementEdits, 'owners' | 'sids'>,
): boolean {
  return sid !== undefined && (sids.includes(sid) || owners.some((owner) => isOwned(sid, owner)));
}

/** The edits that bring back what these take away from a document. Principals that are gone stay gone: AWS would refuse them. */
export function inverseEdits(before: PolicyDocument | null, edits: StatementEdits): StatementEdits {
  const owned =
    before === null ? [] : statementsOf(before).filter((statement) => isRemoved(statement, edits));
  const added = edits.add.flatMap(({ Sid }) => Sid ?? []);
  return { owners: edits.owners, sids: [...(edits.sids ?? []), ...added], add: owned };
}

/** A statement that names nobody any more goes as a whole. */
function withoutPrincipals(statement: Statement, gone: readonly string[]): Statement[] {
  if (gone.length === 0) return [statement];
  const { Principal, NotPrincipal, ...rest } = statement;
  const named = dropFrom(Principal, gone);
  const unnamed = dropFrom(NotPrincipal, gone);
  if (
    (Principal !== undefined && named === undefined) ||
    (NotPrincipal !== undefined && unnamed === undefined)
  )
    return [];
  return [{ ...rest, ...(named && { Principal: named }), ...(unnamed && { NotPrincipal: unnamed }) }];
}

function dropFrom(
  element: PrincipalElement | undefined,
  gone: readonly string[],
): PrincipalElement | undefined {
  if (element === undefined || element === '*') return element;
  const left = Object.entries(element).flatMap(([type, names]) => {
    const list = [names].flat().filter((name) => !gone.includes(name));
    return list.length === 0 ? [] : [[type, list.length === 1 ? list[0]! : list] as const];
  });
  return left.length === 0 ? undefined : (Object.fromEntries(left) as PrincipalElement);
}
