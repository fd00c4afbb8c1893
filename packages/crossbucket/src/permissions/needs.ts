import type { Places } from './places.ts';

/** Actions on resources; without resources there is nothing to do them to. */
export interface Need {
  actions: string[];
  resources: string[];
}

export type Needs = (places: Places) => Need[];

const iam = (account: string, kind: string): string => `arn:aws:iam::${account}:${kind}/*`;

/** The documents of grants in the bucket's account. */
export const readDocuments: Needs = ({ buckets, roles, keys, destination }) => [
  { actions: ['s3:GetBucketPolicy', 's3:GetEncryptionConfiguration'], resources: buckets },
  { actions: ROLE_READS, resources: roles },
  // Boundaries and attached policies of those roles.
  {
    actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
    resources: [iam(destination, 'policy'), iam('aws', 'policy')],
  },
  { actions: ['kms:DescribeKey', 'kms:GetKeyPolicy'], resources: [keys] },
];

/** What grants of KMS allow beside the key's policy. */
export const readKeyGrants: Needs = ({ keys }) => [{ actions: ['kms:ListGrants'], resources: [keys] }];

/** What may keep a grant from working: a plan warns of it. */
export const readSurroundings: Needs = ({ buckets }) => [
  {
    actions: [
      's3:GetBucketPublicAccessBlock',
      's3:GetBucketOwnershipControls',
      's3:GetBucketAcl',
      's3:GetBucketRequestPayment',
    ],
    resources: buckets,
  },
  { actions: ['s3:GetAccountPublicAccessBlock', 'kms:ListAliases'], resources: ['*'] },
];

const ROLE_READS = [
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:ListRolePolicies',
  'iam:ListAttachedRolePolicies',
];
const USER_READS = [
  'iam:GetUser',
  'iam:GetUserPolicy',
  'iam:ListUserPolicies',
  'iam:ListAttachedUserPolicies',
  'iam:ListGroupsForUser',
];
const GROUP_READS = ['iam:GetGroupPolicy', 'iam:ListGroupPolicies', 'iam:ListAttachedGroupPolicies'];

/** What the plan of a grant reads of the source. */
export const readSource: Needs = ({ sourceRoles, sourceUsers, source }) => [
  { actions: ROLE_READS, resources: sourceRoles },
  { actions: USER_READS, resources: sourceUsers },
  { actions: GROUP_READS, resources: sourceUsers.length === 0 ? [] : [iam(source, 'group')] },
  {
    actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
    resources:
      sourceRoles.length + sourceUsers.length === 0 ? [] : [iam(source, 'policy'), iam('aws', 'policy')],
  },
];

export const changeDestination: Needs = ({ buckets, roles, keys, hasRoute }) => [
  {
    actions: [
      'iam:CreateRole',
      'iam:TagRole',
      'iam:UntagRole',
      'iam:UpdateRole',
      'iam:UpdateAssumeRolePolicy',
      'iam:PutRolePermissionsBoundary',
      'iam:DeleteRolePermissionsBoundary',
      'iam:PutRolePolicy',
      'iam:DeleteRolePolicy',
      'iam:DeleteRole',
    ],
    resources: hasRoute.role ? roles : [],
  },
  {
    actions: ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
    resources: hasRoute['bucket-policy'] ? buckets : [],
  },
  { actions: ['kms:PutKeyPolicy'], resources: [keys] },
];

export const undoDestination: Needs = ({ buckets, roles, keys, hasRoute }) => [
  {
    actions: ['iam:DeleteRole', 'iam:DeleteRolePolicy', 'iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'],
    resources: hasRoute.role ? roles : [],
  },
  {
    actions: ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
    resources: hasRoute['bucket-policy'] ? buckets : [],
  },
  { actions: ['kms:PutKeyPolicy'], resources: [keys] },
];

export const changeSource: Needs = ({ sourceRoles, sourceUsers }) => [
  { actions: ['iam:PutRolePolicy', 'iam:DeleteRolePolicy'], resources: sourceRoles },
  { actions: ['iam:PutUserPolicy', 'iam:DeleteUserPolicy'], resources: sourceUsers },
];

export const undoSource: Needs = ({ sourceRoles, sourceUsers }) => [
  { actions: ['iam:DeleteRolePolicy'], resources: sourceRoles },
  { actions: ['iam:DeleteUserPolicy'], resources: sourceUsers },
];

