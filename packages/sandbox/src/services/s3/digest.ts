import { CHECKSUMS } from '../../wire/checksums.ts';
import { AwsError } from '../../wire/errors.ts';
import { header, type RequestHead } from '../../wire/message.ts';

const DIGESTS = ['content-md5', ...Object.values(CHECKSUMS).map(({ header: name }) => name)];

/**
 * Requires that a request says what its body must be. That it is so was checked while it was read.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
export function requireDigest(head: RequestHead): void {
  if (hasDigest(head)) return;
  throw new AwsError('InvalidRequest', 'Missing required header for this request: Content-MD5');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html */
export function requireDigestOfLocked(head: RequestHead, what: 'Object' | 'Part'): void {
  if (hasDigest(head)) return;
  throw new AwsError(
    'InvalidRequest',
    `Content-MD5 OR x-amz-checksum- HTTP header is required for Put ${what} requests with Object Lock parameters`,
  );
}

function hasDigest(head: RequestHead): boolean {
  return (
    DIGESTS.some((name) => header(head, name) !== undefined) ||
    DIGESTS.includes(header(head, 'x-amz-trailer')?.toLowerCase() ?? '')
  );
}
