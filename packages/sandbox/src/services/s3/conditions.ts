import { AwsError } from '../../wire/errors.ts';
import { preconditionFailed } from './errors.ts';

interface State {
  etag: string;
  /** Milliseconds since 1970. */
  modified: number;
}

interface ReadConditions {
  IfMatch?: string | undefined;
  IfNoneMatch?: string | undefined;
  IfModifiedSince?: Date | undefined;
  IfUnmodifiedSince?: Date | undefined;
}

/**
 * Checks the conditions of a read. An ETag condition that is there makes the date beside it not count.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function checkReadConditions(input: ReadConditions, { etag, modified }: State): void {
  const seconds = Math.floor(modified / 1000) * 1000;
  if (input.IfMatch !== undefined) {
    if (!matchesEtag(input.IfMatch, etag)) throw preconditionFailed('If-Match');
  } else if (input.IfUnmodifiedSince && seconds > input.IfUnmodifiedSince.getTime())
    throw preconditionFailed('If-Unmodified-Since');
  const unchanged =
    input.IfNoneMatch !== undefined
      ? matchesEtag(input.IfNoneMatch, etag)
      : input.IfModifiedSince !== undefined && seconds <= input.IfModifiedSince.getTime();
  if (unchanged)
    throw new AwsError('NotModified', 'Not Modified', {
      status: 304,
      headers: { etag, 'last-modified': new Date(modified).toUTCString() },
    });
}

/**
 * Checks the conditions of a write or delete against what is there.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export function checkWriteConditions(
  input: { IfMatch?: string | undefined; IfNoneMatch?: string | undefined },
  existing: State | undefined,
  missing: () => AwsError,
): void {
  if (input.IfNoneMatch !== undefined) {
    if (input.IfNoneMatch !== '*')
      throw new AwsError(
        'NotImplemented',
        'A header you provided implies functionality that is not implemented',
        {
          fields: { Header: 'If-None-Match' },
        },
      );
    if (existing) throw preconditionFailed('If-None-Match');
  }
  if (input.IfMatch === undefined) return;
  if (!existing) throw missing();
  if (!matchesEtag(input.IfMatch, existing.etag)) throw preconditionFailed('If-Match');
}

export function matchesEtag(condition: string, etag: string): boolean {
  const bare = (tag: string) => tag.trim().replace(/^W\//, '').replaceAll('"', '');
  return condition.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
}
