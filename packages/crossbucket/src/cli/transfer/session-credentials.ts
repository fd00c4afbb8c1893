import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { AccessOptions } from './access-options.ts';
import { findAccess, type Access } from './open-location.ts';

/** Credentials that stay fresh, and where they are good. */
export interface SessionSource {
  /** Rejects with an error that names account and role. */
  credentials(): Promise<AwsCredentialIdentity>;
  roleArn: string | undefined;
  region: string | undefined;
  /** By the name of the environment variable. */
  endpoints: Record<string, string>;
}

/** The session that the options or a grant give; without a role, the profile's own credentials. */
export async function openSession(options: AccessOptions): Promise<SessionSource> {
  const access = await findAccess(options);
  const { role, profile } = access;
  return {
    credentials: role ? await assumedRole(access) : await sourceCredentials(profile),
    roleArn: role?.roleArn,
    region: access.region ?? (await profileRegion(profile)),
    endpoints: await endpointsOf(access),
  };
}

async function assumedRole({ role, profile }: Access): Promise<SessionSource['credentials']> {
  const { fromCrossAccountRole } = await import('@crossbucket/access/credentials');
  return fromCrossAccountRole({ ...role!, ...(profile !== undefined && { profile }) });
}

async function sourceCredentials(profile: string | undefined): Promise<SessionSource['credentials']> {
  const { defaultChain, requireProfile } = await import('@crossbucket/access/configuration');
  if (profile !== undefined) await requireProfile(profile);
  return defaultChain(profile);
}

/** What a program that knows nothing of the profile needs to be told of it. */
async function endpointsOf({ profile, endpoint }: Access): Promise<Record<string, string>> {
  if (endpoint !== undefined) return { AWS_ENDPOINT_URL: endpoint };
  const { profileEndpoint } = await import('@crossbucket/access/configuration');
  const [s3, sts] = await Promise.all(
    ['s3', 'sts'].map((service) => profileEndpoint(service, profile ?? process.env['AWS_PROFILE'])),
  );
  if (s3 === sts) return s3 === undefined ? {} : { AWS_ENDPOINT_URL: s3 };
  return {
    ...(s3 !== undefined && { AWS_ENDPOINT_URL_S3: s3 }),
    ...(sts !== undefined && { AWS_ENDPOINT_URL_STS: sts }),
  };
}

async function profileRegion(profile: string | undefined): Promise<string | undefined> {
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile } = await loadSharedConfigFiles();
  const name = profile ?? process.env['AWS_PROFILE'] ?? 'default';
  return process.env['AWS_REGION'] ?? configFile[name]?.['region'];
}
