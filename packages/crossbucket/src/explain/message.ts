import { callerWords, unknownWords } from './core/words.ts';
import type { Explanation, Unknown } from './explanation.ts';

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
  probes = [],
}: Explanation): string | undefined {
  if (outcome === 'allow' && evidence?.agrees !== false) return undefined;
  const { action, resource, principal, via } = question;
  const isRefused = causes.some(({ code }) => REFUSED.test(code));
  const lines = [
    `${callerWords(principal, isRefused)} ${outcome === 'deny' ? 'cannot do' : 'is to do'} ${action} on ${resource}${via.length > 0 ? ` through ${via.join(', then ')}` : ''}${outcome === 'deny' ? '' : ', and I cannot tell whether it may'}.`,
    ...(evidence === undefined ? [] : [`AWS says: ${evidence.message}`]),
    ...causes.map(
      ({ code, account, detail }) =>
        `- ${code}${account === undefined ? '' : ` (account ${account})`}: ${detail}.`,
    ),
  ];
  const tried = probes.filter(({ step, call }) => step !== undefined || call === 'HeadBucket');
  if (tried.length > 0)
    lines.push(
      '',
      'I tried:',
      ...tried.map(({ call, as, on, said, tells }) => `- ${call} on ${on} as ${as}: ${said}: ${tells}.`),
    );
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
      ...unread.map(({ account, what, why }) => `- ${unknownWords({ account, what })} (${why})`),
      ...rightsFor(unread),
    );
  return lines.join('\n');
}

const REFUSED = /^(credentials-|clock-skew)/;

/** What to allow, so that the answer can be found without asking. */
function rightsFor(unread: readonly Unknown[]): string[] {
  const missing = unread.filter(({ why }) => why.startsWith('no permission'));
  const accounts = [...new Set(missing.flatMap(({ account, action }) => (action ? account : [])))];
  return accounts.map((account) => {
    const rights = missing.flatMap((one) => (one.account === account ? (one.action ?? []) : []));
    return `Or let me read it, in account ${account}: ${[...new Set(rights)].join(', ')}.`;
  });
}
