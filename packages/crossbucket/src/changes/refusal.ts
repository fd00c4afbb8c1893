import { asAwsError } from '../accounts/aws-error.ts';
import { awsPrincipalsOf } from './aws-principals.ts';
import { ChangeError } from './change-error.ts';
import { idsOf, type Change } from './change.ts';
import { nameOf } from './document-ref.ts';
import { isRefusal } from './documents.ts';
import { parsedOrNull } from './merge-text.ts';
import { readRole } from './role-state.ts';
import { stalePrincipals } from './stale-principals.ts';

/**
 * What a refused document means: `wait` for principals that AWS will know in a moment, or why it will never be taken.
 * Undefined where it is not the document that was refused.
 *
 * @param known ARNs of principals that are there, or were just made
 */
export function refusalError(
  error: unknown,
  change: Change,
  text: string | null,
  known: ReadonlySet<string>,
): ChangeError | 'wait' | undefined {
  if (!isRefusal(error)) return undefined;
  const { message = '', Detail: detail } = asAwsError(error);
  const { account } = change.document;
  const name = nameOf(change.document);
  const details = { account, document: name, cause: error };
  if (!/invalid principal/i.test(message))
    return new ChangeError(
      'document-refused',
      `account ${account}: AWS refuses the ${name}: ${message}`,
      'mend what the message names, in crossbucket.yaml or in the document that is there',
      details,
    );
  const document =
    change.document.kind === 'role' ? (text === null ? null : readRole(text).trust) : parsedOrNull(text);
  const named = document === null ? [] : awsPrincipalsOf(document);
  const suspects = detail === undefined ? ownPrincipals(change, named) : [detail];
  const stale = stalePrincipals(document, idsOf(change)).filter(
    ({ id }) => detail === undefined || id === detail,
  );
  if (stale.length > 0) {
    const where = stale.map(
      ({ id, sid, index }) => `\`${id}\` in statement ${sid === undefined ? index + 1 : `\`${sid}\``}`,
    );
    return new ChangeError(
      'stale-principal',
      `account ${account}: AWS refuses the ${name}, because a principal in it is gone: ${where.join(', ')}`,
      'remove just that principal with `--remove-stale`, or ask whoever wrote the statement',
      details,
    );
  }
  const unknown = suspects.filter((principal) => !known.has(principal));
  if (unknown.length === 0) return 'wait';
  return new ChangeError(
    'unknown-principal',
    `account ${account}: AWS refuses the ${name}, because there is no principal ${unknown.map((principal) => `\`${principal}\``).join(' or ')}`,
    'make the user or role first, or mend its name in crossbucket.yaml',
    details,
  );
}

/** Those that our own statements name: everybody else's were taken before. */
function ownPrincipals({ edits }: Change, named: string[]): string[] {
  return edits === undefined ? named : awsPrincipalsOf({ Statement: edits.add });
}
