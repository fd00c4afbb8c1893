import type { ServiceCall, ServiceCaller } from '../../pipeline/service-calls.ts';
import type { TrailRecord } from '../../store/records.ts';
import type { Store } from '../../store/store.ts';

/**
 * CloudTrail, as a bucket's policy sees it.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
export function serviceCaller({ arn, account }: Pick<TrailRecord, 'arn' | 'account'>): ServiceCaller {
  return {
    principal: 'cloudtrail.amazonaws.com',
    context: { 'aws:SourceArn': arn, 'aws:SourceAccount': account },
  };
}

interface File {
  key: string;
  body: Buffer;
  metadata?: Record<string, string>;
}

/** The call that writes a file of a trail. */
export function writeInput(
  { bucket }: Pick<TrailRecord, 'bucket' | 'region'>,
  store: Store,
  { key, body, metadata }: File,
): ServiceCall {
  return {
    operation: 'PutObject',
    region: store.buckets.get(bucket)?.region ?? 'us-east-1',
    input: {
      Bucket: bucket,
      Key: key,
      ACL: 'bucket-owner-full-control',
      ServerSideEncryption: 'AES256',
      ContentType: 'application/json',
      ContentEncoding: 'gzip',
      ...(metadata && { Metadata: metadata }),
    },
    body,
  };
}
