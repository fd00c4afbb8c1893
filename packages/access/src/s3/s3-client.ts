import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import {
  configuredEndpoint,
  defaultChain,
  mainRegions,
  namesByPath,
  requireProfile,
} from '../sdk-configuration.ts';
import { AccessError } from '../errors.ts';

/** Loaded on first use: it costs a process more than a tenth of a second. */
export async function loadS3(): Promise<typeof import('@aws-sdk/client-s3')> {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    const help = 'npm install @aws-sdk/client-s3';
    throw new AccessError('missing-peer', 'the S3 client of the AWS SDK is not installed', help, { cause });
  }
}

/** A client for a bucket, whose region falls back to the partition's main one when the SDK's configuration names none. */
export async function makeS3Client(
  options: S3ClientConfig,
  partition: string,
  bucket: string,
): Promise<S3Client> {
  const { S3Client } = await loadS3();
  const { profile, credentials } = options;
  if (profile !== undefined) await requireProfile(profile);
  const endpoint = options.endpoint ?? (await configuredEndpoint('s3', profile));
  const byPath = typeof endpoint === 'string' && namesByPath(endpoint, bucket);
  const config: S3ClientConfig = {
    ...(byPath && { forcePathStyle: true }),
    ...options,
    ...(profile !== undefined && { credentials: credentials ?? (await defaultChain(profile)) }),
    ...(endpoint !== undefined && { endpoint }),
  };
  const client = new S3Client(config);
  try {
    await client.config.region();
    return client;
  } catch {
    return new S3Client({ ...config, region: mainRegions(partition)[0] });
  }
}
