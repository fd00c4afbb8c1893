import {
  statementsOf,
  type PolicyDocument,
  type PrincipalElement,
  type Statement,
} from '@crossbucket/policy';
import { iamArn } from './arns.ts';
import type { GrantRecord, PrincipalIds, RoleRecord, UserRecord } from './records.ts';
import type { Store } from './store.ts';

// AWS stores the unique id of a user or role that a policy names, and shows its ARN for as long as it is there.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html

/** The texts of the `AWS` principals of a document. */
export function awsPrincipalsOf(document: PolicyDocument): string[] {
  return statementsOf(document).flatMap(({ Principal, NotPrincipal }) => [
    ...namesIn(Principal),
    ...namesIn(NotPrincipal),
  ]);
}

/** The users and roles that a document names, to be kept beside its text; nothing if it names none. */
export function principalIdsOf(document: PolicyDocument, store: Store): PrincipalIds | undefined {
  return idsOfNames(awsPrincipalsOf(document), store);
}

/** The same of names by themselves. */
export function idsOfNames(names: readonly string[], store: Store): PrincipalIds | undefined {
  const found = names.flatMap((name) => {
    const principal = findPrincipal(name, store);
    return principal ? [[name, principal.id] as const] : [];
  });
  return found.length > 0 ? Object.fromEntries(found) : undefined;
}

/** A user or role by its ARN or its unique id. */
export function findPrincipal(name: string, store: Store): UserRecord | RoleRecord | undefined {
  return findNamed(name, store) ?? (name.startsWith('arn:') ? undefined : store.principalById(name));
}

function findNamed(arn: string, store: Store): UserRecord | RoleRecord | undefined {
  return store.findUser(arn) ?? store.findRole(arn);
}

export function arnOfPrincipal(record: UserRecord | RoleRecord): string {
  return iamArn('trust' in record ? 'role' : 'user', record.account, record.path, record.name);
}

/** A document's text as AWS would show it now: the unique id of whoever is gone, the new ARN of whoever moved. */
export function textNow(text: string, ids: PrincipalIds | undefined, store: Store): string {
  const names = namesNow(ids, store);
  if (names.size === 0) return text;
  const document = JSON.parse(text) as PolicyDocument;
  const statements = statementsOf(document).map((statement) => renamed(statement, names));
  return JSON.stringify({
    ...document,
    Statement: Array.isArray(document.Statement) ? statements : statements[0],
  });
}

/** The grants of a key, with their principals as AWS would show them now: the same list while nobody is gone or has moved. */
export function grantsNow(grants: readonly GrantRecord[], store: Store): readonly GrantRecord[] {
  let isAsWritten = true;
  const now = grants.map((grant) => {
    const names = namesNow(grant.principals, store);
    if (names.size === 0) return grant;
    isAsWritten = false;
    const { grantee, retiring } = grant;
    return {
      ...grant,
      grantee: names.get(grantee) ?? grantee,
      ...(retiring !== undefined && { retiring: names.get(retiring) ?? retiring }),
    };
  });
  return isAsWritten ? grants : now;
}

/** What a document's principals are called now, where that is not as it was written. */
function namesNow(ids: PrincipalIds | undefined, store: Store): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [written, id] of Object.entries(ids ?? {})) {
    if (findNamed(written, store)?.id === id) continue;
    const principal = store.principalById(id);
    const name = principal ? arnOfPrincipal(principal) : id;
    if (name !== written) names.set(written, name);
  }
  return names;
}

function renamed(statement: Statement, names: ReadonlyMap<string, string>): Statement {
  const { Principal, NotPrincipal } = statement;
  return {
    ...statement,
    ...(Principal !== undefined && { Principal: renamedIn(Principal, names) }),
    ...(NotPrincipal !== undefined && { NotPrincipal: renamedIn(NotPrincipal, names) }),
  };
}

function renamedIn(element: PrincipalElement, names: ReadonlyMap<string, string>): PrincipalElement {
  if (element === '*' || element.AWS === undefined) return element;
  const rename = (name: string): string => names.get(name) ?? name;
  return { ...element, AWS: Array.isArray(element.AWS) ? element.AWS.map(rename) : rename(element.AWS) };
}

function namesIn(element: PrincipalElement | undefined): string[] {
  return element === undefined || element === '*' ? [] : [element.AWS ?? []].flat();
}
