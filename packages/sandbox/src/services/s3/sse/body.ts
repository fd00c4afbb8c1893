import { hkdfSync } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Bodies } from '../../../store/bodies.ts';
import { Recent } from '../../../recent.ts';
import type { BodyRecord, ObjectRecord, StoredPart } from '../../../store/records.ts';
import type { ByteRange } from '../ranges.ts';
import { FRAME, openFrames, openWhole, STORED_FRAME, storedRange } from './frames.ts';

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
  if (body?.place === 'file' && dataKey && size <= LARGEST_KEPT_FILE)
    return readFile(bodies, body, size, dataKey, range);
  if (body?.place !== 'parts') return readWhole(bodies, body, size, dataKey, range);
  const segments = segmentsOf(bodies.parts(body.id), range ?? { first: 0, last: size - 1 });
  const held = segments.map(({ part }) => part);
  return streamOf(readSegments(bodies, segments, dataKey!), bodies, held);
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
  const at = storedRange(size, wanted);
  if (body.place === 'table' && size <= FRAME)
    return openWhole(bodies.read(body, at) as Buffer, dataKey, size, wanted);
  // Only what an import has brought is in the table and longer than a frame.
  const stored =
    body.place === 'table' ? [bodies.read(body, at) as Buffer] : bodies.pieces(body, at, STEP * STORED_FRAME);
  return streamOf(openFrames(stored, dataKey, size, wanted), bodies, [{ body }]);
}

/** Holds what is read from now on: the object may be deleted before the first of its bytes is asked for. */
function streamOf(
  bytes: AsyncIterable<Uint8Array>,
  bodies: Bodies,
  held: readonly Pick<StoredPart, 'body'>[],
): Readable {
  return Readable.from(bytes, { objectMode: false }).once('close', bodies.hold(held));
}

/** Bodies of files that were read whole last, decrypted: tests read the same fixtures over and over. */
const files = new Recent<Buffer>(64, 16 * 1024 ** 2);
/** Of which a reader keeps what it reads. */
const beingKept = new Set<string>();
const LARGEST_KEPT_FILE = 8 * 1024 ** 2;
/** Each holds all of its body, for as long as its client takes to read it. */
const MOST_BEING_KEPT = 2;

function readFile(
  bodies: Bodies,
  body: BodyRecord,
  size: number,
  dataKey: Buffer,
  range: ByteRange | undefined,
): Uint8Array | Readable {
  const { first, last } = range ?? { first: 0, last: size - 1 };
  const known = files.get(body.id);
  if (known) return known.subarray(first, last + 1);
  const at = storedRange(size, { first, last });
  const frames = openFrames(bodies.pieces(body, at, STEP * STORED_FRAME), dataKey, size, { first, last });
  const keeps = last - first + 1 === size && !beingKept.has(body.id) && beingKept.size < MOST_BEING_KEPT;
  return streamOf(keeps ? keeping(frames, body.id, size) : frames, bodies, [{ body }]);
}

/** Hands frames on, and keeps them if all come. */
async function* keeping(frames: AsyncIterable<Buffer>, id: string, size: number): AsyncGenerator<Buffer> {
  beingKept.add(id);
  try {
    const whole = Buffer.allocUnsafeSlow(size);
    let done = 0;
    for await (const frame of frames) {
      done += frame.copy(whole, done);
      yield frame;
    }
    if (done === size) files.set(id, whole, size);
  } finally {
    beingKept.delete(id);
  }
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
