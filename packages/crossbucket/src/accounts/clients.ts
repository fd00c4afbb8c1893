import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import type { IAMClient } from '@aws-sdk/client-iam';
import type { KMSClient } from '@aws-sdk/client-kms';
import type { OrganizationsClient } from '@aws-sdk/client-organizations';
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3ControlClient, S3ControlClientConfig } from '@aws-sdk/client-s3-control';
import type { STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider, EndpointV2 } from '@aws-sdk/types';
import { configuredEndpoint, namesByPath, profileEndpoint } from '@crossbucket/access/configuration';

/** What every client of an account has in common. */
export interface ClientSettings {
  credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  profile?: string | undefined;
  /** URL of every service; else the SDK's own configuration says. */
  endpoint?: string | undefined;
}

// Without limits, an endpoint that swallows packets would hold a command for minutes.
const LIMITS = { connectionTimeout: 3000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/** Makes an account's clients when they are first asked for: loading one costs a process up to a fifth of a second. */
export class Clients {
  readonly #settings: ClientSettings;
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  iam(region: string): Promise<IAMClient> {
    return this.#once(`iam ${region}`, async () => {
      const { IAMClient } = await import('@aws-sdk/client-iam');
      return new IAMClient(await this.#config('iam', region));
    });
  }

  sts(region: string): Promise<STSClient> {
    return this.#once(`sts ${region}`, async () => {
      const { STSClient } = await import('@aws-sdk/client-sts');
      return new STSClient(await this.#config('sts', region));
    });
  }

  s3(region: string): Promise<S3Client> {
    return this.#once(`s3 ${region}`, async () => {
      const { S3Client } = await import('@aws-sdk/client-s3');
      const config = await this.#config('s3', region);
      const { endpoint = await configuredEndpoint('s3') } = config;
      return new S3Client({
        ...config,
        ...(namesByPath(endpoint, '') && { forcePathStyle: true }),
      });
    });
  }

  cloudtrail(region: string): Promise<CloudTrailClient> {
    return this.#once(`cloudtrail ${region}`, async () => {
      const { CloudTrailClient } = await import('@aws-sdk/client-cloudtrail');
      return new CloudTrailClient(await this.#config('cloudtrail', region));
    });
  }

  kms(region: string): Promise<KMSClient> {
    return this.#once(`kms ${region}`, async () => {
      const { KMSClient } = await import('@aws-sdk/client-kms');
      return new KMSClient(await this.#config('kms', region));
    });
  }

  organizations(region: string): Promise<OrganizationsClient> {
    return this.#once(`organizations ${region}`, async () => {
      const { OrganizationsClient } = await import('@aws-sdk/client-organizations');
      return new OrganizationsClient(await this.#config('organizations', region));
    });
  }

  s3control(region: string): Promise<S3ControlClient> {
    return this.#once(`s3control ${region}`, async () => {
      const { S3ControlClient } = await import('@aws-sdk/client-s3-control');
      const config = await this.#config('s3_control', region);
      const { endpoint = await configuredEndpoint('s3_control') } = config;
      return new S3ControlClient({ ...config, ...(endpoint !== undefined && atPlainHost(endpoint, region)) });
    });
  }

  /** Of a client that others make. */
  config(service: string, region: string) {
    return this.#config(service, region);
  }

  async #config(service: string, region: string) {
    const { credentials, profile, endpoint = await profileEndpoint(service, profile) } = this.#settings;
    return {
      credentials,
      region,
      requestHandler: LIMITS,
      // Throttled calls are sent again more slowly, and by all that come after.
      retryMode: 'adaptive',
      ...(process.env['AWS_MAX_ATTEMPTS'] === undefined && { maxAttempts: 5 }),
      ...(profile !== undefined && { profile }),
      ...(endpoint !== undefined && { endpoint }),
    };
  }

  #once<T>(name: string, make: () => Promise<T>): Promise<T> {
    const made = this.#made.get(name) as Promise<T> | undefined;
    if (made) return made;
    const client = make();
    this.#made.set(name, client);
    return client;
  }
}

/** S3 Control puts the account's id before the host, which an address of one's own seldom has a name for. */
function atPlainHost(
  endpoint: string,
  signingRegion: string,
): Pick<S3ControlClientConfig, 'endpointProvider'> {
  const scheme = { name: 'sigv4', signingName: 's3', signingRegion, disableDoubleEncoding: true };
  const resolved = { url: new URL(endpoint), properties: { authSchemes: [scheme] } };
  // The SDK's type of a scheme is not what its own rules make.
  return { endpointProvider: () => resolved as unknown as EndpointV2 };
}
