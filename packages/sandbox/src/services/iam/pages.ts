import { AwsError } from '../../wire/errors.ts';
import { invalidValue } from './errors.ts';

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1000;

/** What pages a listing. */
export interface PageInput {
  Marker?: string | undefined;
  MaxItems?: number | undefined;
}

/** One page of a list, with the marker of the next. */
export function pageOf<T>(
  items: readonly T[],
  input: PageInput,
): { page: T[]; more: { IsTruncated: boolean; Marker?: string } } {
  const size = input.MaxItems ?? DEFAULT_PAGE;
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE)
    throw invalidValue('maxItems', String(size), `Member must have value between 1 and ${LARGEST_PAGE}`);
  const start = input.Marker === undefined ? 0 : readMarker(input.Marker);
  const page = items.slice(start, start + size);
  const end = start + page.length;
  if (end >= items.length) return { page, more: { IsTruncated: false } };
  return { page, more: { IsTruncated: true, Marker: Buffer.from(`at ${end}`).toString('base64') } };
}

/** The order of listings. */
export function byName(one: { name: string }, other: { name: string }): number {
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}

function readMarker(marker: string): number {
  const position = /^at (\d{1,9})$/.exec(Buffer.from(marker, 'base64').toString('latin1'))?.[1];
  if (position !== undefined) return Number(position);
  throw new AwsError('ValidationError', 'Invalid Marker.');
}
