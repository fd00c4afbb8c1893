import type { Writable } from 'node:stream';
import { AccessError } from '../errors.ts';
import { refuseUnknownOptions } from '../known-options.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import type { ReadSettings } from '../s3/object-calls.ts';
import { downloadFile, downloadStream, type Downloaded } from './download.ts';
import { openRun, TRANSFER_OPTIONS, type TransferOptions } from './run.ts';

export interface DownloadOptions extends TransferOptions {
  versionId?: string;
  /** Anything else of GetObject: `RequestPayer`, `SSECustomerKey`, ... */
  input?: ReadSettings;
}

const OPTIONS = [...TRANSFER_OPTIONS, 'versionId', 'input'] as const satisfies (keyof DownloadOptions)[];

/** `Bucket.download`. */
export async function download(
  connection: BucketConnection,
  key: string,
  target: string | Writable,
  options: DownloadOptions,
): Promise<Downloaded> {
  refuseUnknownOptions(options, OPTIONS);
  const run = openRun(options);
  const { versionId, input: settings } = options;
  const subject = { connection, key, versionId, settings };
  if (typeof target !== 'string') return downloadStream(subject, target, 'stream', run);
  if (target === '' || target.includes('\0')) {
    const help = 'pass the path of a file, or a stream';
    throw new AccessError('invalid-option', 'the path of a download is empty or holds NUL', help);
  }
  return downloadFile(subject, target, 'kept', run);
}
