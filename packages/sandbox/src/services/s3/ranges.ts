import { AwsError } from '../../wire/errors.ts';

export interface ByteRange {
  /** First and last byte, both included. */
  first: number;
  last: number;
}

/**
 * Reads a `Range` header for a body of so many bytes. Several ranges, another unit and what is not a range at all
 * are taken as no range, as S3 does.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function readRange(header: string | undefined, size: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '');
  if (!match) return undefined;
  const [, from = '', to = ''] = match;
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (first >= size || (from === '' && Number(to) === 0))
    throw new AwsError('InvalidRange', 'The requested range is not satisfiable', {
      fields: { RangeRequested: header!, ActualObjectSize: String(size) },
      headers: { 'content-range': `bytes */${size}` },
    });
  return { first, last };
}
