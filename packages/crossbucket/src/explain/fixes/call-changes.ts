import { statementsOf, type ApiCall, type FailedElement, type Statement } from '@crossbucket/policy';
import { locate } from '../core/place.ts';
import { CALLER_KEYS, valueFor } from '../core/caller-keys.ts';
import { callProposal, type Case, type Proposal } from './proposal.ts';
import { listOf } from './statement-parts.ts';

type Change = { input: Record<string, unknown>; context: Record<string, string>; words: string[] };

/** The call as the nearest Allow wants it: where all that fails are keys that the caller sets. */
export function askedChanges(about: Case, failed: readonly FailedElement[]): Proposal[] {
  if (failed.length === 0 || !failed.every(({ element }) => element === 'Condition')) return [];
  const change: Change = { input: {}, context: {}, words: [] };
  for (const { key = '', operator = '', wanted } of failed) {
    if (!set(change, about, key, valueFor(operator, wanted))) return [];
  }
  return [callProposal(about, change.words.join(' and '), change)];
}

/** The call with a key as a condition wants it. False where no caller can do that. */
function set(change: Change, { call }: Case, key: string, value: string | undefined): boolean {
  const lower = key.toLowerCase();
  const known = CALLER_KEYS.get(lower);
  if (known === undefined || value === undefined) return false;
  // No session of a role tells of a second factor.
  if (lower.startsWith('aws:multifactor') && call.principal.includes(':assumed-role/')) return false;
  change.words.push(known.words(value));
  if (known.member === undefined) change.context[key] = value;
  else
    Object.assign(
      change.input,
      { [known.member]: known.isNumber ? Number(value) : value },
      companionOf(lower, value, call),
    );
  return true;
}

/** Encryption by KMS without a key means one that no other account can use; and a key is none without it. */
function companionOf(
  key: string,
  value: string,
  { input, bucketEncryption }: ApiCall,
): Record<string, string> {
  const kmsKey = bucketEncryption?.key;
  if (key === 's3:x-amz-server-side-encryption' && value.startsWith('aws:kms') && kmsKey !== undefined)
    return { SSEKMSKeyId: kmsKey };
  const isByKms = String(input['ServerSideEncryption']).startsWith('aws:kms');
  return key === 's3:x-amz-server-side-encryption-aws-kms-key-id' && !isByKms
    ? { ServerSideEncryption: 'aws:kms' }
    : {};
}

/** The call as a Deny lets it through. */
export function sparedChanges(about: Case): Proposal[] {
  const { cause } = about;
  const located = cause.statement && locate(about, cause, cause.statement);
  const statement = located && statementsOf(located.policy.document)[cause.statement!.index];
  return statement === undefined
    ? []
    : conditionsOf(statement).flatMap((condition) => avoid(about, condition, statement));
}

interface Condition {
  operator: string;
  key: string;
  values: string[];
}

const conditionsOf = ({ Condition = {} }: Statement): Condition[] =>
  Object.entries(Condition).flatMap(([operator, block]) =>
    Object.entries(block).map(([key, values]) => ({ operator, key, values: listOf(values).map(String) })),
  );

/** One condition that no longer holds is enough. */
function avoid(about: Case, { operator, key, values }: Condition, statement: Statement): Proposal[] {
  const member = CALLER_KEYS.get(key.toLowerCase())?.member;
  const plain = operator.replace(/^For(All|Any)Values:/, '').replace(/IfExists$/, '');
  const change: Change = { input: {}, context: {}, words: [] };
  const done = () => [callProposal(about, change.words.join(' and '), change)];
  if (plain.includes('Not')) return set(change, about, key, valueFor(plain, values)) ? done() : [];
  if (plain === 'Bool')
    return set(change, about, key, values[0] === 'false' ? 'true' : undefined) ? done() : [];
  if (plain === 'Null' && values[0] === 'true') {
    const other = conditionsOf(statement).find(
      (one) => one.key.toLowerCase() === key.toLowerCase() && one.operator.includes('Not'),
    );
    return other && set(change, about, key, valueFor(other.operator, other.values)) ? done() : [];
  }
  if (member === undefined || about.call.input[member] === undefined) return [];
  return [callProposal(about, `leave out \`${member}\``, { input: { [member]: undefined } })];
}
