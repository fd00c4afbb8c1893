import { rm } from 'node:fs/promises';
import { AccessError } from '../../errors.ts';
import { asServiceError } from '../../sdk-error.ts';
import { loadS3 } from '../../s3/s3-client.ts';
import { fileError } from '../file-error.ts';
import { Flow } from '../flow.ts';
import type { BucketConnection } from '../../s3/bucket-connection.ts';
import type { Side } from './side.ts';
import type { TargetFolder } from './target-folder.ts';

/** What DeleteObjects takes at a time. https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MOST_KEYS = 1000;
/** Requests, each of which takes S3 long. */
const AT_ONCE = 4;

export interface RemovalReport {
  removed: (name: string) => void;
  failed: (name: string, error: Error) => void;
}

/** Removes names of one side, gathered into as few requests as there may be. */
export interface Removals {
  add(name: string): Promise<void>;
  /** Nothing is left waiting. */
  flush(): Promise<void>;
}

export function openRemovals(
  side: Side,
  folder: TargetFolder | undefined,
  report: RemovalReport,
  signal: AbortSignal,
): Removals {
  if (side.kind === 'folder') return removeFiles(folder!, report);
  const { connection, prefix } = side;
  let waiting: string[] = [];
  const requests = new Flow(AT_ONCE);
  const failures: unknown[] = [];
  const send = async () => {
    const names = waiting;
    waiting = [];
    const leave = await requests.enter();
    removeObjects(connection, prefix, names, report, signal)
      .catch((error: unknown) => failures.push(error))
      .finally(leave);
  };
  return {
    async add(name) {
      waiting.push(name);
      if (waiting.length >= MOST_KEYS) await send();
      if (failures.length > 0) throw failures[0];
    },
    async flush() {
      if (waiting.length > 0) await send();
      await requests.settled();
      if (failures.length > 0) throw failures[0];
    },
  };
}

function removeFiles(folder: TargetFolder, report: RemovalReport): Removals {
  return {
    async add(name) {
      const path = folder.pathOf(name);
      try {
        await rm(path, { force: true });
        report.removed(name);
      } catch (error) {
        report.failed(name, fileError(error, path) as Error);
      }
    },
    flush: async () => {},
  };
}

async function removeObjects(
  connection: BucketConnection,
  prefix: string,
  names: string[],
  report: RemovalReport,
  signal: AbortSignal,
): Promise<void> {
  const { DeleteObjectsCommand } = await loadS3();
  const command = new DeleteObjectsCommand({
    ...connection.target,
    Delete: { Quiet: true, Objects: names.map((name) => ({ Key: prefix + name })) },
  });
  try {
    const { Errors = [] } = await connection.send('DeleteObjects', command, signal);
    const failures = new Map(Errors.map((error) => [error.Key ?? '', error]));
    for (const name of names) {
      const failure = failures.get(prefix + name);
      if (failure) report.failed(name, await refusal(connection, prefix + name, failure));
      else report.removed(name);
    }
  } catch (error) {
    if (signal.aborted || asServiceError(error).name === 'AbortError') throw error;
    for (const name of names) report.failed(name, error as Error);
  }
}

async function refusal(
  connection: BucketConnection,
  key: string,
  { Code: name = '', Message: message = name }: { Code?: string; Message?: string },
): Promise<AccessError> {
  const said = `\`s3://${connection.target.Bucket}/${key}\` was not deleted: ${message}`;
  if (name !== 'AccessDenied') return new AccessError('s3-failed', said, 'run it again');
  const denied = Object.assign(new Error(message), { name });
  const { help } = (await connection.failure(denied, 'DeleteObject', {
    ...connection.target,
    Key: key,
  })) as AccessError;
  return new AccessError('access-denied', said, help);
}
