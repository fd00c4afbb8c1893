import type { AccessPointSnapshot, BucketSnapshot, PolicyDocument } from '@crossbucket/policy';
import { accessPointArn } from '../store/arns.ts';
import type { AccessPointRecord, BucketRecord } from '../store/records.ts';

/** A bucket as the engine takes it. */
export function bucketSnapshot(record: BucketRecord, policy: PolicyDocument | undefined): BucketSnapshot {
  const { name, region, ownership = 'BucketOwnerEnforced', acl, encryption, requesterPays } = record;
  return {
    name,
    region,
    // Without ownership controls, whoever writes an object owns it.
    ownership: ownership === 'unset' ? 'ObjectWriter' : ownership,
    publicAccessBlock: { ...record.publicAccessBlock },
    ...(policy && { policy: { name: `bucket policy of ${name}`, document: policy } }),
    ...(acl && { acl }),
    ...(encryption && {
      encryption: {
        algorithm: encryption.algorithm,
        bucketKey: encryption.bucketKey,
        ...(encryption.key !== undefined && { key: encryption.key }),
      },
    }),
    ...(requesterPays && { requesterPays }),
  };
}

/** An access point as the engine takes it. */
export function accessPointSnapshot(
  record: AccessPointRecord,
  policy: PolicyDocument | undefined,
): AccessPointSnapshot {
  return {
    arn: accessPointArn(record),
    bucket: record.bucket,
    publicAccessBlock: record.publicAccessBlock,
    ...(record.vpc !== undefined && { vpc: record.vpc }),
    ...(policy && { policy: { name: `access point policy of ${record.name}`, document: policy } }),
  };
}