/** The object that a reader is to read, put there and removed. */
export const probeDestination: Needs = ({ probes, keys }) => [
  { actions: ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'], resources: probes },
  { actions: ['kms:GenerateDataKey'], resources: [keys] },
];

export const assumePrincipals: Needs = ({ sourceRoles }) => [
  { actions: ['sts:AssumeRole'], resources: sourceRoles },
];

const ofOrganization: Need = { actions: ['organizations:DescribeOrganization'], resources: ['*'] };

/** Of which organization the account is. */
export const describeOrganization: Needs = () => [ofOrganization];

const POLICY_READS = ['iam:GetPolicy', 'iam:GetPolicyVersion'];
const BUCKET_READS = [
  's3:GetBucketPolicy',
  's3:GetBucketPublicAccessBlock',
  's3:GetBucketOwnershipControls',
  's3:GetBucketAcl',
  's3:GetBucketRequestPayment',
  's3:GetEncryptionConfiguration',
];

const anyRole = (account: string): Need => ({ actions: ROLE_READS, resources: [iam(account, 'role')] });
const anyUser = (account: string): Need[] => [
  { actions: USER_READS, resources: [iam(account, 'user')] },
  { actions: GROUP_READS, resources: [iam(account, 'group')] },
];
const anyPolicy = (account: string): Need => ({
  actions: POLICY_READS,
  resources: [iam(account, 'policy'), iam('aws', 'policy')],
});
const ownBuckets: Need = { actions: ['s3:ListAllMyBuckets'], resources: ['*'] };
const anyBucket: Need = { actions: BUCKET_READS, resources: ['arn:aws:s3:::*'] };
/** Block Public Access of the account, and the keys that buckets are encrypted with. */
const aroundBuckets: Need = {
  actions: ['s3:GetAccountPublicAccessBlock', 'kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:ListGrants'],
  resources: ['*'],
};
const anyPoint: Need = {
  actions: ['s3:GetAccessPoint', 's3:GetAccessPointPolicy'],
  resources: ['*'],
};

/** Who asks, and whether the bucket is of this account. */
export const explainSource: Needs = ({ source }) => [
  anyRole(source),
  ...anyUser(source),
  anyPolicy(source),
  ownBuckets,
  ofOrganization,
];

/** The role that is assumed, and all that has a say in a bucket, its objects and its key. */
export const explainDestination: Needs = ({ destination }) => [
  anyRole(destination),
  anyPolicy(destination),
  ownBuckets,
  anyBucket,
  aroundBuckets,
  anyPoint,
  {
    actions: ['s3:GetObject', 's3:GetObjectAcl', 's3:GetObjectTagging'],
    resources: ['arn:aws:s3:::*/*'],
  },
  ofOrganization,
];

/** The documents that fixes change, of whoever asks. */
export const mendSource: Needs = ({ source }) => [
  { actions: ['iam:PutRolePolicy'], resources: [iam(source, 'role')] },
  { actions: ['iam:PutUserPolicy'], resources: [iam(source, 'user')] },
  { actions: ['iam:PutGroupPolicy'], resources: [iam(source, 'group')] },
  { actions: ['iam:CreatePolicyVersion'], resources: [iam(source, 'policy')] },
];

/** Of the role that is assumed, the bucket and its key. */
export const mendDestination: Needs = ({ destination }) => [
  { actions: ['iam:PutRolePolicy', 'iam:UpdateAssumeRolePolicy'], resources: [iam(destination, 'role')] },
  { actions: ['iam:CreatePolicyVersion'], resources: [iam(destination, 'policy')] },
  { actions: ['s3:PutBucketPolicy'], resources: ['arn:aws:s3:::*'] },
  { actions: ['s3:PutAccessPointPolicy', 'kms:PutKeyPolicy'], resources: ['*'] },
];

/** Whole accounts, but for objects and access points. */
export const readAccounts: Needs = () => [
  ownBuckets,
  anyBucket,
  aroundBuckets,
  { actions: ['iam:GetAccountAuthorizationDetails'], resources: ['*'] },
  ofOrganization,
];

/** Conditions of policies may speak of them. */
export const readAliases: Needs = () => [{ actions: ['kms:ListAliases'], resources: ['*'] }];

export const readPoints: Needs = () => [anyPoint, { actions: ['s3:ListAccessPoints'], resources: ['*'] }];

/** The policies of a user or role. */
export const lintSource: Needs = ({ source }) => [anyRole(source), ...anyUser(source), anyPolicy(source)];

/** The policies of a role or bucket. */
export const lintDestination: Needs = ({ destination }) => [
  anyRole(destination),
  anyPolicy(destination),
  { actions: ['s3:GetBucketPolicy'], resources: ['arn:aws:s3:::*'] },
];

/** Roles that are to be imported are named on the command line. */
export const importDestination: Needs = ({ buckets, destination }) => [
  { actions: ['s3:GetBucketPolicy'], resources: buckets },
  anyRole(destination),
  anyPolicy(destination),
];

/** To offer the buckets there are, and to refuse others. */
export const chooseBucket: Needs = () => [ownBuckets];

/** Of the organization's management account, or a delegated administrator. */
export const readOrganization: Needs = () => [
  {
    actions: [
      'organizations:DescribePolicy',
      'organizations:ListParents',
      'organizations:ListPoliciesForTarget',
    ],
    resources: ['*'],
  },
];

/** What a command does to objects, as S3's actions on the bucket and on its keys. */
export interface Transfer {
  bucket: string[];
  objects: string[];
  /** On the keys that objects are encrypted with, where they are. */
  keys: string[];
}

/** Who uses a grant: by route `role` its role may be assumed, by route `bucket-policy` the principal does it itself. */
export const useAsSource =
  (transfer: Transfer): Needs =>
  (places) => [
    { actions: ['sts:AssumeRole'], resources: places.hasRoute.role ? places.roles : [] },
    ...(places.hasRoute['bucket-policy'] ? transferNeeds(transfer, places) : []),
  ];

/** What the role, or the bucket policy, has to allow: that is the grant itself. */
export const allowAsDestination =
  (transfer: Transfer): Needs =>
  (places) =>
    transferNeeds(transfer, places);

const transferNeeds = ({ bucket, objects, keys }: Transfer, places: Places): Need[] =>
  [
    { actions: bucket, resources: places.buckets },
    { actions: objects, resources: places.buckets.map((arn) => `${arn}/*`) },
    { actions: keys, resources: [places.keys] },
  ].filter(({ actions }) => actions.length > 0);

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
