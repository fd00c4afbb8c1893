import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { fromCrossAccountRole } from '../credentials/from-cross-account-role.ts';
import { bucketError, type BucketCall } from './bucket-error.ts';
import { ownerOf, roleOf, type BucketOptions } from './bucket-options.ts';
import { loadS3, makeS3Client } from './s3-client.ts';

/** One object of a listing. */
export interface ObjectEntry {
  key: string;
  /** Bytes. */
  size: number;
  modified: Date;
  etag: string;
}

/** An object's body, to be read once, in one of these ways. */
export interface ObjectBody {
  stream(): Readable;
  bytes(): Promise<Uint8Array>;
  text(): Promise<string>;
  json(): Promise<unknown>;
}

export interface StoredObject extends ObjectBody, ObjectHead {}

export interface ObjectHead {
  key: string;
  size: number;
  etag: string;
  contentType?: string;
  modified?: Date;
  metadata: Record<string, string>;
  versionId?: string;
}

export interface PutOptions {
  contentType?: string;
  metadata?: Record<string, string>;
  /** Bytes of a stream body. */
  size?: number;
}

/** A bucket of another account. Every method rejects with an `AccessError`; a 403 is an `AccessDeniedError`. */
export interface Bucket {
  readonly name: string;
  /** The account that every request expects to own the bucket. */
  readonly owner: string | undefined;
  /** Every object under `prefix`, in the order of their keys. */
  list(options?: { prefix?: string }): AsyncIterable<ObjectEntry>;
  get(key: string): Promise<StoredObject>;
  head(key: string): Promise<ObjectHead>;
  put(
    key: string,
    body: string | Uint8Array | Readable,
    options?: PutOptions,
  ): Promise<{ etag: string; versionId?: string }>;
  delete(key: string): Promise<void>;
}

/** Opens a bucket of another account. Nothing is loaded or called before the first use. */
export function openBucket(options: BucketOptions): Bucket {
  const role = roleOf(options);
  const owner = ownerOf(options, role);
  const { bucket: Bucket, region, profile } = options;
  const config = { region, profile, ...options.clientConfig };
  let client: Promise<S3Client> | undefined;
  const connect = () =>
    (client ??= options.client
      ? Promise.resolve(options.client)
      : makeS3Client({ ...config, credentials: role ? fromCrossAccountRole(role) : options.credentials }));
  const target = { Bucket, ExpectedBucketOwner: owner };

  async function call<T>(
    action: string,
    key: string | undefined,
    send: (client: S3Client) => Promise<T>,
  ): Promise<T> {
    try {
      return await send(await connect());
    } catch (error) {
      const failed: BucketCall = { action, bucket: Bucket, key, owner, roleArn: role?.roleArn };
      throw bucketError(error, failed);
    }
  }

  return {
    name: Bucket,
    owner,
    async *list({ prefix } = {}) {
      const { ListObjectsV2Command } = await loadS3();
      let token: string | undefined;
      do {
        const input = { ...target, Prefix: prefix, ContinuationToken: token };
        const page = await call('s3:ListBucket', undefined, (s3) => s3.send(new ListObjectsV2Command(input)));
        for (const { Key, Size, LastModified, ETag } of page.Contents ?? []) {
          yield { key: Key!, size: Size ?? 0, modified: LastModified!, etag: ETag ?? '' };
        }
        token = page.NextContinuationToken;
      } while (token);
    },
    async get(key) {
      const { GetObjectCommand } = await loadS3();
      const output = await call('s3:GetObject', key, (s3) =>
        s3.send(new GetObjectCommand({ ...target, Key: key })),
      );
      const body = output.Body!;
      return {
        ...headOf(key, output),
        stream: () => body as Readable,
        bytes: () => body.transformToByteArray(),
        text: () => body.transformToString('utf-8'),
        json: async () => JSON.parse(await body.transformToString('utf-8')) as unknown,
      };
    },
    async head(key) {
      const { HeadObjectCommand } = await loadS3();
      const output = await call('s3:GetObject', key, (s3) =>
        s3.send(new HeadObjectCommand({ ...target, Key: key })),
      );
      return headOf(key, output);
    },
    async put(key, body, { contentType, metadata, size } = {}) {
      const { PutObjectCommand } = await loadS3();
      const input = {
        ...target,
        Key: key,
        Body: body,
        ContentType: contentType,
        Metadata: metadata,
        ContentLength: size,
      };
      const output = await call('s3:PutObject', key, (s3) => s3.send(new PutObjectCommand(input)));
      return { etag: output.ETag ?? '', versionId: output.VersionId };
    },
    async delete(key) {
      const { DeleteObjectCommand } = await loadS3();
      await call('s3:DeleteObject', key, (s3) => s3.send(new DeleteObjectCommand({ ...target, Key: key })));
    },
  };
}

interface HeadOutput {
  ContentLength?: number;
  ETag?: string;
  ContentType?: string;
  LastModified?: Date;
  Metadata?: Record<string, string>;
  VersionId?: string;
}

function headOf(key: string, output: HeadOutput): ObjectHead {
  return {
    key,
    size: output.ContentLength ?? 0,
    etag: output.ETag ?? '',
    contentType: output.ContentType,
    modified: output.LastModified,
    metadata: output.Metadata ?? {},
    versionId: output.VersionId,
  };
}
