import type { BucketConnection } from './bucket-connection.ts';
import type { ListPage, ObjectEntry, PrefixEntry } from './list-page.ts';
import { openCalls } from './open-calls.ts';

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

/** Every entry, page after page, in the order of S3; the next page is on its way while one is read. */
export async function* listObjects(
  connection: BucketConnection,
  options: ListOptions,
): AsyncGenerator<ObjectEntry | PrefixEntry> {
  const { prefix, delimiter, startAfter, pageSize, signal } = options;
  const calls = openCalls(connection);
  const ask = (token?: string) => calls.list({ prefix, delimiter, startAfter, pageSize, signal, token });
  let coming: Promise<ListPage> | undefined = ask();
  while (coming) {
    const { entries, next }: ListPage = await coming;
    coming = next === undefined ? undefined : ask(next);
    // Whoever stops here must not be told later.
    coming?.catch(() => {});
    yield* entries;
  }
}
