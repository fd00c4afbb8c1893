import type { Places } from './places.ts';

/** Actions on resources; without resources there is nothing to do them to. */
export interface Need {
  actions: string[];
  resources: string[];
}

export type Needs = (places: Places) => Need[];

const iam = (account: string, kind: string): string => `arn:aws:iam::${account}:${kind}/*`;

/** What the plan of a grant reads of the bucket's account. */
export const readDestination: Needs = ({ buckets, roles, keys, destination }) => [
  {
    actions: [
      's3:GetBucketPolicy',
      's3:GetBucketPublicAccessBlock',
      's3:GetBucketOwnershipControls',
      's3:GetBucketAcl',
      's3:GetBucketRequestPayment',
      's3:GetEncryptionConfiguration',
    ],
    resources: buckets,
  },
  // Which bucket is ours, where reading it is denied; and the account's own settings.
  { actions: ['s3:GetAccountPublicAccessBlock', 's3:ListAllMyBuckets'], resources: ['*'] },
  { actions: ROLE_READS, resources: roles },
  // Boundaries and attached policies of those roles.
  {
    actions: ['iam:GetPolicy', 'iam:GetPolicyVersion'],
    resources: [iam(destination, 'policy'), iam('aws', 'policy')],
  },
  { actions: ['kms:DescribeKey', 'kms:GetKeyPolicy', 'kms:ListGrants'], resources: [keys] },
  { actions: ['kms:ListAliases'], resources: ['*'] },
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
export const probeDestination: Needs = ({ probes }) => [
  { actions: ['s3:PutObject', 's3:DeleteObject', 's3:DeleteObjectVersion'], resources: probes },
];

export const assumePrincipals: Needs = ({ sourceRoles }) => [
  { actions: ['sts:AssumeRole'], resources: sourceRoles },
];

/** Everything that a decision may rest on, of any account. */
const readAnything = (account: string): Need[] => [
  {
    actions: [...ROLE_READS, ...USER_READS, ...GROUP_READS, 'iam:GetPolicy', 'iam:GetPolicyVersion'],
    resources: [iam(account, '*').replace('*/*', '*'), iam('aws', 'policy')],
  },
  {
    actions: [
      's3:GetBucketPolicy',
      's3:GetBucketPublicAccessBlock',
      's3:GetBucketOwnershipControls',
      's3:GetBucketAcl',
      's3:GetBucketRequestPayment',
      's3:GetEncryptionConfiguration',
    ],
    resources: ['arn:aws:s3:::*'],
  },
  {
    actions: [
      's3:GetAccountPublicAccessBlock',
      's3:GetAccessPoint',
      's3:GetAccessPointPolicy',
      's3:ListAccessPoints',
      's3:ListAllMyBuckets',
      'kms:DescribeKey',
      'kms:GetKeyPolicy',
      'kms:ListAliases',
      'kms:ListGrants',
      'organizations:DescribeOrganization',
    ],
    resources: ['*'],
  },
];

export const explainSource: Needs = ({ source }) => readAnything(source);
export const explainDestination: Needs = ({ destination }) => readAnything(destination);

const everyone: Need = { actions: ['iam:GetAccountAuthorizationDetails'], resources: ['*'] };
export const whoSource: Needs = (places) => [...explainSource(places), everyone];
export const whoDestination: Needs = (places) => [...explainDestination(places), everyone];

/** Of the organization's management account, or a delegated administrator. */
export const readOrganization: Needs = () => [
  {
    actions: [
      'organizations:DescribeOrganization',
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
