import type { PolicyKind } from '../document.ts';

/** What a kind of policy may and must have. */
export interface KindRules {
  /** `a bucket policy` */
  name: string;
  /** Whether it says whom it is about, or is about whoever it is attached to. */
  principal: 'required' | 'forbidden';
  resource: 'required' | 'forbidden';
  /** Elements that it may not have, besides those that follow from the two above. */
  forbidden: readonly string[];
  limits: readonly SizeLimit[];
  /** Prefixes of the services whose actions mean something in it; without it, all. */
  services?: readonly string[];
  /** True where AWS refuses actions and condition keys that it does not know. */
  strict: boolean;
}

export interface SizeLimit {
  most: number;
  unit: 'bytes' | 'characters';
  /** Whether white space between the tokens counts. */
  spaces: boolean;
  /** Whether AWS refuses what is longer, or only some uses of it do. */
  hard: boolean;
  /** What is limited. */
  of: string;
}

const limit = (most: number, of: string, more: Partial<SizeLimit> = {}): SizeLimit => ({
  most,
  unit: 'characters',
  spaces: false,
  hard: true,
  of,
  ...more,
});

const attached = { principal: 'forbidden', resource: 'required', forbidden: [], strict: false } as const;
const ofResource = { principal: 'required', resource: 'required', forbidden: [] } as const;

// Sizes: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.md (IAM),
// https://docs.aws.amazon.com/en_us/AmazonS3/latest/userguide/using-iam-policies.html (buckets),
// https://docs.amazonaws.cn/en_us/AmazonS3/latest/user-guide/access-points-restrictions-limitations.html,
// PutKeyPolicy in the SDK's model of KMS (keys), and for the policies of an organization
// https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
export const KINDS: Readonly<Record<PolicyKind, KindRules>> = {
  identity: {
    ...attached,
    name: 'an identity policy',
    limits: [
      limit(6144, 'a managed policy', { hard: false }),
      limit(10_240, 'all inline policies of a role together'),
    ],
  },
  boundary: { ...attached, name: 'a permissions boundary', limits: [limit(6144, 'a managed policy')] },
  session: {
    ...attached,
    name: 'a session policy',
    limits: [limit(2048, 'a session policy', { spaces: true })],
  },
  bucket: {
    ...ofResource,
    name: 'a bucket policy',
    strict: true,
    services: ['s3', 's3express', 's3-outposts'],
    limits: [limit(20_480, 'a bucket policy', { unit: 'bytes' })],
  },
  'access-point': {
    ...ofResource,
    name: 'an access point policy',
    strict: true,
    services: ['s3', 's3-object-lambda', 's3-outposts', 's3express'],
    limits: [limit(20_480, 'an access point policy', { unit: 'bytes' })],
  },
  key: {
    ...ofResource,
    name: 'a key policy',
    strict: false,
    services: ['kms'],
    limits: [limit(32_768, 'a key policy', { unit: 'bytes', spaces: true })],
  },
  trust: {
    principal: 'required',
    resource: 'forbidden',
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
    forbidden: ['NotPrincipal'],
    name: 'a trust policy',
    strict: false,
    services: ['sts'],
    limits: [
      limit(2048, 'a trust policy, unless the quota was raised', { hard: false }),
      limit(4096, 'a trust policy'),
    ],
  },
  scp: {
    ...attached,
    name: 'a service control policy',
    limits: [
      limit(5120, "a service control policy by AWS's older quota", { spaces: true, hard: false }),
      limit(10_240, 'a service control policy', { spaces: true }),
    ],
  },
  // https://docs.aws.amazon.com/en_us/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html
  rcp: {
    ...ofResource,
    name: 'a resource control policy',
    forbidden: ['NotPrincipal', 'NotAction'],
    strict: false,
    limits: [limit(5120, 'a resource control policy', { spaces: true })],
  },
  'vpc-endpoint': {
    ...ofResource,
    name: 'a VPC endpoint policy',
    strict: false,
    limits: [limit(20_480, 'a VPC endpoint policy', { spaces: true })],
  },
};

/** The rules of a kind; undefined where nobody says which it is. */
export const rulesOf = (kind: PolicyKind | undefined): KindRules | undefined =>
  kind === undefined ? undefined : KINDS[kind];
