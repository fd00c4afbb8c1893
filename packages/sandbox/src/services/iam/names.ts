import { randomBytes } from 'node:crypto';
import { fewRandomBytes } from '../../random.ts';
import { AwsError } from '../../wire/errors.ts';
import { invalidValue } from '../validation.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const NAME = /^[\w+=,.@-]+$/;
const DESCRIPTION = /^[\t\n\r\x20-\x7e\u00a1-\u00ff]*$/;
const PATH = /^\/$|^\/[\x21-\x7e]+\/$/;

export function requireName(member: string, name: string, longest: number): void {
  if (name === '') throw invalidValue(member, name, 'Member must have length greater than or equal to 1');
  if (!NAME.test(name))
    throw new AwsError(
      'ValidationError',
      `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
    );
  if (name.length > longest)
    throw invalidValue(member, name, `Member must have length less than or equal to ${longest}`);
}

/** Of a role or a policy. */
export function requireDescription(text: string): string {
  if (text.length > 1000)
    throw invalidValue('description', text, 'Member must have length less than or equal to 1000');
  if (DESCRIPTION.test(text)) return text;
  throw invalidValue(
    'description',
    text,
    'Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*',
  );
}

export function requirePath(path: string | undefined): string {
  if (path === undefined) return '/';
  if (path.length <= 512 && PATH.test(path)) return path;
  throw invalidValue(
    'path',
    path,
    'Member must satisfy regular expression pattern: (\\u002F)|(\\u002F[\\u0021-\\u007E]+\\u002F)',
  );
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Makes an id in AWS's form: `AIDA` (user), `AROA` (role), `AGPA` (group), `ANPA` (policy), `AIPA` (instance profile)
 * with 17 characters more.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function newId(prefix: 'AIDA' | 'AROA' | 'AGPA' | 'ANPA' | 'AIPA'): string {
  return prefix + [...randomBytes(17)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Makes the id of a user's (`AKIA`) or a session's (`ASIA`) access key. It carries its account's id, as AWS's do. */
export function newAccessKeyId(prefix: 'AKIA' | 'ASIA', account: string): string {
  // 80 bits: one that is set, 40 of the account, 39 that are random. The account's last bit shares a character.
  const random = fewRandomBytes(8);
  const number = Number(account);
  let rest = Math.floor(number / 2) + 2 ** 39;
  made.write(prefix, 'latin1');
  for (let index = 11; index >= 4; index--, rest = Math.floor(rest / 32)) made[index] = LETTERS[rest % 32]!;
  made[12] = LETTERS[(number % 2) * 16 + (random[0]! % 16)]!;
  for (let index = 1; index < 8; index++) made[12 + index] = LETTERS[random[index]! % 32]!;
  return made.toString('latin1');
}

const LETTERS = Buffer.from(ALPHABET);
/** The id that is being made: to put a text together letter by letter takes ten times as long. */
const made = Buffer.alloc(20);

/** The account in an access key's id; nothing if it is not of the form. */
export function accountOfKey(accessKeyId: string): string | undefined {
  const text = /^A[KS]IA([A-Z2-7]{16})$/.exec(accessKeyId)?.[1];
  if (text === undefined) return undefined;
  const bits = [...text].reduce((sum, character) => (sum << 5n) | BigInt(ALPHABET.indexOf(character)), 0n);
  return String((bits >> 39n) & ((1n << 40n) - 1n)).padStart(12, '0');
}

/** Forty characters, as AWS's secrets have. */
export function newSecret(): string {
  return randomBytes(30).toString('base64');
}
