import { createHash } from 'node:crypto';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types';
import type { LiveSession } from './live-session.ts';

/** Where the credentials for an AssumeRole come from. */
export interface Source {
  /** `rejected` is the access key id of credentials that STS has just turned down: fetch others. */
  credentials(rejected?: string): Promise<AwsCredentialIdentity>;
}

export const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url');

/** What every setting of the SDK's default chain depends on. */
export function environmentDigest(): string {
  const relevant = Object.entries(process.env).filter(([name]) => /^(AWS_|HOME$|USERPROFILE$)/.test(name));
  return digest(relevant.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** Tells one identity from another without giving anything away. */
export const identityDigest = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: AwsCredentialIdentity): string => digest([accessKeyId, secretAccessKey, sessionToken]);

const defaultChains = new Map<string, AwsCredentialIdentityProvider>();

/** The SDK's default chain, one for each environment and profile, so that a credential process or a metadata service is asked once. */
async function defaultChain(profile: string | undefined): Promise<AwsCredentialIdentityProvider> {
  const key = digest([environmentDigest(), profile]);
  const known = defaultChains.get(key);
  if (known) return known;
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  const made = defaultChains.get(key) ?? defaultProvider({ profile });
  defaultChains.set(key, made);
  return made;
}

export function configuredSource(
  credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider | undefined,
  profile: string | undefined,
): Source {
  if (typeof credentials === 'object') return { credentials: async () => credentials };
  return {
    async credentials(rejected) {
      const provider = credentials ?? (await defaultChain(profile));
      return provider(rejected === undefined ? undefined : { forceRefresh: true });
    },
  };
}

/** A role session that assumes the next role of a chain. */
export function sessionSource(session: LiveSession): Source {
  return {
    credentials(rejected) {
      if (rejected !== undefined) session.drop(rejected);
      return session.credentials();
    },
  };
}
