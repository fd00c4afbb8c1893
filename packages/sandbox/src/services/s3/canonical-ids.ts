import type { Call } from '../service.ts';

/**
 * Canonical id of whoever signed nothing: it owns what it writes where the writer owns objects.
 * Unconfirmed by AWS's pages; it is what objects of anonymous writers show.
 */
export const ANONYMOUS_ID = '65a011a29cdf8ec533ec3d1ccaae921c';

/** S3's id of an account; of what is no account, itself. */
export function canonicalIdOf({ accounts }: Pick<Call, 'accounts'>, account: string): string {
  return accounts.get(account)?.canonicalId ?? account;
}

export function isCanonicalId({ store }: Pick<Call, 'store'>, id: string): boolean {
  if (id === ANONYMOUS_ID) return true;
  for (const account of store.accounts.values()) if (account.canonicalId === id) return true;
  return false;
}
