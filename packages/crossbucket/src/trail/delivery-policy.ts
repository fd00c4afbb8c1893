import { authorize, type PolicyDocument, type Statement } from '@crossbucket/policy';
import { ownedSid, shortHash } from '../changes/index.ts';

/** A trail and the bucket that it writes to. */
export interface Delivery {
  partition: string;
  account: string;
  trailArn: string;
  bucket: string;
  prefix: string | null;
}

const SERVICE = 'cloudtrail.amazonaws.com';

const resourcesOf = ({ partition, bucket, prefix, account }: Delivery) => ({
  bucket: `arn:${partition}:s3:::${bucket}`,
  files: `arn:${partition}:s3:::${bucket}/${prefix === null ? '' : `${prefix}/`}AWSLogs/${account}/`,
});

/** Whose statements of a bucket's policy these are. */
export const deliveryOwner = ({ trailArn }: Delivery): string => shortHash(trailArn);

/**
 * The least that CloudTrail needs: for this trail alone, into its own folder, and owned by the bucket's owner.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
 */
export function deliveryStatements(delivery: Delivery): Statement[] {
  const { trailArn } = delivery;
  const { bucket, files } = resourcesOf(delivery);
  const owner = deliveryOwner(delivery);
  const sid = (part: string) => ownedSid('audit', part, owner, shortHash(`${bucket} ${files}`));
  const Principal = { Service: SERVICE };
  return [
    {
      Sid: sid('AclCheck'),
      Effect: 'Allow',
      Principal,
      Action: 's3:GetBucketAcl',
      Resource: bucket,
      Condition: { StringEquals: { 'aws:SourceArn': trailArn } },
    },
    {
      Sid: sid('Write'),
      Effect: 'Allow',
      Principal,
      Action: 's3:PutObject',
      Resource: `${files}*`,
      Condition: {
        StringEquals: { 's3:x-amz-acl': 'bucket-owner-full-control', 'aws:SourceArn': trailArn },
      },
    },
  ];
}

/** Whether a bucket's policy lets CloudTrail write already, in whoever's words. */
export function allowsDelivery(document: PolicyDocument | null, delivery: Delivery): boolean {
  if (document === null) return false;
  const { bucket, files } = resourcesOf(delivery);
  const base = {
    'aws:SourceArn': delivery.trailArn,
    'aws:SourceAccount': delivery.account,
    'aws:SecureTransport': true,
  };
  const may = (action: string, resource: string, context: Record<string, string | boolean>) =>
    authorize(
      { principal: SERVICE, action, resource, resourceAccount: delivery.account, context },
      { resource: { name: 'bucket policy', document } },
    ).outcome === 'allow';
  return (
    may('s3:GetBucketAcl', bucket, base) &&
    may('s3:PutObject', `${files}CloudTrail/eu-west-1/2026/01/01/file.json.gz`, {
      ...base,
      's3:x-amz-acl': 'bucket-owner-full-control',
    })
  );
}
