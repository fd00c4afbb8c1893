import { Readable } from 'node:stream';
import type { Objects } from '../../../store/objects.ts';
import type { ObjectRecord } from '../../../store/records.ts';
import type { ByteRange } from '../ranges.ts';
import { openFrames, openWhole, STORED_FRAME, storedRange } from './frames.ts';

/** Frames that are read at once. */
const STEP = 4;

/**
 * The body of an object, or a range of it, as it was before its encryption.
 * @param dataKey Of an object that is encrypted.
 */
export function readBody(
  objects: Objects,
  record: ObjectRecord,
  dataKey: Buffer | undefined,
  range: ByteRange | undefined,
): Uint8Array | Readable {
  if (!dataKey || !record.body) return objects.body(record, range);
  const wanted = range ?? { first: 0, last: record.size - 1 };
  const stored = objects.body(record, storedRange(record.size, wanted), STEP * STORED_FRAME);
  if (!(stored instanceof Readable)) return openWhole(stored, dataKey, record.size, wanted);
  return Readable.from(openFrames(stored, dataKey, record.size, wanted), { objectMode: false });
}
