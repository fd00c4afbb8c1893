import { randomBytes } from 'node:crypto';
import { invalidValue } from './errors.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const NAME = /^[\w+=,.@-]+$/;
const PATH = /^\/$|^\/[\x21-\x7e]+\/$/;

export function requireName(member: string, name: string, longest: number): void {
  if (!NAME.test(name))
    throw invalidValue(member, name, 'Member must satisfy regular expression pattern: [\\w+=,.@-]+');
  if (name.length > longest)
    throw invalidValue(member, name, `Member must have length less than or equal to ${longest}`);
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
 * Makes an id in AWS's form: `AIDA` (user), `AROA` (role), `ANPA` (policy) with 17 characters more, `AKIA` and `ASIA`
 * (access keys) with 16.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function newId(prefix: 'AIDA' | 'AROA' | 'ANPA' | 'AKIA' | 'ASIA'): string {
  const length = prefix === 'AKIA' || prefix === 'ASIA' ? 16 : 17;
  return prefix + [...randomBytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

/** Forty characters, as AWS's secrets have. */
export function newSecret(): string {
  return randomBytes(30).toString('base64');
}
