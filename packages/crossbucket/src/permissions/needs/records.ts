import type { Needs } from './need.ts';

export const lookUpEvents: Needs = () => [{ actions: ['cloudtrail:LookupEvents'], resources: ['*'] }];

/** The bucket that a trail writes to is not one of the grants'. */
export const readTrailFiles: Needs = () => [
  { actions: ['s3:ListBucket'], resources: ['arn:aws:s3:::*'] },
  { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::*/*'] },
];

/** For the signatures of digests. */
export const readPublicKeys: Needs = () => [{ actions: ['cloudtrail:ListPublicKeys'], resources: ['*'] }];

/** A bucket and a trail that are made have these names where nobody gives others. */
const LOGS = ['arn:aws:s3:::crossbucket-trail-*'];
const TRAILS = ['arn:aws:cloudtrail:*:*:trail/*'];

export const setUpTrail: Needs = ({ buckets }) => [
  { actions: ['s3:ListBucket'], resources: [...buckets, ...LOGS] },
  {
    actions: [
      's3:CreateBucket',
      's3:GetBucketPolicy',
      's3:GetBucketPublicAccessBlock',
      's3:PutBucketPolicy',
      's3:PutBucketPublicAccessBlock',
    ],
    resources: LOGS,
  },
  { actions: ['cloudtrail:DescribeTrails'], resources: ['*'] },
  {
    actions: [
      'cloudtrail:CreateTrail',
      'cloudtrail:GetEventSelectors',
      'cloudtrail:GetTrail',
      'cloudtrail:GetTrailStatus',
      'cloudtrail:PutEventSelectors',
      'cloudtrail:StartLogging',
    ],
    resources: TRAILS,
  },
];

/** https://docs.aws.amazon.com/athena/latest/ug/security-iam-athena.html: Athena's calls, its catalog, the files, and the results. */
export const askAthena: Needs = () => [
  {
    actions: [
      'athena:GetQueryExecution',
      'athena:GetQueryResults',
      'athena:StartQueryExecution',
      'athena:StopQueryExecution',
    ],
    resources: ['arn:aws:athena:*:*:workgroup/*'],
  },
  { actions: ['athena:GetTableMetadata'], resources: ['arn:aws:athena:*:*:datacatalog/AwsDataCatalog'] },
  {
    actions: ['glue:CreateTable', 'glue:GetDatabase', 'glue:GetTable'],
    resources: [
      'arn:aws:glue:*:*:catalog',
      'arn:aws:glue:*:*:database/*',
      'arn:aws:glue:*:*:table/*/crossbucket_audit_*',
    ],
  },
  // Of the trail's files, and of the place for results.
  { actions: ['s3:GetBucketLocation', 's3:ListBucket'], resources: ['arn:aws:s3:::*'] },
  {
    actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:ListMultipartUploadParts', 's3:PutObject'],
    resources: ['arn:aws:s3:::*/*'],
  },
];
