import { has, listAt, members, recordAt, requestTags, tagKeys, tagPairs, textAt } from './input.ts';
import type { CallTable, KeySource, Need } from './need.ts';
import { ACL_MEMBERS, aclHeaders, listing } from './s3-keys.ts';
import { onBucket } from './s3-resources.ts';

const bucketTags: KeySource = ({ input }) =>
  tagKeys(
    'aws:RequestTag',
    'aws:TagKeys',
    tagPairs(listAt(recordAt(input, 'CreateBucketConfiguration'), 'Tags')),
  );

const on = (action: string, ...keys: KeySource[]): readonly Need[] => [{ action, on: onBucket, keys }];

/** Bucket operations of S3 whose action has another name, a key, or a second action. */
export const S3_BUCKETS: CallTable = {
  // Policies name all buckets as `arn:aws:s3:::*` or `*`; both match this resource.
  ListBuckets: [
    { action: 's3:ListAllMyBuckets', on: (call) => onBucket({ ...call, input: { Bucket: '*' } }) },
  ],
  HeadBucket: on('s3:ListBucket'),
  ListObjects: on('s3:ListBucket', listing),
  ListObjectsV2: on('s3:ListBucket', listing),
  ListObjectVersions: on('s3:ListBucketVersions', listing),
  ListMultipartUploads: on('s3:ListBucketMultipartUploads'),
  CreateBucket: [
    {
      action: 's3:CreateBucket',
      on: onBucket,
      keys: [
        aclHeaders,
        bucketTags,
        members({
          's3:LocationConstraint': 'CreateBucketConfiguration.LocationConstraint',
          's3:x-amz-object-ownership': 'ObjectOwnership',
        }),
      ],
    },
    { action: 's3:PutBucketAcl', on: onBucket, keys: [aclHeaders], when: has(...ACL_MEMBERS) },
    {
      action: 's3:PutBucketObjectLockConfiguration',
      on: onBucket,
      when: ({ input }) => textAt(input, 'ObjectLockEnabledForBucket') === 'true',
    },
    {
      action: 's3:PutBucketVersioning',
      on: onBucket,
      when: ({ input }) => textAt(input, 'ObjectLockEnabledForBucket') === 'true',
    },
    { action: 's3:PutBucketOwnershipControls', on: onBucket, when: has('ObjectOwnership') },
    {
      action: 's3:TagResource',
      on: onBucket,
      keys: [bucketTags],
      when: (call) => Object.keys(bucketTags(call)).length > 0,
    },
  ],
  PutBucketAcl: on('s3:PutBucketAcl', aclHeaders),
  PutBucketTagging: on('s3:PutBucketTagging', requestTags()),
  DeleteBucketTagging: on('s3:PutBucketTagging'),
  GetBucketCors: on('s3:GetBucketCORS'),
  PutBucketCors: on('s3:PutBucketCORS'),
  DeleteBucketCors: on('s3:PutBucketCORS'),
  GetBucketEncryption: on('s3:GetEncryptionConfiguration'),
  PutBucketEncryption: on('s3:PutEncryptionConfiguration'),
  DeleteBucketEncryption: on('s3:PutEncryptionConfiguration'),
  GetPublicAccessBlock: on('s3:GetBucketPublicAccessBlock'),
  PutPublicAccessBlock: on('s3:PutBucketPublicAccessBlock'),
  DeletePublicAccessBlock: on('s3:PutBucketPublicAccessBlock'),
};
