import type { Caller } from '../gate/caller.ts';
import type { SessionClaims } from '../gate/session-token.ts';
import { isoSeconds } from './iso-seconds.ts';

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
export function identityOf(caller: Caller): Record<string, unknown> {
  const { session } = caller;
  if (caller.kind === 'anonymous')
    return { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' };
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
    attributes: { creationDate: isoSeconds(session.issued), mfaAuthenticated: String(mfa) },
    ...(session.sourceIdentity !== undefined && { sourceIdentity: session.sourceIdentity }),
  };
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
