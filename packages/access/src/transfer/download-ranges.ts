import { statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isCrcName, openCrc, type CrcName } from '../checksums/crc.ts';
import { AccessError } from '../errors.ts';
import type { ObjectAnswer } from '../s3/object-calls.ts';
import { fileError } from './file-error.ts';
import { FilePace } from './file-pace.ts';
import { forEachAtOnce } from './flow.ts';
import { openJournal, type Journal } from './journal.ts';
import { discard, journalOf, lastingPartial, openPartial, publish } from './partial-file.ts';
import { countParts, MiB, missingParts, partAt, type Cut, type Part } from './parts.ts';
import { RangeWriter } from './range-writer.ts';
import { receive, type Source } from './receive.ts';
import type { Run } from './run.ts';
import type { Checking } from './source.ts';
import { digestFile, foldCrcs, requireSame } from './verify.ts';

export interface RangedDownload {
  source: Source;
  /** To the request for the whole object; its body has not been read. */
  answer: ObjectAnswer;
  checking: Checking;
  path: string;
  /** The path in events. */
  shown: string;
  modified: number | undefined;
}

/** A part that is on the disk. */
interface DonePart {
  index: number;
  /** Hexadecimal. */
  crc: string;
}

/** In use by one range: what the sockets hand out before it is written. */
const RANGE_MEMORY = 2 * MiB;

/** Several ranges at a time, each written where it belongs. Returns the bytes that an earlier process had written. */
export async function downloadInRanges(download: RangedDownload, run: Run): Promise<number> {
  const { source, answer, checking, path } = download;
  const crc: CrcName = checking.check && isCrcName(checking.check.by) ? checking.check.by : 'CRC32';
  const cut: Cut = { total: answer.size, size: run.partSize, align: checking.partSize };
  const { location, versionId, etag } = source;
  const subject = { location, versionId, etag, cut, crc };
  const partial = lastingPartial(path);
  const journal = openJournal<typeof subject, DonePart>(journalOf(path), subject);
  let finished = false;
  try {
    const left = run.resume ? journal.done : [];
    const file = await openPartial(partial, left.length === 0);
    try {
      const crcs = await findDone(file, left, cut, crc);
      const resumed = [...crcs.keys()].reduce((sum, index) => sum + partAt(cut, index).length, 0);
      if (resumed > 0) run.report({ type: 'resumed', to: download.shown, bytes: resumed });
      await requireRoom(path, answer.size - resumed);
      await fetchMissing(download, { file, journal, cut, crc, crcs }, run);
      await verify(download, { file, cut, crc, crcs });
      await file.datasync();
      if (download.modified !== undefined) await file.utimes(download.modified, download.modified);
      await publish(partial, path);
      finished = true;
      return resumed;
    } finally {
      await file.close();
    }
  } catch (error) {
    const failure = fileError(error, path);
    // What is wrong will not be right next time.
    if (failure instanceof AccessError && WORTHLESS.has(failure.code)) {
      finished = true;
      await discard(partial);
    }
    throw failure;
  } finally {
    answer.body.close();
    if (finished) journal.remove();
    else journal.keep();
  }
}

const WORTHLESS = new Set<AccessError['code']>([
  'checksum-mismatch',
  'precondition-failed',
  'object-changed',
]);

interface Progress {
  file: FileHandle;
  journal: Journal<DonePart>;
  cut: Cut;
  crc: CrcName;
  /** By index of the part. */
  crcs: Map<number, bigint>;
}

/** The parts in the journal whose bytes are on the disk as it says: after a power cut, they may not be. */
async function findDone(
  file: FileHandle,
  done: readonly DonePart[],
  cut: Cut,
  name: CrcName,
): Promise<Map<number, bigint>> {
  const found = new Map<number, bigint>();
  const count = countParts(cut);
  const buffer = Buffer.allocUnsafe(done.length > 0 ? MiB : 0);
  for (const { index, crc: expected } of done) {
    if (!Number.isInteger(index) || index < 0 || index >= count) continue;
    const actual = await crcOfRange(file, partAt(cut, index), name, buffer);
    if (actual.toString(16) === expected) found.set(index, actual);
  }
  return found;
}

async function crcOfRange(
  file: FileHandle,
  { start, length }: Part,
  name: CrcName,
  buffer: Buffer,
): Promise<bigint> {
  const crc = openCrc(name);
  for (let at = 0; at < length;) {
    const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, length - at), start + at);
    if (bytesRead === 0) break;
    crc.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
  return crc.value;
}

async function fetchMissing(download: RangedDownload, progress: Progress, run: Run): Promise<void> {
  const { source, answer, path, shown } = download;
  const { file, journal, cut, crc, crcs } = progress;
  const pace = new FilePace();
  const fetch = async (part: Part) => {
    const sum = openCrc(crc);
    const writer = new RangeWriter(file.fd, path, part.start, sum, pace);
    const range = { start: part.start, end: part.start + part.length - 1 };
    const write = (chunk: Buffer) => {
      run.report({ type: 'moved', to: shown, bytes: chunk.length });
      return writer.add(chunk);
    };
    await receive(source, range, write, part.index === 0 ? answer : undefined);
    crcs.set(part.index, sum.value);
    journal.add({ index: part.index, crc: sum.value.toString(16) });
  };
  await forEachAtOnce(missingParts(cut, new Set(crcs.keys())), run.concurrency, (part) =>
    run.flow.run(RANGE_MEMORY, () => fetch(part)),
  );
}

/** Before the first byte, where the file system tells. */
async function requireRoom(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(path)).catch(() => ({ bavail: Infinity, bsize: 1 }));
  if (bytes <= bavail * bsize) return;
  throw new AccessError(
    'disk-full',
    `\`${path}\` needs ${bytes} bytes more, and there is room for ${bavail * bsize}`,
    'make room, or choose another folder',
  );
}

async function verify(
  { source, answer, checking }: RangedDownload,
  { file, cut, crc, crcs }: Pick<Progress, 'file' | 'cut' | 'crc' | 'crcs'>,
): Promise<void> {
  const { check, partSize } = checking;
  if (!check) return;
  const inOrder = Array.from({ length: countParts(cut) }, (_, index) => crcs.get(index)!);
  const actual = isCrcName(check.by)
    ? foldCrcs(crc, inOrder, cut, partSize !== undefined)
    : await digestFile(file, check.by, answer.size, partSize);
  requireSame(source.location, check, actual);
}
