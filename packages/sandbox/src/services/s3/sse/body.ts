import { hkdfSync } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Bodies } from '../../../store/bodies.ts';
import { Recent } from '../../../recent.ts';
import type { BodyRecord, ObjectRecord, StoredPart } from '../../../store/records.ts';
import type { ByteRange } from '../ranges.ts';
import { openFrames, openWhole, STORED_FRAME, storedRange } from './frames.ts';

/** Frames that are read at once. */
const STEP = 4;

/**
 * The body of an object, or a range of it, as it was before its encryption.
 * @param dataKey Of an object that is encrypted.
 */
export function readBody(
  bodies: Bodies,
  record: Pick<ObjectRecord, 'body' | 'size'>,
  dataKey: Buffer | undefined,
  range: ByteRange | undefined,
): Uint8Array | Readable {
  const { body, size } = record;
  if (body?.place !== 'parts') return readWhole(bodies, body, size, dataKey, range);
  const segments = segmentsOf(bodies.parts(body.id), range ?? { first: 0, last: size - 1 });
  const release = bodies.hold(segments.map(({ part }) => part));
  const stream = Readable.from(readSegments(bodies, segments, dataKey!), { objectMode: false });
  return stream.once('close', release);
}

/**
 * The key of one part: an upload has one data key, and a key encrypts no more than one body.
 * @param dataKey Of the upload, or of the object that it became.
 * @param body Id of the part's body.
 */
export function partKey(dataKey: Buffer, body: string): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, body, 'part', 32));
}

function readWhole(
  bodies: Bodies,
  body: BodyRecord | undefined,
  size: number,
  dataKey: Buffer | undefined,
  range: ByteRange | undefined,
): Uint8Array | Readable {
  if (!dataKey || !body) return bodies.read(body, range);
  const wanted = range ?? { first: 0, last: size - 1 };
  if (body.place === 'table' && size <= LARGEST_KEPT)
    return readSmall(bodies, body, size, dataKey).subarray(wanted.first, wanted.last + 1);
  const stored = bodies.read(body, storedRange(size, wanted), STEP * STORED_FRAME);
  if (!(stored instanceof Readable)) return openWhole(stored, dataKey, size, wanted);
  return Readable.from(openFrames(stored, dataKey, size, wanted), { objectMode: false });
}

/** Small bodies that were read last, decrypted: a body never changes, and its key was opened before it is asked for. */
const small = new Recent<Buffer>(4096, 8 * 1024 ** 2);
const LARGEST_KEPT = 16_384;

function readSmall(bodies: Bodies, body: BodyRecord, size: number, dataKey: Buffer): Buffer {
  const known = small.get(body.id);
  if (known) return known;
  const stored = bodies.read(body) as Buffer;
  const opened = openWhole(stored, dataKey, size, { first: 0, last: size - 1 });
  small.set(body.id, opened, size);
  return opened;
}

interface Segment {
  part: StoredPart;
  /** Within the part. */
  range: ByteRange;
}

/** Which bytes of which parts make up a range of the whole. */
export function segmentsOf(parts: readonly StoredPart[], { first, last }: ByteRange): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  for (const part of parts) {
    const end = start + part.size;
    if (part.size > 0 && end > first && start <= last)
      segments.push({
        part,
        range: { first: Math.max(0, first - start), last: Math.min(last - start, part.size - 1) },
      });
    start = end;
  }
  return segments;
}

async function* readSegments(
  bodies: Bodies,
  segments: readonly Segment[],
  dataKey: Buffer,
): AsyncGenerator<Uint8Array> {
  for (const { part, range } of segments) {
    const body = part.body!;
    const bytes = readWhole(bodies, body, part.size, partKey(dataKey, body.id), range);
    if (bytes instanceof Readable) yield* bytes;
    else yield bytes;
  }
}
