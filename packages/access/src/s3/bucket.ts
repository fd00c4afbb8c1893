import type { Readable, Writable } from 'node:stream';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { AccessError } from '../errors.ts';
import type { PresignOptions } from '../lean/presign.ts';
import type { Copied } from '../transfer/copy.ts';
import type { CopyOptions } from '../transfer/copy-options.ts';
import type { DeleteManyOptions } from '../transfer/delete-many.ts';
import type { Downloaded } from '../transfer/download.ts';
import type { DownloadOptions } from '../transfer/download-options.ts';
import type { SyncOptions } from '../transfer/sync-options.ts';
import type { TreeSummary } from '../transfer/tree/transfer-tree.ts';
import type { UploadOptions } from '../transfer/upload-options.ts';
import type { Uploaded } from '../transfer/upload-subject.ts';
import { BucketConnection } from './bucket-connection.ts';
import { checkOptions, ownerOf, roleOf, type BucketOptions } from './bucket-options.ts';
import { listObjects, type ListOptions } from './list-objects.ts';
import type { ObjectEntry, PrefixEntry } from './list-page.ts';
import { objectBody, type ObjectBody } from './object-body.ts';
import { headObject } from './head-object.ts';
import { objectHead, type ObjectHead } from './object-head.ts';
import { loadS3 } from './s3-client.ts';

export interface StoredObject extends ObjectHead, ObjectBody {}

export interface ReadOptions {
  versionId?: string;
  signal?: AbortSignal;
}

export interface GetOptions extends ReadOptions {
  /** Bytes from `start` to `end`, both included; to the object's end without `end`. */
  range?: { start: number; end?: number };
}

export interface PutOptions {
  contentType?: string;
  metadata?: Record<string, string>;
  /** Bytes of a stream; needed for a stream only. */
  size?: number;
  /** Anything else of PutObject: `ACL`, `ServerSideEncryption`, `Tagging`, `IfNoneMatch`, ... */
  input?: Omit<PutObjectCommandInput, 'Bucket' | 'Key' | 'Body' | 'ExpectedBucketOwner'>;
  signal?: AbortSignal;
}

/** A bucket of another account. Every method rejects with an `AccessError`; a 403 is an `AccessDeniedError`. */
export interface Bucket {
  readonly name: string;
  /** The account that every request expects to own the bucket. */
  readonly owner: string | undefined;
  /** Every object under `prefix`, in the order of their keys; with a `delimiter`, prefixes too. */
  list(options?: ListOptions & { delimiter?: undefined }): AsyncIterable<ObjectEntry>;
  list(options: ListOptions): AsyncIterable<ObjectEntry | PrefixEntry>;
  /** `no-such-key` for a missing object; without permission to list, S3 says that it is denied. */
  get(key: string, options?: GetOptions): Promise<StoredObject>;
  head(key: string, options?: ReadOptions): Promise<ObjectHead>;
  put(
    key: string,
    body: string | Uint8Array | Readable,
    options?: PutOptions,
  ): Promise<{ etag: string; versionId?: string }>;
  /**
   * To a file, by ranges at a time when it is large, or to a stream. The file gets its name once it is whole and its
   * checksum is right; a download that was cut off goes on where it stopped.
   */
  download(key: string, target: string | Writable, options?: DownloadOptions): Promise<Downloaded>;
  /**
   * A file by its path, in parts when it is large, or a stream of any length. An upload of a file that was cut off goes on
   * where it stopped.
   */
  upload(
    key: string,
    source: string | Readable | AsyncIterable<Uint8Array>,
    options?: UploadOptions,
  ): Promise<Uploaded>;
  /**
   * To another key, here or in a bucket that has credentials of its own. S3 copies by itself where one of the two
   * credentials may do both, which is found out by trying; otherwise the bytes come through memory.
   */
  copy(key: string, to: string | { bucket: Bucket; key?: string }, options?: CopyOptions): Promise<Copied>;
  /**
   * Brings a folder or another bucket to the state of this one, or this one to theirs. Rejects with a
   * `TransferIncompleteError` if some objects failed; the others are done then.
   */
  sync(options: SyncOptions): Promise<TreeSummary>;
  /** A URL that lets whoever has it read or write one object for a time. */
  presign(key: string, options?: PresignOptions): Promise<string>;
  /** Deletes an object, or one version of it; an object that is not there is no error. */
  delete(key: string, options?: ReadOptions): Promise<void>;
  /** A thousand objects with each request. Rejects with a `TransferIncompleteError` if some could not be deleted. */
  deleteMany(
    keys: Iterable<string> | AsyncIterable<string>,
    options?: DeleteManyOptions,
  ): Promise<{ deleted: number }>;
}

