import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition, region } from './caller.ts';
import {
  booleanAt,
  has,
  isRecord,
  listAt,
  members,
  recordAt,
  tagKeys,
  tagPairs,
  textAt,
  words,
} from './input.ts';
import { type KeySource, type Need, type Row, anything, table } from './need.ts';
import { aclHeaders, listing, setsAcl } from './s3-keys.ts';
import { onBucket } from './s3-resources.ts';

const needs = (action: string, ...keys: KeySource[]): readonly Need[] => [
  { action: `s3:${action}`, on: onBucket, ...(keys.length > 0 && { keys }) },
];

/** Operations whose action has another name. The SDK's documentation of each operation names it. */
const RENAMED: Readonly<Record<string, string>> = {
  HeadBucket: 'ListBucket',
  GetBucketAccelerateConfiguration: 'GetAccelerateConfiguration',
  PutBucketAccelerateConfiguration: 'PutAccelerateConfiguration',
  GetBucketAnalyticsConfiguration: 'GetAnalyticsConfiguration',
  ListBucketAnalyticsConfigurations: 'GetAnalyticsConfiguration',
  PutBucketAnalyticsConfiguration: 'PutAnalyticsConfiguration',
  DeleteBucketAnalyticsConfiguration: 'PutAnalyticsConfiguration',
  GetBucketCors: 'GetBucketCORS',
  PutBucketCors: 'PutBucketCORS',
  DeleteBucketCors: 'PutBucketCORS',
  GetBucketEncryption: 'GetEncryptionConfiguration',
  PutBucketEncryption: 'PutEncryptionConfiguration',
  DeleteBucketEncryption: 'PutEncryptionConfiguration',
  GetBucketIntelligentTieringConfiguration: 'GetIntelligentTieringConfiguration',
  ListBucketIntelligentTieringConfigurations: 'GetIntelligentTieringConfiguration',
  PutBucketIntelligentTieringConfiguration: 'PutIntelligentTieringConfiguration',
  DeleteBucketIntelligentTieringConfiguration: 'PutIntelligentTieringConfiguration',
  GetBucketInventoryConfiguration: 'GetInventoryConfiguration',
  ListBucketInventoryConfigurations: 'GetInventoryConfiguration',
  DeleteBucketInventoryConfiguration: 'PutInventoryConfiguration',
  GetBucketLifecycleConfiguration: 'GetLifecycleConfiguration',
  PutBucketLifecycleConfiguration: 'PutLifecycleConfiguration',
  DeleteBucketLifecycle: 'PutLifecycleConfiguration',
  GetBucketMetadataConfiguration: 'GetBucketMetadataTableConfiguration',
  DeleteBucketMetadataConfiguration: 'DeleteBucketMetadataTableConfiguration',
  GetBucketMetricsConfiguration: 'GetMetricsConfiguration',
  ListBucketMetricsConfigurations: 'GetMetricsConfiguration',
  PutBucketMetricsConfiguration: 'PutMetricsConfiguration',
  DeleteBucketMetricsConfiguration: 'PutMetricsConfiguration',
  GetBucketNotificationConfiguration: 'GetBucketNotification',
  PutBucketNotificationConfiguration: 'PutBucketNotification',
  GetObjectLockConfiguration: 'GetBucketObjectLockConfiguration',
  PutObjectLockConfiguration: 'PutBucketObjectLockConfiguration',
  DeleteBucketOwnershipControls: 'PutBucketOwnershipControls',
  GetPublicAccessBlock: 'GetBucketPublicAccessBlock',
  PutPublicAccessBlock: 'PutBucketPublicAccessBlock',
  DeletePublicAccessBlock: 'PutBucketPublicAccessBlock',
  GetBucketReplication: 'GetReplicationConfiguration',
  DeleteBucketReplication: 'PutReplicationConfiguration',
  DeleteBucketTagging: 'PutBucketTagging',
  ListMultipartUploads: 'ListBucketMultipartUploads',
};

/** Operations whose action has their name. */
const NAMESAKES = `
  DeleteBucket DeleteBucketMetadataTableConfiguration DeleteBucketPolicy DeleteBucketWebsite GetBucketAbac
  GetBucketAcl GetBucketLocation GetBucketLogging GetBucketMetadataTableConfiguration GetBucketOwnershipControls
  GetBucketPolicy GetBucketPolicyStatus GetBucketRequestPayment GetBucketTagging GetBucketVersioning
  GetBucketWebsite PutBucketAbac PutBucketLogging PutBucketOwnershipControls PutBucketPolicy
  PutBucketRequestPayment PutBucketTagging PutBucketVersioning PutBucketWebsite
  UpdateBucketMetadataJournalTableConfiguration`;

const bucketTags: KeySource = ({ input }) =>
  tagKeys(
    'aws:RequestTag',
    'aws:TagKeys',
    tagPairs(listAt(recordAt(input, 'CreateBucketConfiguration'), 'Tags')),
  );

const locksObjects = ({ input }: ApiCall): boolean => booleanAt(input, 'ObjectLockEnabledForBucket');

