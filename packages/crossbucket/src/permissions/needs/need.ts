import type { Places } from '../places.ts';

/** Actions on resources; without resources there is nothing to do them to. */
export interface Need {
  actions: string[];
  resources: string[];
}

export type Needs = (places: Places) => Need[];

/** Everything of a kind in an account. */
export const iam = (account: string, kind: string): string => `arn:aws:iam::${account}:${kind}/*`;

export const ROLE_READS = [
  'iam:GetRole',
  'iam:GetRolePolicy',
  'iam:ListRolePolicies',
  'iam:ListAttachedRolePolicies',
];
export const USER_READS = [
  'iam:GetUser',
  'iam:GetUserPolicy',
  'iam:ListUserPolicies',
  'iam:ListAttachedUserPolicies',
  'iam:ListGroupsForUser',
];
export const GROUP_READS = ['iam:GetGroupPolicy', 'iam:ListGroupPolicies', 'iam:ListAttachedGroupPolicies'];
export const POLICY_READS = ['iam:GetPolicy', 'iam:GetPolicyVersion'];

export const ownBuckets: Need = { actions: ['s3:ListAllMyBuckets'], resources: ['*'] };

export const anyRole = (account: string): Need => ({
  actions: ROLE_READS,
  resources: [iam(account, 'role')],
});
export const anyPolicy = (account: string): Need => ({
  actions: POLICY_READS,
  resources: [iam(account, 'policy'), iam('aws', 'policy')],
});

/** Of which organization the account is. */
export const ofOrganization: Need = { actions: ['organizations:DescribeOrganization'], resources: ['*'] };
