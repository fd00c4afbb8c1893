import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { AccessError } from './errors.ts';

interface Profile {
  services?: string;
  endpoint_url?: string;
  ignore_configured_endpoint_urls?: string;
}

const SEPARATOR = '.';
/** Ends the search. */
const NONE = '';

/**
 * The `endpoint_url` of a profile for a service (`sts`, `s3`), unless the environment names one or forbids it. The SDK
 * reads the profile of AWS_PROFILE only, and not the one that is given to a client.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export async function profileEndpoint(
  service: string,
  profile: string | undefined,
): Promise<string | undefined> {
  if (profile === undefined) return undefined;
  const { loadConfig } = await import('@smithy/core/config');
  return loadConfig<string>(
    {
      environmentVariableSelector: (env) => {
        if (isTrue(env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'])) return NONE;
        return env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env['AWS_ENDPOINT_URL'] || undefined;
      },
      configFileSelector: (section, config) => {
        const { services, endpoint_url, ignore_configured_endpoint_urls } = section as Profile;
        if (isTrue(ignore_configured_endpoint_urls)) return NONE;
        const own = services === undefined ? undefined : config?.[`services${SEPARATOR}${services}`];
        return own?.[`${service}${SEPARATOR}endpoint_url`] ?? endpoint_url;
      },
      default: NONE,
    },
    { profile },
  )().then((url) => url || undefined);
}

/** The same without a profile's being named: that of AWS_PROFILE, or the default one. */
export const configuredEndpoint = (
  service: string,
  profile = process.env['AWS_PROFILE'] ?? 'default',
): Promise<string | undefined> => profileEndpoint(service, profile);

const AWS_HOST = /\.(amazonaws\.com|amazonaws\.com\.cn|amazonaws\.eu|api\.aws)$/;

export const isAwsHost = (hostname: string): boolean => AWS_HOST.test(hostname);

/**
 * Whether a bucket at this endpoint is named by the path of a URL. A server that is not AWS's seldom has a host name for each
 * bucket, and every one knows paths. An ARN is named in neither way.
 */
export function namesByPath(endpoint: string | undefined, bucket: string): boolean {
  if (endpoint === undefined || bucket.startsWith('arn:') || !URL.canParse(endpoint)) return false;
  return !isAwsHost(new URL(endpoint).hostname);
}

const isTrue = (value: string | undefined) => value?.toLowerCase() === 'true';

// https://docs.aws.amazon.com/general/latest/gr/sts.html
const MAIN_REGIONS: Record<string, [main: string, other: string]> = {
  aws: ['us-east-1', 'us-west-2'],
  'aws-cn': ['cn-north-1', 'cn-northwest-1'],
  'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'],
};

/** Two regions of a partition that every account has: for when no region is configured, or the first is out of reach. */
export function mainRegions(partition: string): [main: string, other?: string] {
  return MAIN_REGIONS[partition] ?? ['us-east-1'];
}

/** Names of the profiles in the shared config and credentials files. */
export async function profileNames(): Promise<string[]> {
  const { loadSharedConfigFiles } = await import('@smithy/core/config');
  const { configFile, credentialsFile } = await loadSharedConfigFiles();
  const names = [...Object.keys(configFile), ...Object.keys(credentialsFile)];
  return [...new Set(names)].filter((name) => !name.includes(SEPARATOR));
}

/** Throws `unknown-profile`: the SDK would say that there are no credentials. */
export async function requireProfile(profile: string): Promise<void> {
  const names = await profileNames();
  if (names.includes(profile)) return;
  const known =
    names.length === 0 ? 'there are no profiles' : `the profiles are ${names.slice(0, 20).join(', ')}`;
  const help = `${known}; the SDK looks in ~/.aws, AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE`;
  throw new AccessError('unknown-profile', `there is no profile \`${profile}\``, help);
}

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** The SDK's default chain. Whoever names a profile need not be warned that the environment has credentials too. */
export async function defaultChain(profile: string | undefined): Promise<AwsCredentialIdentityProvider> {
  const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
  return defaultProvider(profile === undefined ? {} : { profile, logger: silent });
}
