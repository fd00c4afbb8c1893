import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { defaultChain, requireProfile } from '../sdk-configuration.ts';
import { digest, environmentDigest } from './digest.ts';
import { sessionOf, type LiveSession } from './live-session.ts';
import type { CrossAccountRoleOptions } from './role-options.ts';

/** Where the credentials for an AssumeRole come from. */
export interface Source {
  /** Tells this identity from any other, and gives nothing away. */
  identify(): Promise<string>;
  /** `rejected` is the access key id of credentials that STS has just turned down: find others. */
  credentials(rejected?: string): Promise<AwsCredentialIdentity>;
  /** STS has taken them. */
  accepted?(accessKeyId: string): void;
}

export function configuredSource({ credentials, profile, webIdentity }: CrossAccountRoleOptions): Source {
  if (webIdentity) return tokenSource;
  if (typeof credentials === 'object') return fixedSource(credentials);
  if (credentials) return providerSource(credentials);
  return defaultSource(profile);
}

// The token file is named in the link that uses it.
const tokenSource: Source = {
  identify: async () => 'web identity',
  credentials: async () => ({ accessKeyId: '', secretAccessKey: '' }),
};

const identityDigest = ({ accessKeyId, secretAccessKey, sessionToken }: AwsCredentialIdentity): string =>
  digest([accessKeyId, secretAccessKey, sessionToken]);

function fixedSource(credentials: AwsCredentialIdentity): Source {
  return { identify: async () => identityDigest(credentials), credentials: async () => credentials };
}

function providerSource(provider: AwsCredentialIdentityProvider): Source {
  return {
    async identify() {
      const credentials = await provider();
      return sessionOf(credentials)?.key ?? identityDigest(credentials);
    },
    credentials: (rejected) => provider(rejected === undefined ? undefined : { forceRefresh: true }),
  };
}

const defaultChains = new Map<string, AwsCredentialIdentityProvider>();

/**
 * The SDK's default chain: one for each environment and profile, so that a credential process or a metadata service is
 * asked once. It is identified by what it is configured with, because what it yields changes with every login.
 */
function defaultSource(profile: string | undefined): Source {
  const identify = async () => {
    const { loadSharedConfigFiles } = await import('@smithy/core/config');
    return digest([environmentDigest(), profile, await loadSharedConfigFiles()]);
  };
  return {
    identify,
    async credentials(rejected) {
      if (profile !== undefined) await requireProfile(profile);
      const key = await identify();
      const provider = defaultChains.get(key) ?? (await defaultChain(profile));
      defaultChains.set(key, provider);
      return provider(rejected === undefined ? undefined : { forceRefresh: true });
    },
  };
}

/** A role session that assumes the next role of a chain. */
export function sessionSource(session: LiveSession): Source {
  return {
    identify: async () => session.key,
    credentials(rejected) {
      if (rejected !== undefined) session.rejected(rejected);
      return session.credentials();
    },
    accepted: (accessKeyId) => session.accepted(accessKeyId),
  };
}
