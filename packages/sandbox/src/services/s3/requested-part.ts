import type { Bodies } from '../../store/bodies.ts';
import type { ObjectRecord } from '../../store/records.ts';
import { LAST_PART } from '../../store/uploads.ts';
import { AwsError } from '../../wire/errors.ts';
import { invalidArgument } from './errors.ts';
import type { ByteRange } from './ranges.ts';

/** The part of an object that a read asks for by its number. */
export interface RequestedPart {
  /** Of an empty part, the last byte is before the first. */
  range: ByteRange;
  checksum?: Record<string, string>;
  /** How many parts there are, of an object that was uploaded in parts. */
  count?: number;
}

/**
 * An object that was not uploaded in parts has one, the whole.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function requestedPart(
  { PartNumber: number, Range }: { PartNumber?: number | undefined; Range?: string | undefined },
  { body, size }: ObjectRecord,
  bodies: Bodies,
): RequestedPart | undefined {
  if (number === undefined) return undefined;
  if (!Number.isInteger(number) || number < 1 || number > LAST_PART)
    throw invalidArgument(
      'partNumber',
      String(number),
      `Part number must be an integer between 1 and ${LAST_PART}, inclusive`,
    );
  if (Range !== undefined)
    throw new AwsError('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
  const parts = body?.place === 'parts' ? bodies.parts(body.id) : undefined;
  const count = parts?.length ?? 1;
  if (number > count)
    throw new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', {
      status: 416,
      fields: { ActualPartCount: String(count), PartNumberRequested: String(number) },
    });
  if (!parts) return { range: rangeOf(0, size) };
  const { size: length, checksum } = parts[number - 1]!;
  const first = parts.slice(0, number - 1).reduce((sum, part) => sum + part.size, 0);
  return { range: rangeOf(first, length), ...(checksum && { checksum }), count };
}

const rangeOf = (first: number, length: number): ByteRange => ({ first, last: first + length - 1 });
