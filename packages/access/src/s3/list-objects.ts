import type { ListObjectsV2CommandInput, ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { compareBytes } from '../byte-order.ts';
import type { BucketConnection } from './bucket-connection.ts';
import { loadS3 } from './s3-client.ts';

/** One object of a listing. */
export interface ObjectEntry {
  key: string;
  /** Bytes. */
  size: number;
  modified: Date;
  etag: string;
  storageClass?: string;
}

/** All keys that begin alike, up to the delimiter. */
export interface PrefixEntry {
  prefix: string;
}

export interface ListOptions {
  prefix?: string;
  /** Groups keys that have it after the prefix into one `PrefixEntry`. */
  delimiter?: string;
  /** Begins after this key. */
  startAfter?: string;
  /** Keys that one request asks for; 1,000 at most. */
  pageSize?: number;
  signal?: AbortSignal;
}

/** Every entry, page after page, each page in the order of S3. */
export async function* listObjects(
  connection: BucketConnection,
  target: Pick<ListObjectsV2CommandInput, 'Bucket' | 'ExpectedBucketOwner'>,
  { prefix, delimiter, startAfter, pageSize, signal }: ListOptions,
): AsyncGenerator<ObjectEntry | PrefixEntry> {
  const { ListObjectsV2Command } = await loadS3();
  let ContinuationToken: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      ...target,
      Prefix: prefix,
      Delimiter: delimiter,
      StartAfter: startAfter,
      MaxKeys: pageSize,
      // XML 1.0 has no way to write some characters that keys may hold.
      EncodingType: 'url',
      ContinuationToken,
    });
    const page = await connection.send('ListObjectsV2', command, signal);
    yield* entriesOf(page);
    ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (ContinuationToken);
}

function entriesOf({ Contents = [], CommonPrefixes = [], EncodingType }: ListObjectsV2CommandOutput) {
  const decode = EncodingType === 'url' ? decodeName : (name: string) => name;
  const objects = Contents.map(
    ({ Key = '', Size = 0, LastModified = new Date(0), ETag = '', StorageClass }): ObjectEntry => ({
      key: decode(Key),
      size: Size,
      modified: LastModified,
      etag: ETag,
      storageClass: StorageClass,
    }),
  );
  const prefixes = CommonPrefixes.map(({ Prefix = '' }): PrefixEntry => ({ prefix: decode(Prefix) }));
  if (prefixes.length === 0) return objects;
  return [...objects, ...prefixes].toSorted((a, b) => compareBytes(nameOf(a), nameOf(b)));
}

const nameOf = (entry: ObjectEntry | PrefixEntry) => ('key' in entry ? entry.key : entry.prefix);

function decodeName(name: string): string {
  return decodeURIComponent(name.replaceAll('+', ' '));
}
