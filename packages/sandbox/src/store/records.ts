import type { PublicAccessBlock } from '@crossbucket/policy';

/** What the store keeps: plain data, one type for each table. Times are milliseconds since 1970. */
export interface AccountRecord {
  id: string;
  name: string;
  /** S3's 64-digit canonical user id. */
  canonicalId: string;
}

export interface AccessKeyRecord {
  id: string;
  secret: string;
  account: string;
  /** Name of the user; without it, the key is the account root's. */
  user?: string;
  status: 'Active' | 'Inactive';
  created: number;
}

/** Name of an inline policy or ARN of an attached one. */
interface Policies {
  /** Document text by policy name. */
  inline: Record<string, string>;
  attached: string[];
}

export interface TagRecord {
  Key: string;
  Value: string;
}

export interface UserRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AIDA...` */
  id: string;
  created: number;
  tags: TagRecord[];
}

export interface RoleRecord extends Policies {
  account: string;
  name: string;
  path: string;
  /** `AROA...` */
  id: string;
  created: number;
  /** Document text. */
  trust: string;
  description?: string;
  /** In seconds. */
  maxSessionDuration: number;
  tags: TagRecord[];
}

export interface ManagedPolicyRecord {
  /** Account id, or `aws` for AWS's own. */
  account: string;
  name: string;
  path: string;
  /** `ANPA...` */
  id: string;
  created: number;
  updated: number;
  description?: string;
  tags: TagRecord[];
  versions: { id: string; text: string; created: number }[];
  defaultVersion: string;
}

export interface BucketRecord {
  name: string;
  account: string;
  region: string;
  created: number;
  /** Eight bytes in hexadecimal: the prefix of its objects' keys, so that a bucket made anew starts empty. */
  id: string;
  /** Document text. */
  policy?: string;
  publicAccessBlock: PublicAccessBlock;
}

export interface ObjectRecord {
  /** Account that owns it. */
  owner: string;
  size: number;
  /** With its quotes. */
  etag: string;
  modified: number;
  /** Where the body is: in the table of small bodies, in a file, or nowhere, being empty. */
  body?: { id: string; place: 'table' | 'file' };
  /** System headers by the SDK's member name: `ContentType`, `CacheControl`, ... */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  tags?: Record<string, string>;
  /** By the SDK's member name: `{ChecksumCRC32: '...'}`. */
  checksum?: Record<string, string>;
  storageClass?: string;
}
