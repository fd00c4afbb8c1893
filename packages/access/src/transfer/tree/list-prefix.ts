import type { BucketConnection } from '../../s3/bucket-connection.ts';
import { listObjects } from '../../s3/list-objects.ts';
import type { Found } from './entry.ts';

/** Every object below a prefix, in the order of S3. */
export async function* listPrefix(
  connection: BucketConnection,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<Found> {
  for await (const entry of listObjects(connection, { prefix, signal })) {
    if (!('key' in entry)) continue;
    const { key, size, modified, etag } = entry;
    const name = key.slice(prefix.length);
    // What consoles make to show a folder.
    if (size === 0 && (name === '' || name.endsWith('/'))) yield { name, skipped: 'stands for a folder' };
    else yield { name, size, modified: modified.getTime(), etag };
  }
}
