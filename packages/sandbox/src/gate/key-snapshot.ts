import {
  statementsOf,
  type KeyGrant,
  type KeySnapshot,
  type PolicyDocument,
  type Statement,
} from '@crossbucket/policy';
import type { GrantRecord, KeyRecord } from '../store/records.ts';

/**
 * A key as the engine takes it.
 * @param retired The grant that the call is to retire.
 */
export function keySnapshot(
  { id, arn, managedBy, state, aliases, tags }: KeyRecord,
  grants: readonly GrantRecord[],
  policy: PolicyDocument,
  retired?: GrantRecord,
): KeySnapshot {
  const document =
    retired === undefined
      ? policy
      : { ...policy, Statement: [...statementsOf(policy), ...whoMayRetire(retired)] };
  return {
    arn,
    policy: { name: `key policy of ${id}`, document },
    managedBy,
    state,
    aliases,
    tags: Object.fromEntries(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    multiRegion: false,
    ...(grants.length > 0 && { grants: grants.map(grantSnapshot) }),
  };
}

const grantSnapshot = ({ id, grantee, operations, contextEquals, contextSubset }: GrantRecord): KeyGrant => ({
  id,
  grantee,
  operations,
  ...(contextEquals && { contextEquals }),
  ...(contextSubset && { contextSubset }),
});

/** The retiring principal, the grantee if the grant says so, and the account that made it. */
function whoMayRetire({ retiring, grantee, operations, issuer }: GrantRecord): Statement[] {
  const principals = [
    ...(retiring === undefined ? [] : [retiring]),
    ...(operations.includes('RetireGrant') ? [grantee] : []),
    `arn:aws:iam::${issuer}:root`,
  ];
  return [
    {
      Sid: 'retire',
      Effect: 'Allow',
      Principal: { AWS: principals },
      Action: 'kms:RetireGrant',
      Resource: '*',
    },
  ];
}
