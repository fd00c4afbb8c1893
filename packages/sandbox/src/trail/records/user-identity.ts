import type { Caller } from '../../gate/caller.ts';
import type { RoleSession, SessionClaims } from '../../gate/session-token.ts';
import type { TrailEntry } from '../trail.ts';
import { isoSeconds } from './times.ts';

/** What stands for the service that makes a call in its caller's name. */
export const INTERNAL = 'AWS Internal';

/**
 * Who made a call, as an account's copy of its record says: another account's principals are known there by their ids alone.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
 */
export function identityFor(
  { caller, internal }: Pick<TrailEntry, 'caller' | 'internal'>,
  recipient: string,
): Record<string, unknown> {
  const identity =
    caller.account === '' || caller.account === recipient
      ? identityOf(caller)
      : { type: 'AWSAccount', principalId: caller.userId, accountId: caller.account };
  return internal === undefined ? identity : { ...identity, invokedBy: INTERNAL };
}

function identityOf(caller: Caller): Record<string, unknown> {
  const { session } = caller;
  if (caller.kind === 'anonymous')
    return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
  if (caller.kind === 'service') return { type: 'AWSService', invokedBy: caller.arn };
  if (caller.kind === 'web-identity')
    return {
      type: 'WebIdentityUser',
      principalId: caller.userId,
      userName: caller.userName,
      identityProvider: caller.webIdentity?.provider,
    };
  return {
    type: TYPES[caller.kind],
    principalId: caller.userId,
    arn: caller.arn,
    accountId: caller.account,
    accessKeyId: caller.accessKeyId,
    ...(caller.kind === 'user' && { userName: caller.userName }),
    ...(session && { sessionContext: contextOf(session, caller) }),
  };
}

const TYPES = {
  root: 'Root',
  user: 'IAMUser',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const;

function contextOf(session: SessionClaims, caller: Caller): Record<string, unknown> {
  const mfa = session.kind === 'user' && session.authenticated !== undefined;
  const issuer = issuerOf(session, caller);
  return {
    ...(issuer && { sessionIssuer: issuer }),
    ...(session.kind === 'role' &&
      session.federation && { webIdFederationData: federationOf(session.federation) }),
    attributes: { creationDate: isoSeconds(session.issued), mfaAuthenticated: String(mfa) },
    ...(session.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
  };
}

function federationOf({ 'aws:FederatedProvider': provider }: NonNullable<RoleSession['federation']>) {
  return { federatedProvider: provider, attributes: {} };
}

function issuerOf(session: SessionClaims, { federatedBy }: Caller): Record<string, unknown> | undefined {
  const { account } = session;
  if (session.kind === 'role')
    return {
      type: 'Role',
      principalId: session.roleId,
      arn: session.roleArn,
      accountId: account,
      userName: lastPart(session.roleArn),
    };
  if (session.kind !== 'federated-user' || federatedBy === undefined) return undefined;
  const { userId } = session;
  return userId === undefined
    ? { type: 'Root', principalId: account, arn: federatedBy, accountId: account }
    : {
        type: 'IAMUser',
        principalId: userId,
        arn: federatedBy,
        accountId: account,
        userName: lastPart(federatedBy),
      };
}

function lastPart(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}
