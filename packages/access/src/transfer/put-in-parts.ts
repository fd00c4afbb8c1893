import { encodeCrc } from '../checksums/crc.ts';
import { outputChecksum } from '../checksums/object-checksum.ts';
import { AccessError } from '../errors.ts';
import { headObject } from '../s3/head-object.ts';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  type Multipart,
  type StoredPart,
} from '../s3/multipart.ts';
import type { Written } from '../s3/object-calls.ts';
import type { ObjectProperties } from '../s3/object-properties.ts';
import { forEachAtOnce } from './flow.ts';
import { openJournal, type Journal } from './journal.ts';
import { countParts, missingParts, partAt, type Cut, type Part } from './parts.ts';
import type { Run } from './run.ts';
import { crcOfPieces } from './verify.ts';

/** An object that is written part by part, by this process or one after it. */
export interface PartsJob {
  multipart: Multipart;
  properties: ObjectProperties;
  cut: Cut;
  /** Where to note how far it is, and all that must be the same for another process to go on. */
  journal: { path: string; subject: unknown } | undefined;
  /** The target in events. */
  shown: string;
  /** Bytes that sending a part holds. */
  memory: (part: Part) => number;
  send: (part: Part, uploadId: string) => Promise<Omit<StoredPart, 'index'>>;
  /** Whether a part that was sent before is still what the source has there. */
  isStill: (part: Part, stored: StoredPart) => Promise<boolean>;
  /** Rejects if the source is not what it was at the start. */
  requireUnchanged: () => Promise<void>;
  /** Checksum of all bytes, where it is known without those of the parts. */
  whole?: bigint;
}

/** A line of the journal. */
type Line = { uploadId: string } | { index: number; etag: string; crc?: string };

/** What is not worth going on with. */
const FINAL = new Set<AccessError['code']>([
  'file-changed',
  'object-changed',
  'checksum-mismatch',
  'precondition-failed',
]);

/** Rejects with an `AccessError`; what has arrived stays for the next process where that can go on with it. */
export async function putInParts(job: PartsJob, run: Run): Promise<Written & { resumed: number }> {
  const journal = job.journal && openJournal<unknown, Line>(job.journal.path, job.journal.subject);
  let uploadId: string | undefined;
  try {
    await abandon(job, journal?.stale ?? []);
    const left = await findLeft(job, journal?.done ?? []);
    if (left?.written) {
      journal?.remove();
      return { ...left.written, resumed: job.cut.total };
    }
    uploadId = left?.uploadId ?? (await createUpload(job.multipart, job.properties));
    if (!left) journal?.add({ uploadId });
    const parts = left?.parts ?? new Map<number, StoredPart>();
    const resumed = sizeOf([...parts.keys()], job.cut);
    if (resumed > 0) run.report({ type: 'resumed', to: job.shown, bytes: resumed });
    await sendMissing(job, uploadId, parts, journal, run);
    await job.requireUnchanged();
    const written = await complete(job, uploadId, parts);
    journal?.remove();
    return { ...written, resumed };
  } catch (error) {
    const final = !journal || (error instanceof AccessError && FINAL.has(error.code));
    if (final && uploadId !== undefined) await abortUpload(job.multipart, uploadId);
    if (final) journal?.remove();
    else journal?.keep();
    throw error;
  }
}

/** Parts of what was there before are of no use, and cost money. */
async function abandon({ multipart }: PartsJob, lines: readonly Line[]): Promise<void> {
  for (const line of lines) if ('uploadId' in line) await abortUpload(multipart, line.uploadId);
}

const sizeOf = (indexes: readonly number[], cut: Cut) =>
  indexes.reduce((sum, index) => sum + partAt(cut, index).length, 0);

interface Left {
  uploadId: string;
  parts: Map<number, StoredPart>;
  /** The object, where the process before was ended just after it had completed it. */
  written?: Written;
}

