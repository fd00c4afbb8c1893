import type { STSClient, STSClientConfig } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { profileEndpoint } from '../configured-endpoint.ts';

/** Where STS is asked; what is not given comes from the SDK's own configuration. */
export interface StsSettings {
  profile?: string;
  region?: string;
  fallbackRegion?: string | false;
  endpoint?: string;
  clientConfig?: STSClientConfig;
}

// Regional endpoints, the partition's main region first. https://docs.aws.amazon.com/general/latest/gr/sts.html
const MAIN_REGIONS: Record<string, [main: string, other: string]> = {
  aws: ['us-east-1', 'us-west-2'],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'],
};

/** The region to ask when `region` cannot be reached. */
export function secondRegion(
  region: string,
  partition: string,
  wish: string | false | undefined,
): string | undefined {
  const candidates = wish === undefined ? (MAIN_REGIONS[partition] ?? []) : [wish];
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
    return new STSClient({ ...config, region: MAIN_REGIONS[partition]?.[0] ?? 'us-east-1' });
  }
}
