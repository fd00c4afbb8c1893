import type { Readable } from 'node:stream';
import { combineCrc, crcOf } from '../checksums/crc.ts';
import { AccessError } from '../errors.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  type Multipart,
  type StoredPart,
} from '../s3/multipart.ts';
import { openCalls } from '../s3/open-calls.ts';
import { fileError } from './file-error.ts';
import { forEachAtOnce } from './flow.ts';
import { MOST_PARTS, uploadPartSize } from './parts.ts';
import type { Run } from './run.ts';
import { locationOf, type Uploaded, type UploadSubject } from './upload-subject.ts';

interface FilledPart {
  index: number;
  body: Buffer;
  /** Gives its memory back. */
  free: () => void;
}

/**
 * A stream whose length nobody knows. It cannot be read a second time, so it is not resumed, and each part is held until
 * it has arrived. `expectedSize` bounds its parts; without, they grow with their number.
 */
export async function uploadStream(
  subject: UploadSubject,
  stream: Readable,
  shown: string,
  expectedSize: number | undefined,
  run: Run,
): Promise<Uploaded> {
  const to = locationOf(subject);
  run.report({ type: 'started', action: 'upload', from: shown, to, size: expectedSize });
  const size = uploadPartSize(expectedSize ?? 0, run.partSize);
  const sizeAt = (index: number) => (expectedSize === undefined ? size * growth(index) : size);
  const parts = readParts(stream, shown, sizeAt, run);
  const first = (await parts.next()).value!;
  const done =
    first.body.length < sizeAt(0)
      ? await sendWhole(subject, first, run)
      : await sendParts(subject, first, parts, run);
  run.report({ type: 'finished', action: 'upload', from: shown, to, size: done.size });
  return done;
}

/** So that the most parts that S3 takes hold 470 GiB with the usual part size. */
const growth = (index: number) => (index < 1000 ? 1 : index < 2000 ? 2 : index < 4000 ? 4 : 8);

/** One part at least; the last is the only one that may be short. Waits for memory before it reads. */
async function* readParts(
  stream: Readable,
  shown: string,
  sizeAt: (index: number) => number,
  run: Run,
): AsyncGenerator<FilledPart, undefined> {
  const fill = filler(stream, shown);
  for (let index = 0; ; index++) {
    const size = sizeAt(index);
    const leave = await run.flow.enter(size);
    const buffer = run.buffers.take(size);
    const length = await fill(buffer);
    const free = () => {
      run.buffers.give(buffer);
      leave();
    };
    if (length === 0 && index > 0) {
      free();
      return undefined;
    }
    if (index >= MOST_PARTS) throw tooLong(shown);
    yield { index, body: buffer.subarray(0, length), free };
    if (length < size) return undefined;
  }
}

const tooLong = (shown: string) =>
  new AccessError(
    'too-large',
    `\`${shown}\` goes on after ${MOST_PARTS} parts, which is all that S3 takes`,
    'tell its size beforehand with `expectedSize` (--expected-size), or choose larger parts',
  );

/** Fills a buffer from a stream; fewer bytes than it holds are the last. */
function filler(stream: Readable, shown: string): (buffer: Buffer) => Promise<number> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
  let rest: Buffer | undefined;
  return async (buffer) => {
    let at = 0;
    while (at < buffer.length) {
      if (!rest) {
        const { done, value } = await chunks.next().catch((error: unknown) => {
          throw fileError(error, shown);
        });
        if (done) break;
        rest =
          typeof value === 'string'
            ? Buffer.from(value)
            : Buffer.from(value.buffer, value.byteOffset, value.length);
      }
      const copied: number = rest.copy(buffer, at);
      at += copied;
      rest = copied < rest.length ? rest.subarray(copied) : undefined;
    }
    return at;
  };
}

async function sendWhole(subject: UploadSubject, { body, free }: FilledPart, run: Run): Promise<Uploaded> {
  const { connection, key, properties, settings } = subject;
  const { signal, checksum: name } = run;
  try {
    const checksum = name && { name, value: crcOf(name, body) };
    const written = await openCalls(connection).put({ key, body, checksum, properties, settings, signal });
    run.report({ type: 'moved', to: locationOf(subject), bytes: body.length });
    return { key, size: body.length, resumed: 0, ...written };
  } finally {
    free();
  }
}

async function sendParts(
  subject: UploadSubject,
  first: FilledPart,
  others: AsyncIterable<FilledPart>,
  run: Run,
): Promise<Uploaded> {
  const { connection, key, properties, settings } = subject;
  const { signal, checksum } = run;
  const multipart: Multipart = { connection, key, settings, checksum, signal };
  const calls = openCalls(connection);
  const sent: (StoredPart & { length: number })[] = [];
  const uploadId = await createUpload(multipart, properties);
  async function* all() {
    yield first;
    yield* others;
  }
  try {
    await forEachAtOnce(all(), run.concurrency, async ({ index, body, free }) => {
      try {
        const crc = checksum && crcOf(checksum, body);
        const sum = checksum && crc !== undefined ? { name: checksum, value: crc } : undefined;
        const part = { key, uploadId, number: index + 1, body, checksum: sum, settings, signal };
        const { etag } = await calls.uploadPart(part);
        sent.push({ index, etag, crc, length: body.length });
        run.report({ type: 'moved', to: locationOf(subject), bytes: body.length });
      } finally {
        free();
      }
    });
    const parts = sent.toSorted((a, b) => a.index - b.index);
    const size = parts.reduce((sum, { length }) => sum + length, 0);
    const crc =
      checksum && parts.reduce((sum, part) => combineCrc(checksum, sum, part.crc!, part.length), 0n);
    const written = await completeUpload(multipart, uploadId, parts, { size, crc });
    return { key, size, resumed: 0, ...written };
  } catch (error) {
    await abortUpload(multipart, uploadId);
    throw error;
  }
}
