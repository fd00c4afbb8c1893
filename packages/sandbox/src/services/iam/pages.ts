import { AwsError } from '../../wire/errors.ts';
import { sliceAt } from '../pages.ts';

const DEFAULT_PAGE = 100;

/** What pages a listing: checked by the survey. */
export interface PageInput {
  Marker?: string | undefined;
  MaxItems?: number | undefined;
}

/** One page of a list, with the marker of the next. */
export function pageOf<T>(
  items: readonly T[],
  input: PageInput,
): { page: T[]; more: { IsTruncated: boolean; Marker?: string } } {
  const { page, next } = sliceAt(items, input.Marker, input.MaxItems ?? DEFAULT_PAGE, invalidMarker);
  return { page, more: next === undefined ? { IsTruncated: false } : { IsTruncated: true, Marker: next } };
}

/** The order of listings. */
export function byName(one: { name: string }, other: { name: string }): number {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}

function invalidMarker(): AwsError {
  return new AwsError('ValidationError', 'Invalid Marker.');
}
