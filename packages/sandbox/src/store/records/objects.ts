import type { AclGrant } from '@crossbucket/policy';
import type { LockRecord, BucketEncryptionRecord } from './buckets.ts';

export interface ObjectEncryptionRecord {
  /** `customer`: under a key that comes with each request, and is not kept. */
  algorithm: BucketEncryptionRecord['algorithm'] | 'customer';
  /** ARN of the key of KMS. */
  key?: string;
  /** True where KMS knows the data key by the bucket's ARN, not the object's. */
  bucketKey?: true;
  /** Pairs of the encryption context that the writer gave. */
  context?: Record<string, string>;
  /** The key of the body, encrypted, in base64. */
  dataKey: string;
}

/** Where a body is: in the table of small bodies, in a file, or in the bodies of the parts of a list. */
export interface BodyRecord {
  id: string;
  place: 'table' | 'file' | 'parts';
}

/** A part of an object that was uploaded in parts. */
export interface StoredPart {
  /** In bytes, before encryption. */
  size: number;
  /** Without it, the part is empty. */
  body?: BodyRecord;
  /** By the SDK's member name: `{ChecksumCRC32: '...'}`. Of a part of an object, if the upload asked for one. */
  checksum?: Record<string, string>;
}

/** A part of an upload that is under way. */
export interface PartRecord extends StoredPart {
  /** 1 to 10,000. */
  number: number;
  /** Without quotes. */
  etag: string;
  modified: number;
  /** A checksum of another algorithm than the upload's, that came with the part. */
  stated?: Record<string, string>;
}

/** An upload in parts that is under way. */
export interface UploadRecord {
  /** 64 hexadecimal digits, in the order in which uploads begin. */
  id: string;
  /** Id of the bucket. */
  bucket: string;
  key: string;
  /** When it began. */
  initiated: number;
  initiator: { arn: string; account: string; userId: string };
  /** What its headers said of the object to come. */
  object: Pick<ObjectRecord, 'owner' | 'acl' | 'headers' | 'metadata' | 'tags' | 'storageClass' | 'lock'>;
  encryption: ObjectEncryptionRecord;
  checksum: UploadChecksum;
}

/** What is computed of the parts of an upload, and of the whole from that. */
export interface UploadChecksum {
  /** As the SDK names it. */
  algorithm: string;
  type: 'COMPOSITE' | 'FULL_OBJECT';
  /** False where the client asked for none, and S3 chose. */
  asked: boolean;
}

export interface ObjectRecord {
  /** Account that wrote it, or to which it was handed over. */
  owner: string;
  /** Without it, full control for the owner. */
  acl?: AclGrant[];
  /** How its body is encrypted; without it, the body is stored as it came, as formats before the second did. */
  encryption?: ObjectEncryptionRecord;
  /** In bytes, before encryption. */
  size: number;
  /** With its quotes. */
  etag: string;
  modified: number;
  /** Without it, the object is empty. */
  body?: BodyRecord;
  /** System headers by the SDK's member name: `ContentType`, `CacheControl`, ... */
  headers: Record<string, string>;
  metadata: Record<string, string>;
  tags?: Record<string, string>;
  /** By the SDK's member name: `{ChecksumCRC32: '...'}`. */
  checksum?: Record<string, string>;
  /** Without it, the checksum is of the whole; `COMPOSITE` is one of the checksums of parts. */
  checksumType?: 'COMPOSITE';
  storageClass?: string;
  /** Of an archived object: until when a copy of it may be read. */
  restoredUntil?: number;
  lock?: LockRecord;
  /** Id of the version; without it, the version is `null`. */
  version?: string;
  /** Place among the versions of its key, the newest having the highest; without it, it is the first. */
  sequence?: number;
  deleteMarker?: undefined;
}

/** Stands for a deletion among the versions of a key. */
export interface DeleteMarkerRecord {
  deleteMarker: true;
  /** Account that deleted. */
  owner: string;
  modified: number;
  version?: string;
  sequence: number;
}

export type VersionRecord = ObjectRecord | DeleteMarkerRecord;
