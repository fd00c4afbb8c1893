import type { Readable } from 'node:stream';
import { AccessError } from '../errors.ts';
import { backoff, pause } from '../lean/retry.ts';
import type { ObjectAnswer, ObjectCalls, ReadSettings } from '../s3/object-calls.ts';

/** Takes bytes in order; a promise says when it can take more. Its errors are `AccessError`s. */
export type Sink = (chunk: Buffer) => Promise<void> | undefined;

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
      await pour(answer.body, wanted, answer.length > wanted, (chunk) => {
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

/** Gives exactly `wanted` bytes of a body to the sink, and hangs up where the body has `more`. */
export function pour(body: Readable, wanted: number, more: boolean, sink: Sink): Promise<void> {
  return new Promise((resolve, reject) => {
    let missing = wanted;
    const fail = (error: unknown) => {
      reject(error as Error);
      body.destroy();
    };
    const finish = () => {
      if (missing > 0) fail(new Error(`${missing} bytes are missing`));
      else resolve();
    };
    const goOn = () => {
      if (missing > 0 || !more) {
        body.resume();
        return;
      }
      body.destroy();
      resolve();
    };
    const take = (data: Buffer) => {
      if (missing <= 0) return;
      const chunk = data.length > missing ? data.subarray(0, missing) : data;
      missing -= chunk.length;
      const taken = sink(chunk);
      if (taken) {
        body.pause();
        taken.then(goOn, fail);
      } else if (missing === 0 && more) goOn();
    };
    body.on('data', (data: Buffer) => {
      try {
        take(data);
      } catch (error) {
        fail(error);
      }
    });
    body.once('end', finish);
    body.once('error', fail);
    body.once('close', () => {
      if (missing > 0) finish();
    });
    if (wanted === 0 && more) goOn();
  });
}
