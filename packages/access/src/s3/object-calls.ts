import type { GetObjectCommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { CrcName } from '../checksums/crc.ts';
import type { ObjectChecksum } from '../checksums/object-checksum.ts';
import type { ByteSource } from './byte-source.ts';
import type { ListPage, ListRequest } from './list-page.ts';
import type { ObjectProperties } from './object-properties.ts';

/** Members of GetObject that are the same for all requests of a transfer: `RequestPayer`, `SSECustomerKey`, ... */
export type ReadSettings = Omit<
  GetObjectCommandInput,
  'Bucket' | 'Key' | 'ExpectedBucketOwner' | 'Range' | 'VersionId' | 'PartNumber' | 'ChecksumMode'
>;

/** Members of PutObject that are: `StorageClass`, `ServerSideEncryption`, `ACL`, ... */
export type WriteSettings = Omit<
  PutObjectCommandInput,
  | 'Bucket'
  | 'Key'
  | 'Body'
  | 'ExpectedBucketOwner'
  | 'ContentLength'
  | 'ContentMD5'
  | 'ChecksumAlgorithm'
  | `Checksum${string}`
>;

export interface GetRequest {
  key: string;
  versionId?: string;
  /** Bytes, both included. */
  range?: { start: number; end: number };
  /** Only if the object still has this ETag. */
  ifMatch?: string;
  settings?: ReadSettings;
  signal?: AbortSignal;
}

/** What S3 says of an object. */
export interface ObjectFacts {
  /** Bytes of the whole object, whatever range was asked for. */
  size: number;
  etag: string;
  modified?: Date;
  versionId?: string;
  properties: ObjectProperties;
  /** Of the whole object; not told with every range. */
  checksum?: ObjectChecksum;
  /** Number of tags, where the caller may know. */
  tags: number;
  /** The ETag of a single-part object is the MD5 of its bytes, unless it is encrypted with a key of KMS or the caller's. */
  keyed: boolean;
}

export interface ObjectAnswer extends ObjectFacts {
  /** Bytes of this answer. */
  length: number;
  body: ByteSource;
}

export interface PutRequest {
  key: string;
  body: Uint8Array;
  checksum?: { name: CrcName; value: bigint };
  properties?: ObjectProperties;
  settings?: WriteSettings;
  signal?: AbortSignal;
}

/** Bytes that are read anew for each attempt, because they are too many to be held. */
export interface SlicedBody {
  /** Bytes. */
  length: number;
  /** Each time from the beginning. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface UploadPartRequest {
  key: string;
  uploadId: string;
  number: number;
  body: Uint8Array | SlicedBody;
  checksum?: { name: CrcName; value: bigint };
  settings?: WriteSettings;
  signal?: AbortSignal;
}

export interface Written {
  etag: string;
  versionId?: string;
}

/** The calls of which there are many: those that carry an object's bytes, and listings. All reject with an `AccessError`, or the reason of an abort. */
export interface ObjectCalls {
  get(request: GetRequest): Promise<ObjectAnswer>;
  put(request: PutRequest): Promise<Written>;
  uploadPart(request: UploadPartRequest): Promise<Written>;
  list(request: ListRequest): Promise<ListPage>;
}