/** From the documentation of CreateBucket in the SDK; `private` is what a bucket has anyway. */
const CREATE: Row = [
  {
    action: 's3:CreateBucket',
    on: onBucket,
    keys: [
      aclHeaders,
      bucketTags,
      members({
        's3:LocationConstraint': 'CreateBucketConfiguration.LocationConstraint',
        's3:x-amz-object-ownership': 'ObjectOwnership',
        's3:x-amz-bucket-namespace': 'BucketNamespace',
      }),
    ],
  },
  {
    action: 's3:PutBucketAcl',
    on: onBucket,
    keys: [aclHeaders],
    when: (call) => setsAcl(call) && textAt(call.input, 'ACL') !== 'private',
  },
  { action: 's3:PutBucketObjectLockConfiguration', on: onBucket, when: locksObjects },
  { action: 's3:PutBucketVersioning', on: onBucket, when: locksObjects },
  { action: 's3:PutBucketOwnershipControls', on: onBucket, when: has('ObjectOwnership') },
  {
    action: 's3:TagResource',
    on: onBucket,
    keys: [bucketTags],
    when: (call) => Object.keys(bucketTags(call)).length > 0,
  },
];

/** A role that S3 is to work with. */
const passes = (path: string): Need => ({
  action: 'iam:PassRole',
  on: ({ input }) => textAt(input, path),
  keys: [() => ({ 'iam:PassedToService': 's3.amazonaws.com' })],
});

/** Metadata tables live in a table bucket of AWS's, or since the first version of the feature in one of the caller's. */
const tables = (...actions: string[]): Need[] =>
  actions.map((action) => ({
    action: `s3tables:${action}`,
    on: (call) =>
      textAt(call.input, 'MetadataTableConfiguration.S3TablesDestination.TableBucketArn') ??
      `arn:${partition(call)}:s3tables:${region(call)}:${callerAccount(call)}:bucket/aws-s3`,
  }));

const inventoryFields: KeySource = ({ input }) => {
  const fields = listAt(recordAt(input, 'InventoryConfiguration'), 'OptionalFields').filter(
    (field) => typeof field === 'string',
  );
  return { 's3:InventoryAccessibleOptionalFields': fields.length > 0 ? fields : undefined };
};

const pausesReplication: KeySource = ({ input }) => {
  const rules = listAt(recordAt(input, 'ReplicationConfiguration'), 'Rules').filter(isRecord);
  const paused = rules.some((rule) => textAt(rule, 'Status') === 'Disabled');
  return { 's3:isReplicationPauseRequest': rules.length > 0 ? paused : undefined };
};

/** Operations of S3 on buckets. */
export const S3_BUCKETS = table(() => ({
  ...Object.fromEntries(Object.entries(RENAMED).map(([operation, action]) => [operation, needs(action)])),
  ...Object.fromEntries(words(NAMESAKES).map((operation) => [operation, needs(operation)])),
  // Policies name all buckets as `arn:aws:s3:::*` or `*`; both match this resource.
  ListBuckets: [{ action: 's3:ListAllMyBuckets', on: (call) => `arn:${partition(call)}:s3:::*` }],
  ListDirectoryBuckets: [{ action: 's3express:ListAllMyDirectoryBuckets', on: anything }],
  ListObjects: needs('ListBucket', listing),
  ListObjectsV2: needs('ListBucket', listing),
  ListObjectVersions: needs('ListBucketVersions', listing),
  CreateBucket: CREATE,
  PutBucketAcl: needs('PutBucketAcl', aclHeaders),
  PutBucketInventoryConfiguration: needs('PutInventoryConfiguration', inventoryFields),
  PutBucketReplication: [
    ...needs('PutReplicationConfiguration', pausesReplication),
    passes('ReplicationConfiguration.Role'),
  ],
  CreateSession: [
    {
      action: 's3express:CreateSession',
      on: onBucket,
      keys: [members({ 's3express:SessionMode': 'SessionMode' })],
    },
  ],
  CreateBucketMetadataConfiguration: [
    ...needs('CreateBucketMetadataTableConfiguration'),
    ...tables('CreateTableBucket', 'CreateNamespace', 'GetTable', 'CreateTable'),
    ...tables('PutTablePolicy', 'PutTableBucketPolicy'),
    passes('MetadataConfiguration.AnnotationTableConfiguration.Role'),
  ],
  CreateBucketMetadataTableConfiguration: [
    ...needs('CreateBucketMetadataTableConfiguration'),
    ...tables('CreateNamespace', 'GetTable', 'CreateTable', 'PutTablePolicy'),
  ],
  UpdateBucketMetadataInventoryTableConfiguration: [
    ...needs('UpdateBucketMetadataInventoryTableConfiguration'),
    ...tables('CreateTableBucket', 'CreateNamespace', 'GetTable', 'CreateTable', 'PutTablePolicy'),
  ],
  UpdateBucketMetadataAnnotationTableConfiguration: [
    ...needs('UpdateBucketMetadataAnnotationTableConfiguration'),
    passes('AnnotationTableConfiguration.Role'),
  ],
}));
