import { refuseUnknownOptions } from '../known-options.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import type { TransferListener } from './events.ts';
import { TransferIncompleteError } from './incomplete-error.ts';
import { openRun } from './run.ts';
import { openRemovals } from './tree/removals.ts';
import { showName, type BucketSide } from './tree/side.ts';

export interface DeleteManyOptions {
  onEvent?: TransferListener;
  signal?: AbortSignal;
}

const FIRST_ERRORS = 100;

/** `Bucket.deleteMany`. */
export async function deleteMany(
  connection: BucketConnection,
  keys: Iterable<string> | AsyncIterable<string>,
  options: DeleteManyOptions,
): Promise<{ deleted: number }> {
  refuseUnknownOptions(options, ['onEvent', 'signal'] satisfies (keyof DeleteManyOptions)[]);
  const run = openRun(options);
  const side: BucketSide = { kind: 'bucket', connection, prefix: '' };
  const errors: Error[] = [];
  let deleted = 0;
  let failed = 0;
  const removals = openRemovals(
    side,
    undefined,
    {
      removed(key) {
        deleted++;
        run.report({ type: 'deleted', to: showName(side, key) });
      },
      failed(key, error) {
        failed++;
        if (errors.length < FIRST_ERRORS) errors.push(error);
        run.report({ type: 'failed', action: 'delete', to: showName(side, key), error });
      },
    },
    run.signal,
  );
  for await (const key of keys) {
    if (run.signal.aborted) throw run.signal.reason;
    const held = run.held();
    if (held) await held;
    await removals.add(key);
  }
  await removals.flush();
  if (failed === 0) return { deleted };
  const summary = { transferred: 0, bytes: 0, unchanged: 0, deleted, skipped: 0, failed };
  throw new TransferIncompleteError(summary, errors);
}
