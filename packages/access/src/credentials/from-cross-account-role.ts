import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { systemClock } from './clock.ts';
import type { LiveSession } from './live-session.ts';
import type { CrossAccountRoleOptions } from './role-options.ts';
import type { SessionDescription } from './session-description.ts';
import { planSession } from './session-plan.ts';
import { parseRoleArn } from './role-arn.ts';
import { SessionRegistry } from './session-registry.ts';

/** Goes wherever an `AwsCredentialIdentityProvider` goes. */
export interface CrossAccountRoleProvider {
  /** With `forceRefresh`, a new session; otherwise the current one. Rejects with an `AccessError`. */
  (properties?: Record<string, unknown>): Promise<AwsCredentialIdentity>;
  /** The session as it stands, without its secrets. */
  describe(): SessionDescription;
}

const processSessions = new SessionRegistry(systemClock);

/**
 * Credentials of a role in another account, for the `credentials` of any client of the AWS SDK v3.
 *
 * All providers of a process that ask for the same session share it, and one call to STS. It is renewed in the
 * background while requests go on; while STS fails, requests succeed until the session really expires.
 *
 * Endpoint, region and source credentials come from the SDK's own configuration unless given.
 *
 * @throws AccessError at once for options that cannot work (`invalid-option`, `session-duration`,
 * `session-policy-too-large`). The provider rejects with an `AccessError` that names role and account, with the error
 * of STS as its `cause`.
 */
export function fromCrossAccountRole(options: CrossAccountRoleOptions): CrossAccountRoleProvider {
  return providerFrom(processSessions, options);
}

/** The same over sessions of one's own. */
export function providerFrom(
  sessions: SessionRegistry,
  options: CrossAccountRoleOptions,
): CrossAccountRoleProvider {
  const plan = planSession(options);
  const { RoleArn = '', RoleSessionName = '' } = plan.links.at(-1)!.input;
  const unopened = { roleArn: RoleArn, account: parseRoleArn(RoleArn).account, sessionName: RoleSessionName };
  let session: LiveSession | undefined;
  let opening: Promise<LiveSession> | undefined;

  const provider = async (properties?: Record<string, unknown>): Promise<AwsCredentialIdentity> => {
    if (!session || session.forgotten) {
      opening ??= sessions.open(plan).finally(() => {
        opening = undefined;
      });
      session = await opening;
    }
    return properties?.['forceRefresh'] === true ? session.renew() : session.credentials();
  };
  return Object.assign(provider, {
    // Without this mark the SDK keeps credentials to itself, and would not see a session renewed early or dropped.
    memoized: true,
    describe: () =>
      session?.describe() ?? { ...unopened, state: 'none' as const, renewing: opening !== undefined },
  });
}
