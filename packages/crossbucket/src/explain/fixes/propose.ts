import type { CauseCode } from '@crossbucket/policy';
import { callProposal, type Case, type Proposal } from './proposal.ts';
import { mendExplicitDeny } from './explicit-deny.ts';
import { mendMissingAllow } from './missing-allow.ts';
import {
  mendAcl,
  mendBucketName,
  mendKeyName,
  mendListing,
  mendLock,
  mendOwner,
  mendOwnership,
  mendPayer,
  mendRegion,
} from './of-buckets.ts';
import { mendKeyState, mendManagedKey } from './of-keys.ts';
import {
  mendCredentials,
  mendExternalId,
  mendMfa,
  mendRole,
  mendSessionDuration,
  mendStsRegion,
} from './of-sessions.ts';
import { mendPublicAccess } from './public-access.ts';
import { mendStale } from './stale.ts';

/** What might mend each cause, the narrowest first. */
export const PROPOSALS: Readonly<Record<CauseCode, (about: Case) => Proposal[]>> = {
  'identity-policy-missing-allow': mendMissingAllow,
  'identity-policy-explicit-deny': mendExplicitDeny,
  'resource-policy-missing-allow': mendMissingAllow,
  'resource-policy-explicit-deny': mendExplicitDeny,
  'boundary-missing-allow': mendMissingAllow,
  'boundary-explicit-deny': mendExplicitDeny,
  'session-policy-missing-allow': mendMissingAllow,
  'session-policy-explicit-deny': mendExplicitDeny,
  'scp-missing-allow': mendMissingAllow,
  'scp-explicit-deny': mendExplicitDeny,
  'rcp-explicit-deny': mendExplicitDeny,
  'vpc-endpoint-policy-missing-allow': mendMissingAllow,
  'vpc-endpoint-policy-explicit-deny': mendExplicitDeny,
  'trust-policy-missing-allow': mendTrust,
  'trust-policy-explicit-deny': mendExplicitDeny,
  'external-id-mismatch': mendExternalId,
  'mfa-required': mendMfa,
  'role-not-found': mendRole,
  'stale-principal': mendStale,
  'access-point-policy-missing-allow': mendMissingAllow,
  'access-point-policy-explicit-deny': mendAccessPoint,
  'expected-owner-mismatch': mendOwner,
  'session-duration': mendSessionDuration,
  'credentials-expired': mendCredentials,
  'credentials-invalid': mendCredentials,
  'clock-skew': mendCredentials,
  'public-access-block': mendPublicAccess,
  'object-ownership': mendOwnership,
  'acl-not-supported': mendAcl,
  'requester-pays': mendPayer,
  'object-lock': mendLock,
  'kms-key-policy': mendKeyPolicy,
  'kms-identity-policy': mendMissingAllow,
  'kms-managed-key': mendManagedKey,
  'kms-key-unavailable': mendKeyState,
  'no-such-bucket': mendBucketName,
  'no-such-key': mendKeyName,
  'missing-list-permission': mendListing,
  'wrong-region': mendRegion,
  'sts-region-disabled': mendStsRegion,
};

function mendTrust(about: Case): Proposal[] {
  // Whatever a trust policy says, the root of an account assumes no role.
  if (!about.call.principal.endsWith(':root')) return mendMissingAllow(about);
  return [
    {
      summary: 'make the call as a user or role of the account: its root cannot assume a role',
      account: about.call.principal.split(':')[4] ?? '',
      document: { kind: 'call', name: 'sts:AssumeRole' },
      also: '',
    },
  ];
}

function mendKeyPolicy(about: Case): Proposal[] {
  if (about.cause.statement?.effect === 'Deny') return mendExplicitDeny(about);
  const isStale = about.cause.miss?.failed.every(
    ({ element, wanted }) => element === 'Principal' && wanted.some((name) => /^A(ROA|IDA)/.test(name)),
  );
  return isStale === true ? mendStale(about) : mendMissingAllow(about);
}

function mendAccessPoint(about: Case): Proposal[] {
  if (about.cause.statement !== undefined) return mendExplicitDeny(about);
  const vpc = /`(vpc-\w+)` only/.exec(about.cause.detail)?.[1];
  if (vpc === undefined) return [];
  return [
    callProposal(about, `send the call from \`${vpc}\`, through a VPC endpoint`, {
      context: { 'aws:SourceVpc': vpc },
    }),
  ];
}
