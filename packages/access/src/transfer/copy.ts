import type { HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { outputChecksum, wholeCrc } from '../checksums/object-checksum.ts';
import { AccessError } from '../errors.ts';
import { placeOf } from '../lean/place.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import { copyPart, copyWhole, readTags, type CopyRequest } from '../s3/copy-calls.ts';
import { headObject } from '../s3/head-object.ts';
import type { ReadSettings, WriteSettings, Written } from '../s3/object-calls.ts';
import { outputProperties } from '../s3/object-properties.ts';
import { asServiceError } from '../sdk-error.ts';
import { copyThroughMemory } from './copy-through-memory.ts';
import type { CopyWay, CopyWays } from './copy-ways.ts';
import { MiB, uploadPartSize } from './parts.ts';
import { putInParts } from './put-in-parts.ts';
import type { Run } from './run.ts';
import { stateJournal } from './state-directory.ts';
import { locationOf } from './upload-subject.ts';

export interface CopySubject {
  from: BucketConnection;
  key: string;
  versionId?: string;
  to: BucketConnection;
  toKey: string;
  /** False leaves the tags of the source behind. */
  tags: boolean;
  /** Of reads through memory. */
  readSettings?: ReadSettings;
  settings?: WriteSettings;
  /** Bytes, where a listing has told. */
  size?: number;
}

/** What was copied. */
export interface Copied extends Written {
  key: string;
  /** Bytes. */
  size: number;
  /** Whose credentials made S3 copy it, or that it came through memory. */
  way: CopyWay;
  /** Bytes that an earlier process had copied. */
  resumed: number;
}

/** Rejects with an `AccessError`. */
export async function copyObject(subject: CopySubject, ways: CopyWays, run: Run): Promise<Copied> {
  const from = locationOf({ connection: subject.from, key: subject.key });
  const to = locationOf({ connection: subject.to, key: subject.toKey });
  run.report({ type: 'started', action: 'copy', from, to, size: subject.size });
  const copied = await firstWay(subject, ways, run);
  run.report({ type: 'finished', action: 'copy', from, to, size: copied.size });
  return copied;
}

async function firstWay(subject: CopySubject, ways: CopyWays, run: Run): Promise<Copied> {
  const inOrder = ways.inOrder();
  for (const way of inOrder.slice(0, -1)) {
    try {
      const copied = await copyBy(way, subject, run);
      ways.worked(way);
      return copied;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      ways.denied(way);
    }
  }
  return copyBy(inOrder.at(-1)!, subject, run);
}

/** One credential may not do both, or this service does not copy. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof AccessError)) return false;
  return error.code === 'access-denied' || asServiceError(error.cause).$metadata?.httpStatusCode === 501;
}

async function copyBy(way: CopyWay, subject: CopySubject, run: Run): Promise<Copied> {
  if (way === 'through-memory') return copyThroughMemory(subject, run);
  const { from, to } = subject;
  // Both ends, seen with the one credential.
  const source = way === 'by-source' ? from : to.at(from.target);
  const target = way === 'by-source' ? from.at(to.target) : to;
  return copyInside(way, subject, source, target, run);
}

/** What one request of S3 copies at most; above it, and unless told otherwise, parts go at the same time. */
const PART = 128 * MiB;

async function copyInside(
  way: CopyWay,
  subject: CopySubject,
  source: BucketConnection,
  target: BucketConnection,
  run: Run,
): Promise<Copied> {
  const { key, versionId, toKey, tags, settings } = subject;
  const { signal } = run;
  const partSize = Math.max(run.givenPartSize ?? PART, 0);
  const request = (etag: string | undefined, version: string | undefined): CopyRequest => ({
    connection: target,
    key: toKey,
    source: { target: source.target, key, versionId: version, etag },
    settings,
    signal,
  });
  if (subject.size !== undefined && subject.size <= partSize) {
    const written = await run.flow.run(0, () => copyWhole(request(undefined, versionId), tags));
    run.report({ type: 'moved', to: locationOf({ connection: target, key: toKey }), bytes: subject.size });
    return { key: toKey, size: subject.size, way, resumed: 0, ...written };
  }
  const head = await run.flow.run(0, () => headOf(source, subject, run));
  const { ContentLength: size = 0, ETag: etag } = head;
  if (size <= partSize) {
    const written = await run.flow.run(0, () => copyWhole(request(etag, versionId), tags));
    run.report({ type: 'moved', to: locationOf({ connection: target, key: toKey }), bytes: size });
    return { key: toKey, size, way, resumed: 0, ...written };
  }
  const parts = await copyInParts(way, subject, head, request(etag, versionId ?? head.VersionId), run);
  return { key: toKey, size, way, ...parts };
}

const headOf = (source: BucketConnection, { key, versionId, readSettings }: CopySubject, { signal }: Run) =>
  headObject(
    source,
    { ...readSettings, ...source.target, Key: key, VersionId: versionId, ChecksumMode: 'ENABLED' },
    signal,
  );

async function copyInParts(
  way: CopyWay,
  subject: CopySubject,
  head: HeadObjectCommandOutput,
  request: CopyRequest,
  run: Run,
): Promise<Written & { resumed: number }> {
  const { toKey, settings, tags } = subject;
  const { connection, source, signal } = request;
  const { ContentLength: total = 0, TagCount = 0 } = head;
  const cut = { total, size: uploadPartSize(total, run.givenPartSize ?? PART) };
  const sourceCrc = wholeCrc(outputChecksum(head));
  const shown = locationOf({ connection, key: toKey });
  const tagging =
    tags && TagCount > 0 ? await readTags(subject.from, subject.key, source.versionId, signal) : undefined;
  const names = [
    'copy',
    await placeOf(connection),
    shown,
    locationOf({ connection: subject.from, key: subject.key }),
  ];
  return putInParts(
    {
      multipart: { connection, key: toKey, settings, checksum: sourceCrc?.name, signal },
      properties: { ...outputProperties(head), tagging },
      cut,
      journal: run.resume
        ? {
            path: await stateJournal(run.stateDirectory, names),
            subject: { names, way, cut, etag: source.etag, versionId: source.versionId, settings },
          }
        : undefined,
      shown,
      memory: () => 0,
      send: ({ index, start, length }, uploadId) =>
        copyPart(request, { uploadId, number: index + 1, start, length }),
      // Every part was copied from the very same ETag.
      isStill: async () => true,
      requireUnchanged: async () => {},
      whole: sourceCrc?.value,
    },
    run,
  );
}
