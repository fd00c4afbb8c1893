import { statementsOf, type PolicyDocument } from '@crossbucket/policy';
import { mergeStatements } from '../../changes/index.ts';
import { locate } from '../core/place.ts';
import { documentProposal, type Case, type Proposal } from './proposal.ts';
import { exactStatement, listOf, oneOrMany, withReplaced } from './statement-parts.ts';
import { shortName } from './words.ts';

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

/** The principal that is there now, in place of the id of one that is gone. */
export function mendStale(about: Case): Proposal[] {
  const { cause } = about;
  const located = cause.miss && locate(about, cause, cause.miss);
  if (cause.miss === undefined || located === undefined) return [];
  const { document } = located.policy;
  const like = statementsOf(document)[cause.miss.index];
  const named = exactStatement(about, cause.layer)?.Principal;
  if (like?.Principal === undefined || like.Principal === '*' || named === undefined || named === '*')
    return [];
  const gone = listOf(like.Principal.AWS).filter(isUniqueId);
  const others = listOf(like.Principal.AWS).filter((name) => !isUniqueId(name));
  const Principal = { ...like.Principal, AWS: oneOrMany([...others, ...listOf(named.AWS)]) };
  const replaced = withReplaced(document, cause.miss.index, [{ ...like, Principal }]);
  return documentProposal(located.place, document, stalePrincipals(replaced).without, {
    summary: `name ${shortName(about.request.principal)} in place of ${gone.join(', ')}, which is gone`,
    also: 'all that the statement allowed to whoever had that id',
  });
}
