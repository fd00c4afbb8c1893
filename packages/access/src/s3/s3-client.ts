import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { AccessError } from '../errors.ts';

/** Loaded on first use: it costs a process more than a tenth of a second. */
export async function loadS3() {
  try {
    return await import('@aws-sdk/client-s3');
  } catch (cause) {
    throw new AccessError(
      'missing-peer',
      'the S3 client of the AWS SDK is not installed',
      'npm install @aws-sdk/client-s3',
      { cause },
    );
  }
}

/** A client whose region falls back to S3's default when the SDK's configuration names none. */
export async function makeS3Client(config: S3ClientConfig): Promise<S3Client> {
  const { S3Client } = await loadS3();
  const client = new S3Client(config);
  try {
    await client.config.region();
    return client;
  } catch {
    return new S3Client({ ...config, region: 'us-east-1' });
  }
}
