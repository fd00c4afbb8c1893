import { BUCKET, BUCKET_ARN, KEY, OBJECT_ARN, SERVICE, type Setup } from '../setup.ts';
import { bucketDenies, byListing, byWrite, denyWrites, inBucketPolicy, inListing } from './breaks.ts';
import { allowMore, edit, keyOf, list, own, service, wanting, write } from './parts.ts';
import { BY_BUCKET, BY_ROLE, DIRECT, ways, type Way } from './way.ts';

const ALLOWS_NOT = { cause: 'resource-policy-missing-allow', part: 'operation', on: BY_BUCKET } as const;

const copy = (setup: Setup): void => {
  setup.call.operation = 'CopyObject';
  setup.call.input = { Bucket: BUCKET, Key: 'reports/copy.csv', CopySource: `${BUCKET}/${KEY}` };
  allowMore(setup, 's3:GetObjectTagging', 's3:PutObjectTagging');
};

/** Other operations than a read, and what the bucket policy has against them. */
export const OPERATIONS: readonly Way[] = [
  ...ways(
    { cause: 'resource-policy-explicit-deny', part: 'operation', on: BY_BUCKET },
    {
      'the bucket policy denies writes that are not encrypted by a key of its own': denyWrites({
        StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' },
      }),
      'the bucket policy denies writes without a key of its own': (setup, random) => {
        write(setup, random.pick([{}, { ServerSideEncryption: 'AES256' }]));
        bucketDenies({
          Action: 's3:PutObject',
          Condition: {
            StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': keyOf(setup).arn },
          },
        })(setup, random);
      },
      'the bucket policy denies writes that name no encryption': denyWrites({
        Null: { 's3:x-amz-server-side-encryption': 'true' },
      }),
      'the bucket policy denies writes of other storage classes': denyWrites({
        StringNotEquals: { 's3:x-amz-storage-class': 'STANDARD_IA' },
      }),
      'the source of a copy is denied': (setup, random) => {
        copy(setup);
        bucketDenies({ Principal: { AWS: SERVICE }, Action: 's3:GetObject', Resource: OBJECT_ARN })(
          setup,
          random,
        );
      },
    },
  ),
  ...ways(ALLOWS_NOT, {
    'the bucket policy wants the owner to have full control of what is written': byWrite(
      inBucketPolicy(wanting('StringEquals', 's3:x-amz-acl', 'bucket-owner-full-control')),
    ),
    'a write is tagged, and the bucket policy does not let it be': (setup) => {
      write(setup, { Tagging: 'team=reports' });
      edit(own(service(setup)), 'Objects', { Action: ['s3:PutObject', 's3:PutObjectTagging'] });
    },
    'a prefix is listed without its slash': (setup) => list(setup, { Prefix: 'reports' }),
    'more is listed at a time than the bucket policy lets': byListing(
      inListing(wanting('NumericLessThanEquals', 's3:max-keys', '10')),
    ),
    'all is listed at once, and the bucket policy wants it by folder': byListing(
      inListing(wanting('StringEquals', 's3:delimiter', '/')),
    ),
    'the bucket policy lets the objects be listed, and not the bucket': byListing(
      inListing({ Resource: `${BUCKET_ARN}/*`, Action: 's3:*' }),
    ),
    'the bucket policy lets another prefix be listed': byListing(
      inListing(
        wanting('StringLike', 's3:prefix', 'archive/*'),
        wanting('StringLike', 's3:prefix', 'Reports/*'),
        wanting('StringEquals', 's3:prefix', 'reports'),
      ),
    ),
    'a version is read, and the bucket policy lets the current object be': (setup) => {
      setup.call.input = { ...setup.call.input, VersionId: 'the-version' };
      edit(own(service(setup)), 'Objects', { Action: ['s3:GetObject', 's3:GetObjectVersion'] });
    },
    'an object is deleted, and the bucket policy lets versions be': (setup) => {
      setup.call.operation = 'DeleteObject';
      setup.call.input = { ...setup.call.input, Key: 'reports/old.csv' };
      edit(own(service(setup)), 'Objects', { Action: ['s3:DeleteObject', 's3:DeleteObjectVersion'] });
    },
    'the destination of a copy is not allowed': (setup, random) => {
      copy(setup);
      inBucketPolicy({ Action: ['s3:GetObject', 's3:GetObjectTagging', 's3:PutObjectTagging'] })(
        setup,
        random,
      );
    },
  }),
  ...ways(
    { ...ALLOWS_NOT, on: DIRECT },
    {
      'the whole bucket is listed, and the bucket policy lets a prefix be': (setup) => list(setup),
      'a HEAD is denied, which says nothing of why': (setup, random) => {
        setup.call.operation = 'HeadObject';
        inBucketPolicy({ Action: 's3:PutObject' })(setup, random);
      },
    },
  ),
  ...ways(
    { cause: 'identity-policy-missing-allow', part: 'operation', on: BY_ROLE },
    { 'the whole bucket is listed, and the role may list a prefix': (setup) => list(setup) },
  ),
];
