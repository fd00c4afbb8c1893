import type { PolicyDocument } from '@crossbucket/policy';
import { canonicalText, type PrincipalIds } from './canonical.ts';

/** A role as data: all of it that a change may set. */
export interface RoleState {
  path: string;
  /** In seconds. */
  maxSession: number;
  /** ARN of the permissions boundary. */
  boundary: string | null;
  tags: Record<string, string>;
  trust: PolicyDocument;
}

export const roleText = (role: RoleState): string => JSON.stringify(role);

export const readRole = (text: string): RoleState => JSON.parse(text) as RoleState;

export const ROLE_FACETS = ['path', 'maxSession', 'boundary', 'tags', 'trust'] as const;

export type RoleFacet = (typeof ROLE_FACETS)[number];

/** One part of a role as a text to compare. */
export function canonicalFacet(role: RoleState, facet: RoleFacet, ids?: PrincipalIds): string {
  if (facet === 'trust') return canonicalText(role.trust, ids);
  if (facet === 'tags') return JSON.stringify(Object.entries(role.tags).toSorted());
  return JSON.stringify(role[facet]);
}

/** The parts in which two roles differ. */
export function differingFacets(one: RoleState, other: RoleState, ids?: PrincipalIds): RoleFacet[] {
  return ROLE_FACETS.filter((facet) => canonicalFacet(one, facet, ids) !== canonicalFacet(other, facet, ids));
}
