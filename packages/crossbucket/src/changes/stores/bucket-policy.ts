import type { DocumentRef } from '../document-ref.ts';
import { orNull, type Store } from './store.ts';

type BucketPolicy = Extract<DocumentRef, { kind: 'bucket-policy' }>;

/** PutBucketPolicy replaces the whole document, whatever it is by then: whoever calls it reads before and after. */
export const BUCKET_POLICY: Store<BucketPolicy> = {
  reads: () => 's3:GetBucketPolicy',
  writes: (_, text) => (text === null ? 's3:DeleteBucketPolicy' : 's3:PutBucketPolicy'),
  async read({ clients }, { account, bucket, region }) {
    const { GetBucketPolicyCommand } = await import('@aws-sdk/client-s3');
    const client = await clients.s3(region);
    const call = client.send(new GetBucketPolicyCommand({ Bucket: bucket, ExpectedBucketOwner: account }));
    return (await orNull(call, 'NoSuchBucketPolicy'))?.Policy ?? null;
  },
  async write({ clients }, { account, bucket, region }, text) {
    const { DeleteBucketPolicyCommand, PutBucketPolicyCommand } = await import('@aws-sdk/client-s3');
    const client = await clients.s3(region);
    const at = { Bucket: bucket, ExpectedBucketOwner: account };
    if (text === null) await client.send(new DeleteBucketPolicyCommand(at));
    else await client.send(new PutBucketPolicyCommand({ ...at, Policy: text }));
  },
};
