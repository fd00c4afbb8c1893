import type { AccountReader } from '../accounts/index.ts';
import type { GrantFacts } from './facts.ts';

/** How many objects of each prefix are looked at. */
const SAMPLE = 3;

/**
 * Keys that some objects under the prefixes to read are encrypted with: they may be others than the bucket's now. It is a sample, and empty
 * where we may not list or look at objects.
 */
export async function sampleKeys(facts: GrantFacts, reader: AccountReader): Promise<string[]> {
  const { bucket, region, spec, destination } = facts;
  const prefixes = new Set((spec.access.read ?? []).map((pattern) => pattern.split(/[*?]/, 1)[0]!));
  const keys = await Promise.all(
    [...prefixes].map((prefix) => sample(reader, { bucket, region, prefix, owner: destination })),
  );
  return [...new Set(keys.flat())];
}

interface Place {
  bucket: string;
  region: string;
  prefix: string;
  owner: string;
}

async function sample(reader: AccountReader, { bucket, region, prefix, owner }: Place): Promise<string[]> {
  const { HeadObjectCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const { clients, limiter } = reader.connection;
  const client = await clients.s3(region);
  const at = { Bucket: bucket, ExpectedBucketOwner: owner };
  try {
    const { Contents = [] } = await limiter.run(() =>
      client.send(new ListObjectsV2Command({ ...at, Prefix: prefix, MaxKeys: SAMPLE })),
    );
    const heads = await Promise.all(
      Contents.map(({ Key }) =>
        limiter.run(() => client.send(new HeadObjectCommand({ ...at, Key }))).catch(() => undefined),
      ),
    );
    return heads.flatMap((head) =>
      head?.ServerSideEncryption?.startsWith('aws:kms') && head.SSEKMSKeyId !== undefined
        ? [head.SSEKMSKeyId]
        : [],
    );
  } catch {
    // Whoever plans need not be able to read the data.
    return [];
  }
}
