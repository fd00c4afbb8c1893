import { statementsOf, type PolicyDocument } from '@crossbucket/policy';

/** A principal that is gone, and the statement that still names it. */
export interface StalePrincipal {
  /** `AROA...`, `AIDA...` */
  id: string;
  sid: string | undefined;
  index: number;
}

/**
 * AWS shows a deleted user or role by its unique id, and takes no document that names one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 * @param known Unique ids of principals that are there.
 */
export function stalePrincipals(
  document: PolicyDocument | null,
  known: ReadonlyMap<string, string> = new Map(),
): StalePrincipal[] {
  if (document === null) return [];
  return statementsOf(document).flatMap(({ Sid: sid, Principal, NotPrincipal }, index) =>
    [Principal, NotPrincipal]
      .flatMap((element) => (element === undefined || element === '*' ? [] : [element.AWS ?? []].flat()))
      .filter((name) => UNIQUE_ID.test(name) && !known.has(name))
      .map((id) => ({ id, sid, index })),
  );
}

const UNIQUE_ID = /^A(?:ROA|IDA|GPA)[A-Z0-9]{8,}$/;
