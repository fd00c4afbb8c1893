import type { AclGrant, PublicAccessBlock } from '@crossbucket/policy';
import type { PrincipalIds } from './iam.ts';

export interface BucketRecord {
  name: string;
  account: string;
  region: string;
  created: number;
  /** Eight bytes in hexadecimal: the prefix of its objects' keys, so that a bucket made anew starts empty. */
  id: string;
  /** Document text. */
  policy?: string;
  policyPrincipals?: PrincipalIds;
  publicAccessBlock: PublicAccessBlock;
  /** Without it, BucketOwnerEnforced, as of every new bucket; `unset` once it was deleted. */
  ownership?: 'BucketOwnerEnforced' | 'BucketOwnerPreferred' | 'ObjectWriter' | 'unset';
  /** Without it, full control for the owner. */
  acl?: AclGrant[];
  /** Without it, SSE-S3 by default and no SSE-C. */
  encryption?: BucketEncryptionRecord;
  requesterPays?: true;
  /** Without it, versioning was never turned on. */
  versioning?: 'Enabled' | 'Suspended';
  /** Of a bucket with object lock; it may have a default retention. */
  objectLock?: { retention?: DefaultRetentionRecord };
  lifecycle?: LifecycleRecord;
  /** Kept and given back, by kind: `cors`, `website`, ... */
  configurations?: Readonly<Record<string, unknown>>;
  /** The same, of kinds of which a bucket has many: by kind and id. */
  configurationsById?: Readonly<Record<string, Readonly<Record<string, object>>>>;
}

export interface LifecycleRecord {
  rules: LifecycleRuleRecord[];
  /** What the client chose of `x-amz-transition-default-minimum-object-size`. */
  minimumSize: string;
}

export interface LifecycleRuleRecord {
  id: string;
  enabled: boolean;
  /** Which objects it is for. */
  filter: LifecycleFilterRecord;
  /** How the filter was written: as a bare prefix, as one thing, or as several. */
  written: 'Prefix' | 'Filter' | 'And';
  /** `markers`: whether delete markers go that hide nothing any more. */
  expiration?: { days: number } | { date: number } | { markers: boolean };
  /** Of versions that are not the current one: days since, and how many of them stay in any case. */
  noncurrent?: { days: number; keep?: number };
  /** Days after which an upload in parts is given up. */
  abortDays?: number;
  /** As the SDK has them, with dates in milliseconds; kept and not applied. */
  transitions?: { Days?: number; Date?: number; StorageClass: string }[];
  noncurrentTransitions?: {
    NoncurrentDays?: number;
    NewerNoncurrentVersions?: number;
    StorageClass: string;
  }[];
}

export interface LifecycleFilterRecord {
  prefix?: string;
  tags?: Record<string, string>;
  /** In bytes, itself excluded. */
  largerThan?: number;
  smallerThan?: number;
}

export type LockMode = 'GOVERNANCE' | 'COMPLIANCE';

export interface DefaultRetentionRecord {
  mode: LockMode;
  unit: 'Days' | 'Years';
  count: number;
}

/** What keeps a version from being deleted. */
export interface LockRecord {
  retention?: { mode: LockMode; until: number };
  /** Without it, none was ever set. */
  legalHold?: 'ON' | 'OFF';
}

export interface BucketEncryptionRecord {
  algorithm: 'AES256' | 'aws:kms' | 'aws:kms:dsse';
  /** Key id, alias or ARN, as it was given. */
  key?: string;
  bucketKey: boolean;
  blocksCustomerKeys: boolean;
}
