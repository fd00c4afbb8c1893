import { realpath } from 'node:fs/promises';
import { crcOf, openCrc, type CrcName } from '../checksums/crc.ts';
import type { SlicedBody, Written } from '../s3/object-calls.ts';
import type { ObjectProperties } from '../s3/object-properties.ts';
import { placeOf } from '../lean/place.ts';
import { openCalls } from '../s3/open-calls.ts';
import { contentType } from './content-types.ts';
import { timeMetadata } from './file-time.ts';
import {
  openLocalFile,
  readFully,
  readSmallFile,
  requireUnchanged,
  sliceOf,
  SMALL_FILE,
  type LocalFile,
  type SmallFile,
} from './local-file.ts';
import { MiB, uploadPartSize, type Part } from './parts.ts';
import { putInParts } from './put-in-parts.ts';
import type { Run } from './run.ts';
import { stateJournal } from './state-directory.ts';
import { uploadStream } from './upload-stream.ts';
import { locationOf, type Uploaded, type UploadSubject } from './upload-subject.ts';

/** Larger parts are read twice, for their checksum and to be sent, rather than held. */
const HELD = 16 * MiB;

/** Rejects with an `AccessError`. `listed` is the size of a regular file, where a listing has told it. */
export async function uploadFile(
  subject: UploadSubject,
  path: string,
  run: Run,
  listed = Infinity,
): Promise<Uploaded> {
  const small = listed <= SMALL_FILE ? run.pace.atOnce(() => readSmallFile(path)) : undefined;
  if (small) return uploadSmall(subject, small, run);
  const file = await openLocalFile(path);
  const to = locationOf(subject);
  try {
    if (!file.regular)
      return await uploadStream(subject, file.handle.createReadStream(), path, undefined, run);
    const { size } = file;
    run.report({ type: 'started', action: 'upload', from: path, to, size });
    const described = describeFile(subject, file);
    const done =
      size <= run.partSize
        ? await uploadWhole(described, file, run)
        : await uploadParts(described, file, run);
    run.report({ type: 'finished', action: 'upload', from: path, to, size });
    return done;
  } finally {
    await file.handle.close();
  }
}

async function uploadSmall(subject: UploadSubject, small: SmallFile, run: Run): Promise<Uploaded> {
  const { path: from, bytes } = small;
  const size = bytes.length;
  const to = locationOf(subject);
  run.report({ type: 'started', action: 'upload', from, to, size });
  const written = await run.flow.run(size, () => putWhole(describeFile(subject, small), bytes, run));
  run.report({ type: 'moved', to, bytes: size });
  run.report({ type: 'finished', action: 'upload', from, to, size });
  return { key: subject.key, size, resumed: 0, ...written };
}

function describeFile(
  subject: UploadSubject,
  { path, state }: Pick<LocalFile, 'path' | 'state'>,
): UploadSubject {
  const { properties } = subject;
  const metadata = { ...timeMetadata(state.mtimeNs), ...properties.metadata };
  return {
    ...subject,
    properties: { contentType: contentType(path), ...withoutUndefined(properties), metadata },
  };
}

const withoutUndefined = (properties: ObjectProperties): ObjectProperties =>
  Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));

async function uploadWhole(subject: UploadSubject, file: LocalFile, run: Run): Promise<Uploaded> {
  const { size } = file;
  const written = await run.flow.run(size, async () => {
    const body = run.buffers.take(size);
    await readFully(file, body, 0);
    await requireUnchanged(file);
    const put = await putWhole(subject, body, run);
    run.buffers.give(body);
    return put;
  });
  run.report({ type: 'moved', to: locationOf(subject), bytes: size });
  return { key: subject.key, size, resumed: 0, ...written };
}

function putWhole(
  { connection, key, properties, settings }: UploadSubject,
  body: Uint8Array,
  { checksum: name, signal }: Run,
): Promise<Written> {
  const checksum = checksumOf(name, body);
  return openCalls(connection).put({ key, body, checksum, properties, settings, signal });
}

const checksumOf = (name: CrcName | undefined, bytes: Uint8Array) =>
  name && { name, value: crcOf(name, bytes) };

async function uploadParts(subject: UploadSubject, file: LocalFile, run: Run): Promise<Uploaded> {
  const { connection, key, properties, settings } = subject;
  const { size: total, path, state } = file;
  const cut = { total, size: uploadPartSize(total, run.partSize) };
  const { signal, checksum } = run;
  const calls = openCalls(connection);
  const shown = locationOf(subject);

  const sendBody = async (part: Part, uploadId: string, body: Uint8Array | SlicedBody, crc?: bigint) => {
    const sum = checksum && crc !== undefined ? { name: checksum, value: crc } : undefined;
    const request = { key, uploadId, number: part.index + 1, body, checksum: sum, settings, signal };
    const { etag } = await calls.uploadPart(request).catch(async (error: unknown) => {
      await requireUnchanged(file);
      throw error;
    });
    return { etag, crc };
  };
  const send = async (part: Part, uploadId: string) => {
    const slice = sliceOf(file, part.start, part.length);
    if (part.length > HELD)
      return sendBody(part, uploadId, slice, checksum && (await crcOfSlice(checksum, slice)));
    const body = run.buffers.take(part.length);
    await readFully(file, body, part.start);
    const sent = await sendBody(part, uploadId, body, checksum && crcOf(checksum, body));
    run.buffers.give(body);
    return sent;
  };

  const real = await realpath(path);
  const subjectOfJournal = {
    to: shown,
    from: real,
    total,
    mtime: String(state.mtimeNs),
    inode: String(state.ino),
    cut,
    checksum,
    properties,
    settings,
  };
  const { resumed, ...written } = await putInParts(
    {
      multipart: { connection, key, settings, checksum, signal },
      properties,
      cut,
      journal: run.resume
        ? {
            path: await stateJournal(run.stateDirectory, ['upload', await placeOf(connection), shown, real]),
            subject: subjectOfJournal,
          }
        : undefined,
      shown,
      memory: ({ length }) => (length > HELD ? 2 * MiB : length),
      send,
      isStill: async ({ start, length }, { crc }) =>
        !checksum || crc === (await crcOfSlice(checksum, sliceOf(file, start, length))),
      requireUnchanged: () => requireUnchanged(file),
    },
    run,
  );
  return { key, size: total, resumed, ...written };
}

async function crcOfSlice(name: CrcName, slice: SlicedBody): Promise<bigint> {
  const crc = openCrc(name);
  for await (const chunk of slice.chunks()) crc.update(chunk);
  return crc.value;
}
