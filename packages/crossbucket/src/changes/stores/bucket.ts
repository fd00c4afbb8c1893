import type { S3Client } from '@aws-sdk/client-s3';
import type { PublicAccessBlock } from '@crossbucket/policy';
import { hasName } from '../../accounts/aws-error.ts';
import type { DocumentRef } from '../document-ref.ts';
import { settingsText, type BucketState } from '../trail-state.ts';
import { orNull, type Store } from './store.ts';

type Bucket = Extract<DocumentRef, { kind: 'bucket' }>;

const OPEN: PublicAccessBlock = {
  BlockPublicAcls: false,
  IgnorePublicAcls: false,
  BlockPublicPolicy: false,
  RestrictPublicBuckets: false,
};

/** Where there is no bucket of this name of the account, there is none. */
export const BUCKET: Store<Bucket> = {
  reads: () => 's3:GetBucketPublicAccessBlock',
  writes: (_, text, current) =>
    text === null
      ? 's3:DeleteBucket'
      : current === null
        ? 's3:CreateBucket'
        : 's3:PutBucketPublicAccessBlock',
  async read({ clients }, { account, bucket, region }) {
    const { GetPublicAccessBlockCommand } = await import('@aws-sdk/client-s3');
    const client = await clients.s3(region);
    try {
      const { PublicAccessBlockConfiguration: found } = await client.send(
        new GetPublicAccessBlockCommand({ Bucket: bucket, ExpectedBucketOwner: account }),
      );
      return settingsText({ publicAccessBlock: { ...OPEN, ...found } });
    } catch (error) {
      if (hasName(error, 'NoSuchBucket')) return null;
      if (hasName(error, 'NoSuchPublicAccessBlockConfiguration'))
        return settingsText({ publicAccessBlock: OPEN });
      throw error;
    }
  },
  async write({ clients }, { account, bucket, region }, text, current) {
    const { DeleteBucketCommand, PutPublicAccessBlockCommand } = await import('@aws-sdk/client-s3');
    const client = await clients.s3(region);
    const at = { Bucket: bucket, ExpectedBucketOwner: account };
    if (text === null) {
      await client.send(new DeleteBucketCommand(at));
      return;
    }
    if (current === null) await create(client, bucket, region);
    const { publicAccessBlock } = JSON.parse(text) as BucketState;
    await client.send(
      new PutPublicAccessBlockCommand({ ...at, PublicAccessBlockConfiguration: publicAccessBlock }),
    );
  },
};

/** The first region of S3 is the one that must not be named. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
async function create(client: S3Client, bucket: string, region: string): Promise<void> {
  const { CreateBucketCommand } = await import('@aws-sdk/client-s3');
  const command = new CreateBucketCommand({
    Bucket: bucket,
    ...(region !== 'us-east-1' && {
      CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' },
    }),
  });
  // A call whose answer was lost is sent again.
  await orNull(client.send(command), 'BucketAlreadyOwnedByYou');
}
