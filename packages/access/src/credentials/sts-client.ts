import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { mainRegions, profileEndpoint } from '../sdk-configuration.ts';

/** Where STS is asked; what is not given comes from the SDK's own configuration. */
export interface StsSettings {
  profile?: string;
  region?: string;
  fallbackRegion?: string | false;
  endpoint?: string;
  clientConfig?: STSClientConfig;
}

/** The region to ask when `region` cannot be reached. */
export function secondRegion(
  region: string,
  partition: string,
  wish: string | false | undefined,
): string | undefined {
  const candidates = wish === undefined ? mainRegions(partition) : [wish];
  return candidates.find((candidate): candidate is string => candidate !== false && candidate !== region);
}

// Without limits, an endpoint that swallows packets would hold every request for minutes.
const LIMITS = { connectionTimeout: 3000, requestTimeout: 10_000, throwOnRequestTimeout: true };

/** A client for one call: its credentials belong to one caller. */
export async function stsClient(
  credentials: AwsCredentialIdentity,
  { clientConfig, profile, region, endpoint }: StsSettings,
  partition: string,
): Promise<STSClient> {
  const { STSClient } = await import('@aws-sdk/client-sts');
  const url = endpoint ?? (await profileEndpoint('sts', profile));
  const config: STSClientConfig = {
    requestHandler: LIMITS,
    ...(profile === undefined ? {} : { profile }),
    ...(region === undefined ? {} : { region }),
    ...(url === undefined ? {} : { endpoint: url }),
    ...clientConfig,
    credentials,
  };
  const client = new STSClient(config);
  try {
    await client.config.region();
    return client;
  } catch {
    return new STSClient({ ...config, region: mainRegions(partition)[0] });
  }
}