/** What a process before has left, as far as S3 and the source still have the same. */
async function findLeft(job: PartsJob, lines: readonly Line[]): Promise<Left | undefined> {
  const start = lines.findLast((line) => 'uploadId' in line);
  if (!start) return undefined;
  const { uploadId } = start;
  const noted = new Map<number, StoredPart>();
  const count = countParts(job.cut);
  for (const line of lines.slice(lines.indexOf(start)))
    if ('index' in line && line.index < count)
      noted.set(line.index, { ...line, crc: line.crc === undefined ? undefined : BigInt(`0x${line.crc}`) });
  const stored = await partsOf(job, uploadId, noted);
  if (stored === 'gone') {
    const written = noted.size === count ? await findWritten(job, noted) : undefined;
    return written && { uploadId, parts: noted, written };
  }
  const parts = new Map<number, StoredPart>();
  for (const [index, part] of noted)
    if (stored.get(index) === part.etag && (await job.isStill(partAt(job.cut, index), part)))
      parts.set(index, part);
  return { uploadId, parts };
}

async function partsOf(
  { multipart }: PartsJob,
  uploadId: string,
  noted: ReadonlyMap<number, StoredPart>,
): Promise<ReadonlyMap<number, string> | 'gone'> {
  try {
    return await listParts(multipart, uploadId);
  } catch (error) {
    const code = error instanceof AccessError ? error.code : undefined;
    if (code === 'no-such-upload') return 'gone';
    // Whoever may write need not be allowed to list: the journal has the same.
    if (code === 'access-denied') return new Map([...noted].map(([index, { etag }]) => [index, etag]));
    throw error;
  }
}

async function sendMissing(
  job: PartsJob,
  uploadId: string,
  parts: Map<number, StoredPart>,
  journal: Journal<Line> | undefined,
  run: Run,
): Promise<void> {
  const send = async (part: Part) => {
    const sent = await job.send(part, uploadId);
    parts.set(part.index, { index: part.index, ...sent });
    journal?.add({ index: part.index, etag: sent.etag, crc: sent.crc?.toString(16) });
    run.report({ type: 'moved', to: job.shown, bytes: part.length });
  };
  const done = new Set(parts.keys());
  await forEachAtOnce(missingParts(job.cut, done), run.concurrency, (part) =>
    run.flow.run(job.memory(part), () => send(part)),
  );
}

async function complete(
  job: PartsJob,
  uploadId: string,
  parts: ReadonlyMap<number, StoredPart>,
): Promise<Written> {
  const inOrder = [...parts.values()].toSorted((a, b) => a.index - b.index);
  const whole = { size: job.cut.total, crc: crcOfAll(job, inOrder) };
  try {
    return await completeUpload(job.multipart, uploadId, inOrder, whole);
  } catch (error) {
    // The answer may have been lost, and the upload gone because it is complete.
    const written = isUnclear(error) ? await findWritten(job, parts) : undefined;
    if (!written) throw error;
    return written;
  }
}

const isUnclear = (error: unknown) =>
  error instanceof AccessError &&
  (error.code === 'no-such-upload' || error.code === 's3-unreachable' || error.code === 's3-failed');

function crcOfAll({ multipart, cut, whole }: PartsJob, inOrder: readonly StoredPart[]): bigint | undefined {
  if (whole !== undefined) return whole;
  const crcs = inOrder.flatMap(({ crc }) => (crc === undefined ? [] : crc));
  const { checksum } = multipart;
  return checksum && crcs.length === inOrder.length ? crcOfPieces(checksum, crcs, cut) : undefined;
}

/** The object under the key, if it is the one that these parts make. */
async function findWritten(
  job: PartsJob,
  parts: ReadonlyMap<number, StoredPart>,
): Promise<Written | undefined> {
  const inOrder = [...parts.values()].toSorted((a, b) => a.index - b.index);
  const crc = crcOfAll(job, inOrder);
  const { connection, key, checksum, signal } = job.multipart;
  if (!checksum || crc === undefined) return undefined;
  const input = { ...connection.target, Key: key, ChecksumMode: 'ENABLED' as const };
  const head = await headObject(connection, input, signal).catch(() => undefined);
  const same =
    head?.ContentLength === job.cut.total && outputChecksum(head)?.value === encodeCrc(checksum, crc);
  return same ? { etag: head.ETag ?? '', versionId: head.VersionId } : undefined;
}
