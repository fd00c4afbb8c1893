import { statementsOf, type PolicyDocument } from '@crossbucket/policy';
import { mergeStatements } from '../../changes/index.ts';
import { listOf } from './statement-parts.ts';

const UNIQUE_ID = /^A(?:ROA|IDA|GPA)[A-Z0-9]+$/;

export const isUniqueId = (name: string): boolean => UNIQUE_ID.test(name);

/** The document without principals that are gone: as long as one is named anywhere in it, AWS takes no change of it. */
export function stalePrincipals(document: PolicyDocument | null): {
  without: PolicyDocument | null;
  words: string;
} {
  const gone = document === null ? [] : staleIn(document);
  if (gone.length === 0) return { without: document, words: '' };
  return {
    without: mergeStatements(document, { add: [], dropPrincipals: gone }),
    words: ` (and take out ${gone.join(', ')}, which is gone: AWS takes no policy that names it)`,
  };
}

const staleIn = (document: PolicyDocument): string[] => [
  ...new Set(
    statementsOf(document).flatMap(({ Principal, NotPrincipal }) =>
      [Principal, NotPrincipal].flatMap((element) =>
        element === undefined || element === '*' ? [] : listOf(element.AWS).filter(isUniqueId),
      ),
    ),
  ),
];