/**
 * Opens a bucket of another account, by a role there or by its bucket policy. Nothing is loaded or called before the
 * first use. Every request names the account that must own the bucket, and goes to the region where the bucket is.
 *
 * @throws AccessError `invalid-option`
 */
export function openBucket(options: BucketOptions): Bucket {
  checkOptions(options);
  const role = roleOf(options);
  const owner = ownerOf(options, role);
  const connection = new BucketConnection(options, role, owner);
  const { bucket } = options;
  const { target } = connection;

  const opened: Bucket = {
    name: bucket,
    owner,
    list: (list: ListOptions = {}) => listObjects(connection, list) as AsyncIterable<ObjectEntry>,
    async get(key, { versionId, range, signal } = {}) {
      const { GetObjectCommand } = await loadS3();
      const input = { ...target, Key: key, VersionId: versionId, Range: range && rangeHeader(range) };
      const output = await connection.send('GetObject', new GetObjectCommand(input), signal);
      return { ...objectHead(key, output), ...objectBody(output, `s3://${bucket}/${key}`) };
    },
    async head(key, { versionId, signal } = {}) {
      return objectHead(
        key,
        await headObject(connection, { ...target, Key: key, VersionId: versionId }, signal),
      );
    },
    async put(key, body, { contentType, metadata, size, input, signal } = {}) {
      const { PutObjectCommand } = await loadS3();
      if (!isWhole(body)) {
        requireSize(key, size);
        await connection.findRegion();
      }
      const command = new PutObjectCommand({
        ContentType: contentType,
        Metadata: metadata,
        ContentLength: size,
        ...input,
        ...target,
        Key: key,
        // An empty string would be taken for a stream of unknown length.
        Body: typeof body === 'string' ? Buffer.from(body) : body,
      });
      const output = await connection.send('PutObject', command, signal);
      return { etag: output.ETag ?? '', versionId: output.VersionId };
    },
    async download(key, target, options = {}) {
      const { download } = await import('../transfer/download-options.ts');
      return download(connection, key, target, options);
    },
    async upload(key, source, options = {}) {
      const { upload } = await import('../transfer/upload-options.ts');
      return upload(connection, key, source, options);
    },
    async copy(key, to, options = {}) {
      const { copy } = await import('../transfer/copy-options.ts');
      const target = typeof to === 'string' ? { bucket: opened, key: to } : to;
      return copy(connection, key, connectionOf(target.bucket), target.key ?? key, options);
    },
    async presign(key, options = {}) {
      const { presign } = await import('../lean/presign.ts');
      return presign(connection, key, options);
    },
    async deleteMany(keys, options = {}) {
      const { deleteMany } = await import('../transfer/delete-many.ts');
      return deleteMany(connection, keys, options);
    },
    async sync(options) {
      const { sync } = await import('../transfer/sync-options.ts');
      return sync(connection, connectionOf, options);
    },
    async delete(key, { versionId, signal } = {}) {
      const { DeleteObjectCommand } = await loadS3();
      const command = new DeleteObjectCommand({ ...target, Key: key, VersionId: versionId });
      await connection.send('DeleteObject', command, signal);
    },
  };
  connections.set(opened, connection);
  return opened;
}

const connections = new WeakMap<Bucket, BucketConnection>();

/** Throws `invalid-option` for what `openBucket` has not made. */
function connectionOf(bucket: Bucket): BucketConnection {
  const connection = connections.get(bucket);
  if (connection) return connection;
  throw new AccessError('invalid-option', 'that is no bucket of ours', 'pass what `openBucket` gives');
}

const isWhole = (body: string | Uint8Array | Readable): body is string | Uint8Array =>
  typeof body === 'string' || body instanceof Uint8Array;

function requireSize(key: string, size: number | undefined): void {
  if (size !== undefined && Number.isSafeInteger(size) && size >= 0) return;
  throw new AccessError(
    'invalid-option',
    `the size of the stream for \`${key}\` is not known`,
    'pass its bytes as `size`',
  );
}

function rangeHeader({ start, end }: { start: number; end?: number }): string {
  const valid =
    [start, end ?? start].every((at) => Number.isSafeInteger(at) && at >= 0) && (end ?? start) >= start;
  if (!valid) {
    throw new AccessError(
      'invalid-option',
      `\`range\` cannot be \`${start}-${end ?? ''}\``,
      'pass bytes from 0 up',
    );
  }
  return `bytes=${start}-${end ?? ''}`;
}
