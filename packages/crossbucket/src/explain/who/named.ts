import type { PrincipalElement, Statement, World } from '@crossbucket/policy';
import { isPublicPolicy } from '@crossbucket/policy';
import { isUniqueId } from '../fixes/stale.ts';
import { listOf } from '../fixes/statement-parts.ts';
import type { AccessRow } from './access-row.ts';

/** Somebody whom a statement is for. */
export interface Named {
  /** `AWS`, `Service`, `Federated`, `CanonicalUser` */
  type: string;
  name: string;
}

/** Whom a statement is for; all but some are everybody. */
export function namesIn({ Principal, NotPrincipal }: Statement): Named[] {
  if (NotPrincipal !== undefined || Principal === '*') return [{ type: 'AWS', name: '*' }];
  return Object.entries((Principal ?? {}) as Exclude<PrincipalElement, '*'>).flatMap(([type, names]) =>
    listOf(names).map((name) => ({ type, name })),
  );
}

/** `222222222222`, however an account is written. */
export const wholeAccount = (name: string): string | undefined =>
  /^\d{12}$/.test(name) ? name : /^arn:[^:]+:iam::(\d{12}):root$/.exec(name)?.[1];

const accountIn = (name: string): string | undefined =>
  wholeAccount(name) ?? /^arn:[^:]+:(?:iam|sts)::(\d{12}):/.exec(name)?.[1];

/** Who it is, seen from the account that owns the bucket. */
export function describe(
  { type, name }: Named,
  statement: Statement | undefined,
  owner: string,
  world: World,
): Pick<AccessRow, 'principal' | 'account' | 'kind' | 'outside'> {
  if (type === 'Service') return { principal: name, kind: 'service', outside: true };
  // Whoever signs in at a provider is nobody of the account, whose provider it is.
  if (type === 'Federated') return { principal: name, kind: 'federated', outside: true };
  if (type === 'CanonicalUser') {
    const account = Object.values(world.accounts).find(({ canonicalId }) => canonicalId === name)?.id;
    return { principal: name, kind: 'account', ...(account && { account }), outside: account !== owner };
  }
  if (name === '*') {
    const isPublic =
      statement === undefined || isPublicPolicy({ Version: '2012-10-17', Statement: [statement] }, 'bucket');
    return { principal: '*', kind: isPublic ? 'public' : 'limited', outside: true };
  }
  if (isUniqueId(name)) return { principal: name, kind: 'stale', outside: true };
  const account = accountIn(name);
  return {
    principal: name,
    ...(account !== undefined && { account }),
    kind: account === undefined ? 'service' : wholeAccount(name) === undefined ? 'principal' : 'account',
    outside: account !== owner,
  };
}
