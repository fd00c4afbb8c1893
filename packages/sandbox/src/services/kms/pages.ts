import { AwsError } from '../../wire/errors.ts';
import { sliceAt } from '../pages.ts';
import { unfit } from './errors.ts';

/** One page of a list, with the members that KMS tells of it. */
export function pageOf<T>(
  items: readonly T[],
  { Limit: limit, Marker: marker }: { Limit?: number | undefined; Marker?: string | undefined },
  usual: number,
  most: number,
): { page: T[]; Truncated: boolean; NextMarker?: string } {
  const size = limit ?? usual;
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw unfit('limit', `have a value between 1 and ${most}`);
  const { page, next } = sliceAt(
    items,
    marker,
    size,
    () => new AwsError('InvalidMarkerException', 'Could not deserialize marker.'),
  );
  return { page, Truncated: next !== undefined, ...(next !== undefined && { NextMarker: next }) };
}
