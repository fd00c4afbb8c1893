import { Readable } from 'node:stream';
import { refuseUnknownOptions } from '../known-options.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import type { WriteSettings } from '../s3/object-calls.ts';
import { queryText } from '../lean/signature.ts';
import { openRun, TRANSFER_OPTIONS, type TransferOptions } from './run.ts';
import { uploadFile } from './upload.ts';
import { uploadStream } from './upload-stream.ts';
import type { Uploaded } from './upload-subject.ts';

export interface UploadOptions extends TransferOptions {
  /** Default: by the extension of the file's name. */
  contentType?: string;
  metadata?: Record<string, string>;
  tags?: Record<string, string>;
  /** Bytes of a stream, roughly: needed only for more than 470 GiB. */
  expectedSize?: number;
  /** Anything else of PutObject: `StorageClass`, `ServerSideEncryption`, `ACL`, `IfNoneMatch`, ... */
  input?: WriteSettings;
}

const OPTIONS = [
  ...TRANSFER_OPTIONS,
  'contentType',
  'metadata',
  'tags',
  'expectedSize',
  'input',
] as const satisfies (keyof UploadOptions)[];

/** `Bucket.upload`. */
export async function upload(
  connection: BucketConnection,
  key: string,
  source: string | Readable | AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<Uploaded> {
  refuseUnknownOptions(options, OPTIONS);
  const run = openRun(options);
  const { contentType, metadata, tags, expectedSize, input: settings } = options;
  const properties = { contentType, metadata, tagging: tags && queryText(tags) };
  const subject = { connection, key, properties, settings };
  if (typeof source === 'string') return uploadFile(subject, source, run);
  const stream = source instanceof Readable ? source : Readable.from(source);
  return uploadStream(subject, stream, 'stream', expectedSize, run);
}
