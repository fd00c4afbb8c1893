import type { ObjectRecord } from '../../../store/records.ts';
import { matchesEtag } from '../conditions.ts';
import { preconditionFailed } from '../errors.ts';

export interface CopyConditions {
  CopySourceIfMatch?: string | undefined;
  CopySourceIfNoneMatch?: string | undefined;
  CopySourceIfModifiedSince?: Date | undefined;
  CopySourceIfUnmodifiedSince?: Date | undefined;
}

/**
 * Checks what a copy asks of its source. An ETag condition that is there makes the date beside it not count.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function checkCopyConditions(
  input: CopyConditions,
  { etag, modified }: Pick<ObjectRecord, 'etag' | 'modified'>,
): void {
  const seconds = Math.floor(modified / 1000) * 1000;
  const { CopySourceIfMatch, CopySourceIfNoneMatch } = input;
  if (CopySourceIfMatch !== undefined) {
    if (!matchesEtag(CopySourceIfMatch, etag)) throw preconditionFailed('x-amz-copy-source-If-Match');
  } else if (input.CopySourceIfUnmodifiedSince && seconds > input.CopySourceIfUnmodifiedSince.getTime())
    throw preconditionFailed('x-amz-copy-source-If-Unmodified-Since');
  if (CopySourceIfNoneMatch !== undefined) {
    if (matchesEtag(CopySourceIfNoneMatch, etag)) throw preconditionFailed('x-amz-copy-source-If-None-Match');
  } else if (input.CopySourceIfModifiedSince && seconds <= input.CopySourceIfModifiedSince.getTime())
    throw preconditionFailed('x-amz-copy-source-If-Modified-Since');
}
