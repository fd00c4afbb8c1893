import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { systemClock } from './clock.ts';
import type { LiveSession } from './live-session.ts';
import type { CrossAccountRoleOptions } from './role-options.ts';
import { planSession, SessionRegistry } from './session-registry.ts';

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
export function fromCrossAccountRole(options: CrossAccountRoleOptions): AwsCredentialIdentityProvider {
  return providerFrom(processSessions, options);
}

export function providerFrom(
  sessions: SessionRegistry,
  options: CrossAccountRoleOptions,
): AwsCredentialIdentityProvider {
  const plan = planSession(options);
  let session: Promise<LiveSession> | undefined;
  const provider: AwsCredentialIdentityProvider = async () => {
    session ??= sessions.open(plan);
    try {
      return await (await session).credentials();
    } catch (error) {
      session = undefined;
      throw error;
    }
  };
  // The SDK keeps credentials of providers without this mark to itself, and would not see a session dropped or renewed early.
  return Object.assign(provider, { memoized: true });
}
