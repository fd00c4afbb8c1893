import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { encodeCrc, isCrcName, openCrc } from '../checksums/crc.ts';
import type { ObjectAnswer } from '../s3/object-calls.ts';
import { downloadInRanges } from './download-ranges.ts';
import { fileError } from './file-error.ts';
import { fileTime, type FileTime } from './file-time.ts';
import { resolveTarget } from './partial-file.ts';
import { receive, type Source } from './receive.ts';
import type { Run } from './run.ts';
import { findChecking, openSource, type Checking, type Subject } from './source.ts';
import { digestBytes, requireSame } from './verify.ts';
import { writeWhole } from './write-whole.ts';

/** What was downloaded. */
export interface Downloaded {
  key: string;
  /** Bytes. */
  size: number;
  etag: string;
  versionId?: string;
  modified?: Date;
  contentType?: string;
  /** What the bytes were checked by; undefined where S3 keeps nothing to check them by. */
  checkedBy?: string;
  /** Bytes that an earlier process had downloaded. */
  resumed: number;
}

/** To a file, which takes its name when it is whole and checked. Rejects with an `AccessError`. */
export async function downloadFile(
  subject: Subject,
  path: string,
  time: FileTime,
  run: Run,
): Promise<Downloaded> {
  const target = await resolveTarget(path).catch((error: unknown) => {
    throw fileError(error, path);
  });
  if (target.kind === 'stream') return downloadStream(subject, createWriteStream(target.path), path, run);
  return downloadTo(subject, target.path, path, time, run);
}

/** To this very path; a link there is replaced, not followed. `shown` is its name in events. */
export async function downloadTo(
  subject: Subject,
  path: string,
  shown: string,
  time: FileTime,
  run: Run,
): Promise<Downloaded> {
  const { source, answer, bytes } = await run.flow.run(run.partSize, () => begin(subject, shown, run));
  const modified = fileTime(answer, time);
  if (bytes) {
    const checking = await findChecking(subject, answer, run);
    if (checking.check)
      requireSame(source.location, checking.check, digestBytes(checking.check, bytes, checking.partSize));
    writeWhole(path, bytes, modified);
    finished(source, shown, answer, run);
    return downloaded(subject, answer, checking, 0);
  }
  const checking = await findChecking(subject, answer, run);
  const resumed = await downloadInRanges({ source, answer, checking, path, shown, modified }, run);
  finished(source, shown, answer, run);
  return downloaded(subject, answer, checking, resumed);
}

/** Small objects come whole with the first answer. */
async function begin(
  subject: Subject,
  path: string,
  run: Run,
): Promise<{ source: Source; answer: ObjectAnswer; bytes?: Buffer }> {
  const { source, answer } = await openSource(subject, run);
  const { size } = answer;
  run.report({ type: 'started', action: 'download', from: source.location, to: path, size });
  if (size > run.partSize) return { source, answer };
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  const keep = (chunk: Buffer) => {
    at += chunk.copy(bytes, at);
    run.report({ type: 'moved', to: path, bytes: chunk.length });
    return undefined;
  };
  await receive(source, { start: 0, end: size - 1 }, keep, answer);
  return { source, answer, bytes };
}

/** To a stream, in order. What does not match its checksum is told only when it has passed. */
export async function downloadStream(
  subject: Subject,
  stream: Writable,
  shown: string,
  run: Run,
): Promise<Downloaded> {
  return run.flow.run(run.partSize, async () => {
    const { source, answer } = await openSource(subject, run);
    const { size } = answer;
    run.report({ type: 'started', action: 'download', from: source.location, to: shown, size });
    const checking = await findChecking(subject, answer, run);
    // What has gone by cannot be read again, so only a running checksum will do.
    const by = checking.check && isCrcName(checking.check.by) && checking.partSize === undefined;
    const crc = by ? openCrc(checking.check!.by as 'CRC32') : undefined;
    const write = async (chunk: Buffer) => {
      if (stream.destroyed || stream.errored) throw fileError(stream.errored ?? new Error('closed'), shown);
      // The chunk is ours for this call alone, and nobody knows how long the stream keeps what it is given.
      if (!stream.write(Buffer.from(chunk))) await once(stream, 'drain', { signal: run.signal });
    };
    const failed = new Promise<never>((_, reject) =>
      stream.once('error', (error) => reject(fileError(error, shown) as Error)),
    );
    failed.catch(() => {});
    const all = receive(
      source,
      { start: 0, end: size - 1 },
      (chunk) => {
        crc?.update(chunk);
        run.report({ type: 'moved', to: shown, bytes: chunk.length });
        return Promise.race([write(chunk), failed]);
      },
      answer,
    );
    await all;
    if (crc)
      requireSame(source.location, checking.check!, encodeCrc(checking.check!.by as 'CRC32', crc.value));
    finished(source, shown, answer, run);
    return downloaded(subject, answer, crc ? checking : { check: undefined }, 0);
  });
}

function finished({ location }: Source, to: string, { size }: ObjectAnswer, run: Run): void {
  run.report({ type: 'finished', action: 'download', from: location, to, size });
}

function downloaded(
  { key }: Subject,
  { size, etag, versionId, modified, properties }: ObjectAnswer,
  { check }: Checking,
  resumed: number,
): Downloaded {
  const { contentType } = properties;
  return { key, size, etag, versionId, modified, contentType, checkedBy: check?.by, resumed };
}
