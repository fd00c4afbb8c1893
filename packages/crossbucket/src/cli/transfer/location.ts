import { UsageError } from '../errors.ts';

/** What an argument of `cp`, `sync` and the like names. */
export type Location =
  | { kind: 's3'; bucket: string; key: string }
  | { kind: 'file'; path: string }
  /** `-`: standard input or output. */
  | { kind: 'pipe' };

export type S3Location = Location & { kind: 's3' };

/** An ARN of an access point has colons, and slashes of its own. */
const S3 = /^s3:\/\/(arn:[^/]+:accesspoint[:/][^/]+|[^/]*)(?:\/(.*))?$/s;

/** Throws UsageError. */
export function parseLocation(text: string): Location {
  if (text === '-') return { kind: 'pipe' };
  if (text === '' || text.includes('\0'))
    throw new UsageError('an argument is empty', 'name a file or s3://BUCKET/KEY');
  if (!text.startsWith('s3:')) return { kind: 'file', path: text };
  const [, bucket = '', key = ''] = S3.exec(text) ?? [];
  if (bucket === '') throw new UsageError(`\`${text}\` names no bucket`, 'write s3://BUCKET/KEY');
  return { kind: 's3', bucket, key };
}

export function parseS3(text: string): S3Location {
  const location = parseLocation(text);
  if (location.kind === 's3') return location;
  throw new UsageError(`\`${text}\` is no place in S3`, 'write s3://BUCKET/KEY');
}

export const showLocation = (location: Location): string =>
  location.kind === 's3'
    ? `s3://${location.bucket}/${location.key}`
    : location.kind === 'file'
      ? location.path
      : '-';
