import type { PrincipalSnapshot } from '@crossbucket/policy';
import { inlinePolicyName, type AccountReader } from '../accounts/index.ts';
import type { RoleState } from '../changes/role-state.ts';
import { policyName, type GrantFacts } from './facts.ts';
import { requireRead } from './required.ts';
import { ROLE_TAGS } from './role-tags.ts';
import type { RoleReading } from './state.ts';

/** The name that AWS's console gives it. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html */
export const REVOKING_POLICY = 'AWSRevokeOlderSessions';

/** A role of the destination by its name, whatever its path; undefined where there is none. */
export async function readRole(
  facts: GrantFacts,
  reader: AccountReader,
  name: string,
): Promise<RoleReading | undefined> {
  const arn = `arn:${facts.partition}:iam::${facts.destination}:role/${name}`;
  const snapshot = await reader.principal(arn);
  requireRead(reader, [`principal ${arn}`, `trust-policy ${arn}`]);
  if (snapshot === undefined) return undefined;
  const own = policyName(facts);
  const textOf = (policy: string) => reader.text(inlinePolicyName({ kind: 'role', name }, policy)) ?? null;
  return {
    name,
    state: stateOf(snapshot, name),
    isOurs: snapshot.tags?.[ROLE_TAGS.owner] === facts.owner,
    policy: textOf(own),
    revoking: textOf(REVOKING_POLICY),
    otherPolicies: snapshot.policies
      .map((policy) => policy.name)
      .filter((policy) => policy !== own && policy !== REVOKING_POLICY),
  };
}

function stateOf(
  { arn, tags = {}, maxSessionDuration, boundary, trust }: PrincipalSnapshot,
  name: string,
): RoleState {
  const resource = arn.split(':').slice(5).join(':');
  return {
    path: resource.slice('role'.length, resource.length - name.length),
    maxSession: maxSessionDuration ?? 3600,
    boundary: boundary?.arn ?? null,
    tags,
    trust: trust!.document,
  };
}
