import { statementsOf, type PolicyDocument } from '@crossbucket/policy';

/** The users, roles and accounts that a document names. */
export function awsPrincipalsOf(document: PolicyDocument): string[] {
  return statementsOf(document).flatMap(({ Principal, NotPrincipal }) =>
    [Principal, NotPrincipal].flatMap((element) =>
      element === undefined || element === '*' ? [] : [element.AWS ?? []].flat(),
    ),
  );
}
