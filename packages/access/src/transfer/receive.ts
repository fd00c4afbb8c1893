import { AccessError } from '../errors.ts';
import { backoff, pause } from '../lean/retry.ts';
import type { Sink } from '../s3/byte-source.ts';
import type { ObjectAnswer, ObjectCalls, ReadSettings } from '../s3/object-calls.ts';

/** One object as it was first seen: every further request asks for just that one. */
export interface Source {
  calls: ObjectCalls;
  /** `s3://bucket/key`, for messages. */
  location: string;
  key: string;
  versionId?: string;
  etag: string;
  settings?: ReadSettings;
  signal?: AbortSignal;
}

/** In a row, without a byte between them. */
const MOST_FAILURES = 5;

/**
 * Pours bytes `start` to `end`, both included, into the sink. An answer that breaks off is gone on with where it broke.
 * `first` is an answer that begins at `start` and may go on beyond `end`.
 */
export async function receive(
  source: Source,
  { start, end }: { start: number; end: number },
  sink: Sink,
  first?: ObjectAnswer,
): Promise<void> {
  const { calls, location, key, versionId, etag, settings, signal } = source;
  let at = start;
  let answer = first;
  for (let failures = 0; ;) {
    const range = { start: at, end };
    const ifMatch = etag === '' ? undefined : etag;
    answer ??= await calls
      .get({ key, versionId, settings, signal, range, ifMatch })
      .catch((error: unknown) => {
        throw asChange(error, location);
      });
    const before = at;
    try {
      const wanted = end + 1 - at;
      await answer.body.pour(wanted, (chunk) => {
        at += chunk.length;
        return sink(chunk);
      });
      return;
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof AccessError) throw error;
      failures = at > before ? 1 : failures + 1;
      if (failures >= MOST_FAILURES) throw brokenOff(location, error);
    }
    answer = undefined;
    await pause(backoff(failures), signal);
  }
}

function asChange(error: unknown, location: string): unknown {
  if (!(error instanceof AccessError) || error.code !== 'precondition-failed') return error;
  const help = 'run it again: it begins anew with the object as it is then';
  return new AccessError('object-changed', `\`${location}\` was changed while it was read`, help, {
    cause: error,
  });
}

const brokenOff = (location: string, cause: unknown) =>
  new AccessError(
    's3-unreachable',
    `the answer for \`${location}\` broke off ${MOST_FAILURES} times: ${(cause as Error).message}`,
    'check the network',
    { cause },
  );
