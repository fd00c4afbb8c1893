import {
  anyPolicy,
  anyRole,
  GROUP_READS,
  iam,
  ofOrganization,
  ownBuckets,
  POLICY_READS,
  ROLE_READS,
  USER_READS,
  type Needs,
} from './need.ts';

/** The documents of grants in the bucket's account. */
export const readDocuments: Needs = ({ buckets, roles, keys, destination }) => [
  { actions: ['s3:GetBucketPolicy', 's3:GetEncryptionConfiguration'], resources: buckets },
  { actions: ROLE_READS, resources: roles },
  // Boundaries and attached policies of those roles.
  {
    actions: POLICY_READS,
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

/** What the plan of a grant reads of the source. */
export const readSource: Needs = ({ sourceRoles, sourceUsers, source }) => [
  { actions: ROLE_READS, resources: sourceRoles },
  { actions: USER_READS, resources: sourceUsers },
  { actions: GROUP_READS, resources: sourceUsers.length === 0 ? [] : [iam(source, 'group')] },
  {
    actions: POLICY_READS,
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

/** Of which organization the account is. */
export const describeOrganization: Needs = () => [ofOrganization];

/** Roles that are to be imported are named on the command line. */
export const importDestination: Needs = ({ buckets, destination }) => [
  { actions: ['s3:GetBucketPolicy'], resources: buckets },
  anyRole(destination),
  anyPolicy(destination),
];

/** To offer the buckets there are, and to refuse others. */
export const chooseBucket: Needs = () => [ownBuckets];
