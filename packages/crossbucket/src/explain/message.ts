import { unknownWords } from './core/words.ts';
import type { Explanation } from './explanation.ts';

/**
 * What to ask of others, as a message ready to send: the changes that are theirs to make, and what nobody here could
 * read. Undefined where the call is allowed.
 */
export function messageFor({
  outcome,
  question,
  causes,
  unknowns,
  evidence,
}: Explanation): string | undefined {
  if (outcome === 'allow' && evidence?.agrees !== false) return undefined;
  const { action, resource, principal, via } = question;
  const lines = [
    `${principal} cannot do ${action} on ${resource}${via.length > 0 ? ` through ${via.join(', then ')}` : ''}.`,
    ...(evidence === undefined ? [] : [`AWS says: ${evidence.message}`]),
    ...causes.map(
      ({ code, account, detail }) =>
        `- ${code}${account === undefined ? '' : ` (account ${account})`}: ${detail}.`,
    ),
  ];
  const asked = causes
    .flatMap(({ fixes }) => fixes.slice(0, 1))
    .map(({ account, document, summary, patch }) => {
      const after = patch === undefined ? '' : `\n${patch.diff}`;
      return `- ${account === '' ? '' : `account ${account}, `}${document.name}: ${summary}.${after}`;
    });
  if (asked.length > 0) lines.push('', 'Please:', ...asked);
  const unread = unknowns.filter(({ could }) => could !== undefined || causes.length === 0);
  if (unread.length > 0)
    lines.push(
      '',
      'I could not read the following. Please look whether it allows the call, or denies it:',
      ...unread.map(
        ({ account, what, action: right, why }) => `- ${unknownWords({ account, what })} (${right ?? why})`,
      ),
    );
  return lines.join('\n');
}
