import type { TagRecord } from './iam.ts';

/** A trail of CloudTrail's. */
export interface TrailRecord {
  arn: string;
  account: string;
  /** Where it was made. */
  region: string;
  name: string;
  created: number;
  bucket: string;
  /** Of the keys of its files, without a slash at the end. */
  prefix?: string;
  multiRegion: boolean;
  /** Whether events of services without regions are delivered. */
  globalEvents: boolean;
  /** Whether digest files are delivered. */
  validation: boolean;
  organization?: true;
  /** Whether CloudTrail's own deliveries are events of it. */
  recursive: boolean;
  tags: TagRecord[];
  /** As the SDK has them. Without both, all management events and no others. */
  selectors?: EventSelectorRecord[];
  advanced?: AdvancedSelectorRecord[];
  logging: boolean;
  started?: number;
  stopped?: number;
  /** Request id of the StopLogging that it still records. */
  stoppedBy?: string;
}

export interface EventSelectorRecord {
  ReadWriteType: 'All' | 'ReadOnly' | 'WriteOnly';
  IncludeManagementEvents: boolean;
  DataResources: { Type: string; Values: string[] }[];
  ExcludeManagementEventSources: string[];
}

export interface AdvancedSelectorRecord {
  Name?: string;
  FieldSelectors: FieldSelectorRecord[];
}

export interface FieldSelectorRecord {
  Field: string;
  Equals?: string[];
  StartsWith?: string[];
  EndsWith?: string[];
  NotEquals?: string[];
  NotStartsWith?: string[];
  NotEndsWith?: string[];
}

/** What came of the latest deliveries of a trail. */
export interface TrailStatusRecord {
  arn: string;
  delivered?: number;
  error?: string;
  digested?: number;
  digestError?: string;
}

/** The digest files of a trail for one account and region, each of which names the one before. */
export interface DigestChainRecord {
  arn: string;
  account: string;
  region: string;
  /** Where the next digest begins. */
  start: number;
  /** The latest; without it, the next is a starting one. */
  previous?: { bucket: string; key: string; hash: string; signature: string };
}

/** A pair of RSA keys that signs the digest files of a region. */
export interface DigestKeyRecord {
  region: string;
  /** MD5 of the public key, in hexadecimal. */
  fingerprint: string;
  /** PKCS#1, DER, in base64. */
  publicKey: string;
  /** PKCS#8, DER, in base64. */
  privateKey: string;
  validFrom: number;
  validTo: number;
}
