import {
  anyPolicy,
  anyRole,
  GROUP_READS,
  iam,
  ofOrganization,
  ownBuckets,
  USER_READS,
  type Need,
  type Needs,
} from './need.ts';

const BUCKET_READS = [
  's3:GetBucketPolicy',
  's3:GetBucketPublicAccessBlock',
  's3:GetBucketOwnershipControls',
  's3:GetBucketAcl',
  's3:GetBucketRequestPayment',
  's3:GetEncryptionConfiguration',
];

const anyUser = (account: string): Need[] => [
  { actions: USER_READS, resources: [iam(account, 'user')] },
  { actions: GROUP_READS, resources: [iam(account, 'group')] },
];
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

/** The documents that fixes change, of whoever asks; a policy that is left without a statement is removed. */
export const mendSource: Needs = ({ source }) => [
  {
    actions: ['iam:AttachRolePolicy', 'iam:DeleteRolePolicy', 'iam:PutRolePolicy'],
    resources: [iam(source, 'role')],
  },
  {
    actions: ['iam:AttachUserPolicy', 'iam:DeleteUserPolicy', 'iam:PutUserPolicy'],
    resources: [iam(source, 'user')],
  },
  {
    actions: ['iam:AttachGroupPolicy', 'iam:DeleteGroupPolicy', 'iam:PutGroupPolicy'],
    resources: [iam(source, 'group')],
  },
  { actions: ['iam:CreatePolicy', 'iam:CreatePolicyVersion'], resources: [iam(source, 'policy')] },
];

/** Of the role that is assumed, the bucket and its key. */
export const mendDestination: Needs = ({ destination }) => [
  {
    actions: [
      'iam:AttachRolePolicy',
      'iam:DeleteRolePolicy',
      'iam:PutRolePolicy',
      'iam:UpdateAssumeRolePolicy',
      'iam:UpdateRole',
    ],
    resources: [iam(destination, 'role')],
  },
  { actions: ['iam:CreatePolicy', 'iam:CreatePolicyVersion'], resources: [iam(destination, 'policy')] },
  {
    actions: ['s3:DeleteBucketPolicy', 's3:PutBucketOwnershipControls', 's3:PutBucketPolicy'],
    resources: ['arn:aws:s3:::*'],
  },
  {
    actions: [
      'kms:CancelKeyDeletion',
      'kms:EnableKey',
      'kms:PutKeyPolicy',
      's3:DeleteAccessPointPolicy',
      's3:PutAccessPointPolicy',
    ],
    resources: ['*'],
  },
];

/** SCPs and RCPs, by the organization's management account. */
export const mendOrganization: Needs = () => [{ actions: ['organizations:UpdatePolicy'], resources: ['*'] }];

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
