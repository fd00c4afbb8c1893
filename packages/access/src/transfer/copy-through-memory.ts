import { crcOf, isCrcName, type CrcName } from '../checksums/crc.ts';
import { wholeCrc } from '../checksums/object-checksum.ts';
import { placeOf } from '../lean/place.ts';
import { readTags } from '../s3/copy-calls.ts';
import type { ObjectAnswer } from '../s3/object-calls.ts';
import type { ObjectProperties } from '../s3/object-properties.ts';
import { openCalls } from '../s3/open-calls.ts';
import type { Copied, CopySubject } from './copy.ts';
import { countParts, uploadPartSize, type Cut, type Part } from './parts.ts';
import { putInParts } from './put-in-parts.ts';
import { receive, type Source } from './receive.ts';
import type { Run } from './run.ts';
import { findChecking, openSource, type Checking, type Subject } from './source.ts';
import { stateJournal } from './state-directory.ts';
import { locationOf } from './upload-subject.ts';
import { digestBytes, foldCrcs, requireSame } from './verify.ts';

/** Each side with its own credentials; the bytes never touch the disk. */
export async function copyThroughMemory(subject: CopySubject, run: Run): Promise<Copied> {
  const { from: connection, key, versionId, readSettings: settings, size } = subject;
  const reading: Subject = { connection, key, versionId, settings };
  const held = Math.min(size ?? run.partSize, run.partSize);
  const small = await run.flow.run(held, () => copySmall(subject, reading, run));
  if (small.copied) return small.copied;
  return copyLarge(subject, reading, small.source, small.answer, run);
}

type Begun = { copied: Copied } | { copied?: undefined; source: Source; answer: ObjectAnswer };

async function copySmall(subject: CopySubject, reading: Subject, run: Run): Promise<Begun> {
  const { source, answer } = await openSource(reading, run);
  const { size } = answer;
  if (size > run.partSize) return { source, answer };
  const body = run.buffers.take(size);
  await receiveInto(body, source, 0, answer);
  const checking = await findChecking(reading, answer, run);
  if (checking.check)
    requireSame(source.location, checking.check, digestBytes(checking.check, body, checking.partSize));
  const properties = await propertiesOf(subject, answer, run);
  const { to, toKey: key, settings } = subject;
  const name = checksumOf(answer, run);
  const checksum = name && { name, value: crcOf(name, body) };
  const { signal } = run;
  const written = await openCalls(to).put({ key, body, checksum, properties, settings, signal });
  run.buffers.give(body);
  run.report({ type: 'moved', to: locationOf({ connection: to, key }), bytes: size });
  return { copied: { key, size, way: 'through-memory', resumed: 0, ...written } };
}

async function receiveInto(
  buffer: Buffer,
  source: Source,
  start: number,
  first?: ObjectAnswer,
): Promise<void> {
  let at = 0;
  const keep = (chunk: Buffer) => {
    at += chunk.copy(buffer, at);
    return undefined;
  };
  await receive(source, { start, end: start + buffer.length - 1 }, keep, first);
}

async function propertiesOf(subject: CopySubject, answer: ObjectAnswer, run: Run): Promise<ObjectProperties> {
  if (!subject.tags || answer.tags === 0) return answer.properties;
  const { from, key, versionId } = subject;
  const tagging = await readTags(from, key, versionId ?? answer.versionId, run.signal);
  return { ...answer.properties, tagging };
}

/** The kind that the source has, so that its own checksum is what S3 compares with. */
const checksumOf = ({ checksum }: ObjectAnswer, run: Run): CrcName | undefined =>
  wholeCrc(checksum)?.name ?? run.checksum;

async function copyLarge(
  subject: CopySubject,
  reading: Subject,
  source: Source,
  answer: ObjectAnswer,
  run: Run,
): Promise<Copied> {
  const { to, toKey: key, settings } = subject;
  const { signal } = run;
  const { size: total, etag } = answer;
  const checking = await findChecking(reading, answer, run);
  const cut = cutOf(total, checking, run);
  const by = checkableBy(checking, cut);
  const checksum = by ?? checksumOf(answer, run);
  const calls = openCalls(to);
  const shown = locationOf({ connection: to, key });
  const names = ['copy', await placeOf(to), shown, await placeOf(subject.from), source.location];
  const crcs = new Map<number, bigint>();
  const send = async ({ index, start, length }: Part, uploadId: string) => {
    const body = run.buffers.take(length);
    await receiveInto(body, source, start, index === 0 ? answer : undefined);
    const crc = checksum && crcOf(checksum, body);
    const sum = checksum && crc !== undefined ? { name: checksum, value: crc } : undefined;
    const part = { key, uploadId, number: index + 1, body, checksum: sum, settings, signal };
    const { etag: stored } = await calls.uploadPart(part);
    run.buffers.give(body);
    if (crc !== undefined) crcs.set(index, crc);
    return { etag: stored, crc };
  };
  try {
    const { resumed, ...written } = await putInParts(
      {
        multipart: { connection: to, key, settings, checksum, signal },
        properties: await propertiesOf(subject, answer, run),
        cut,
        journal: run.resume
          ? {
              path: await stateJournal(run.stateDirectory, names),
              subject: { names, cut, etag, versionId: source.versionId, checksum, settings },
            }
          : undefined,
        shown,
        memory: ({ length }) => length,
        send,
        isStill: async ({ index }, { crc }) => {
          if (crc !== undefined) crcs.set(index, crc);
          return true;
        },
        requireUnchanged: async () => {
          if (!by) return;
          const inOrder = Array.from({ length: countParts(cut) }, (_, index) => crcs.get(index)!);
          const actual = foldCrcs(by, inOrder, cut, checking.partSize !== undefined);
          requireSame(source.location, checking.check!, actual);
        },
      },
      run,
    );
    return { key, size: total, way: 'through-memory', resumed, ...written };
  } finally {
    answer.body.close();
  }
}

/** Along the parts of a composite where that makes parts that S3 takes: else it could not be checked. */
function cutOf(total: number, { partSize }: Checking, run: Run): Cut {
  const size = uploadPartSize(total, run.partSize);
  if (partSize === undefined) return { total, size };
  const pieces = Math.ceil(partSize / size);
  const piece = partSize / pieces;
  const fits = Number.isInteger(piece) && uploadPartSize(total, piece) === piece;
  return fits ? { total, size: piece, align: partSize } : { total, size };
}

function checkableBy({ check, partSize }: Checking, cut: Cut): CrcName | undefined {
  if (!check || !isCrcName(check.by)) return undefined;
  return partSize === undefined || cut.align !== undefined ? check.by : undefined;
}
