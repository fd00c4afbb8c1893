import { statementsOf, type PolicyDocument } from '@crossbucket/policy';
import { parseObject } from '../replay/api-call.ts';

/** The first of these members of a request that is a policy document, as an object or as its text. */
export function documentIn(request: Record<string, unknown>, ...names: string[]): PolicyDocument | undefined {
  for (const name of names) {
    const value = Object.hasOwn(request, name) ? request[name] : undefined;
    const document = typeof value === 'string' ? parseObject(value) : value;
    if (typeof document === 'object' && document !== null && 'Statement' in document)
      return document as PolicyDocument;
  }
  return undefined;
}

/** Accounts other than the owner's, and `*`, that a document allows anything. */
export function outsiders(document: PolicyDocument, owner: string): string[] {
  const found = new Set<string>();
  for (const { Effect, Principal } of statementsOf(document)) {
    if (Effect !== 'Allow' || Principal === undefined) continue;
    const named: unknown =
      typeof Principal === 'string' ? Principal : (Principal as Record<string, unknown>)['AWS'];
    for (const name of [named].flat()) {
      const account = typeof name === 'string' ? accountOf(name) : undefined;
      if (account !== undefined && account !== owner) found.add(account);
    }
  }
  return [...found];
}

function accountOf(principal: string): string | undefined {
  if (principal === '*' || /^\d{12}$/.test(principal)) return principal;
  return /^arn:[^:]+:(?:iam|sts)::(\d{12}):/.exec(principal)?.[1];
}
