import type { NamedPolicy } from './document.ts';
import type { AclGrant, ContextValue, PublicAccessBlock } from './request.ts';
import type { Decision, Outcome, Cause } from './decision.ts';
import type { AccessRequest } from './request.ts';

/** Several accounts as data, with their organization: all that a decision reads. */
export interface World {
  /** By account id. */
  accounts: Record<string, AccountSnapshot>;
  organization?: OrganizationSnapshot;
  /** By endpoint id (`vpce-...`). */
  endpoints?: Record<string, EndpointSnapshot>;
}

export interface AccountSnapshot {
  id: string;
  name?: string;
  /** S3's 64-digit canonical user id. */
  canonicalId?: string;
  /** By ARN. */
  principals: Record<string, PrincipalSnapshot>;
  /** By name. */
  buckets: Record<string, BucketSnapshot>;
  /** By key ARN. */
  keys: Record<string, KeySnapshot>;
  /** By access point ARN. */
  accessPoints?: Record<string, AccessPointSnapshot>;
  publicAccessBlock?: PublicAccessBlock;
  /** What nobody could read, and why. */
  unknown?: UnknownFact[];
}

export interface UnknownFact {
  /** `scp`, `principal arn:...`, `bucket-policy acme-reports`, ... */
  what: string;
  /** The missing permission or the error. */
  why: string;
  /** The permission that was missing, where one was: `iam:GetRole`. */
  action?: string;
}

/** A user or a role. */
export interface PrincipalSnapshot {
  kind: 'user' | 'role';
  arn: string;
  /** `AIDA...` or `AROA...` */
  uniqueId: string;
  tags?: Record<string, string>;
  /** Inline and attached, those of a user's groups too. */
  policies: NamedPolicy[];
  boundary?: NamedPolicy;
  /** A role's trust policy. */
  trust?: NamedPolicy;
  /** In seconds. */
  maxSessionDuration?: number;
}

export interface BucketSnapshot {
  name: string;
  region: string;
  policy?: NamedPolicy;
  publicAccessBlock?: PublicAccessBlock;
  ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter';
  acl?: AclGrant[];
  encryption?: { algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse'; key?: string; bucketKey?: boolean };
  requesterPays?: boolean;
  tags?: Record<string, string>;
}

export interface KeySnapshot {
  arn: string;
  policy: NamedPolicy;
  managedBy?: 'AWS' | 'CUSTOMER';
  state?: 'Enabled' | 'Disabled' | 'PendingDeletion';
  aliases?: string[];
  tags?: Record<string, string>;
  /** As DescribeKey tells it: `SYMMETRIC_DEFAULT`, ... */
  spec?: string;
  usage?: string;
  origin?: string;
  multiRegion?: boolean;
  grants?: KeyGrant[];
}

/** What a grant of KMS lets somebody do with a key. */
export interface KeyGrant {
  id: string;
  /** ARN. */
  grantee: string;
  /** `Decrypt`, `GenerateDataKey`, ... */
  operations: string[];
  /** The whole encryption context that a use must have. */
  contextEquals?: Record<string, string>;
  /** What it must have at least. */
  contextSubset?: Record<string, string>;
}

export interface AccessPointSnapshot {
  arn: string;
  bucket: string;
  policy?: NamedPolicy;
  publicAccessBlock?: PublicAccessBlock;
  vpc?: string;
}

export interface EndpointSnapshot {
  id: string;
  vpc?: string;
  policy?: NamedPolicy;
}

export interface OrganizationSnapshot {
  id: string;
  managementAccount: string;
  /** What its members may do with the organization itself: its resource policy, and what delegated administrators and every member may. */
  policy?: NamedPolicy;
  accounts: Record<string, MemberSnapshot>;
}

/** An account's place in its organization. */
export interface MemberSnapshot {
  /** From the root to the account, as `aws:PrincipalOrgPaths` has it. */
  path: string;
  /** The policies at each level, root first. */
  serviceControl: NamedPolicy[][];
  resourceControl: NamedPolicy[][];
  /** What S3 policies of the organization come to: it takes the place of the account's own settings. */
  publicAccessBlock?: PublicAccessBlock;
}

/** A call of the AWS API, as somebody makes it. */
export interface ApiCall {
  /** `s3`, `sts`, `iam`, `kms`, ... : the prefix of its IAM actions. */
  service: string;
  /** The SDK's name: `GetObject`. */
  operation: string;
  /** The SDK's input, without bodies. */
  input: Record<string, unknown>;
  /** As in `AccessRequest`. */
  principal: string;
  session?: SessionFacts;
  /** What the transport knows: `aws:SourceIp`, `aws:SecureTransport`, `s3:authType`, ... */
  context?: Record<string, ContextValue>;
  unknown?: string[];
  /** The object that the call is about, where it is there. */
  object?: ObjectFacts;
  /** The object that a copy reads. */
  copySource?: ObjectFacts;
  /** The default encryption of the bucket that the call writes to, where it is known. */
  bucketEncryption?: BucketSnapshot['encryption'];
  /** Real ARNs of the entities that the input only names (an IAM user's has a path, a KMS alias stands for a key). */
  resourceArns?: string[];
  /** The tags of these, by ARN. */
  resourceTags?: Record<string, Record<string, string>>;
}

export interface ObjectFacts {
  /** Account that owns it. */
  owner?: string;
  tags?: Record<string, string>;
  acl?: AclGrant[];
  /** Key that it is encrypted with. */
  kmsKey?: string;
  /** True where an S3 Bucket Key protects it: then KMS sees the bucket's ARN as context, not the object's. */
  bucketKey?: boolean;
  /** What its writer added to the encryption context. */
  encryptionContext?: Record<string, string>;
}

/** What the credentials of a session carry. */
export interface SessionFacts {
  /** ARN of the user whose GetFederationToken made the session, for a federated user. */
  federatedBy?: string;
  policies?: NamedPolicy[];
  tags?: Record<string, string>;
  transitiveTags?: string[];
  sourceIdentity?: string;
  /** ISO 8601. */
  issuedAt?: string;
  mfa?: boolean;
}

/** Every authorization of a call, in order, and the call's own outcome: the first that is not allowed. */
export interface CallDecision {
  outcome: Outcome;
  reason: string;
  causes: Cause[];
  authorizations: { request: AccessRequest; decision: Decision }[];
}
