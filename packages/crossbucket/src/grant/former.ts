import { statementsOf, type PolicyDocument } from '@crossbucket/policy';
import { awsPrincipalsOf } from '../changes/aws-principals.ts';
import { isOwned } from '../changes/owned-sid.ts';
import type { SourcePrincipal } from './facts.ts';

// What an earlier version of a grant made, as the documents that it made tell.

/** Users and roles of the source that the grant's own statements name. */
export function formerPrincipals(
  document: PolicyDocument | null,
  owner: string,
  source: string,
): SourcePrincipal[] {
  if (document === null) return [];
  const own = statementsOf(document).filter(({ Sid }) => isOwned(Sid, owner));
  return awsPrincipalsOf({ Statement: own }).flatMap((arn) => {
    const [, account, kind, name] = /^arn:[^:]+:iam::(\d{12}):(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    if (account !== source || name === undefined) return [];
    return [{ arn, kind: kind as SourcePrincipal['kind'], name }];
  });
}

/** Keys that a policy of the grant's names. */
export function formerKeys(text: string | null): string[] {
  return resourcesOf(text, 'kms:').filter((resource) => /^arn:[^:]+:kms:[^:]+:\d{12}:key\//.test(resource));
}

/** Names of the roles that the grant's policies let its principals assume. */
export function formerRoles(text: string | null, destination: string): string[] {
  return resourcesOf(text, 'sts:').flatMap((resource) => {
    const match = /^arn:[^:]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(resource);
    return match?.[1] === destination ? [match[2]!] : [];
  });
}

function resourcesOf(text: string | null, prefix: string): string[] {
  if (text === null) return [];
  return statementsOf(JSON.parse(text) as PolicyDocument)
    .filter(({ Action = [] }) => [Action].flat().every((action) => action.startsWith(prefix)))
    .flatMap(({ Resource = [] }) => Resource);
}

/** The external id that the grant's statement in a trust policy asks for. */
export function externalIdIn(document: PolicyDocument | null, owner: string): string | undefined {
  if (document === null) return undefined;
  const own = statementsOf(document).find(({ Sid }) => isOwned(Sid, owner));
  const value = own?.Condition?.['StringEquals']?.['sts:ExternalId'];
  return typeof value === 'string' ? value : undefined;
}
