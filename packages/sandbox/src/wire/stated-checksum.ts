import { CHECKSUMS, type ChecksumAlgorithm } from './checksums.ts';
import { AwsError } from './errors.ts';
import { header, queryValue, type RequestHead } from './message.ts';

/** Which checksum of its body a request states, and whether that comes behind the body. */
export interface StatedChecksum {
  algorithm: ChecksumAlgorithm;
  inTrailer: boolean;
}

const HEADERS = Object.entries(CHECKSUMS) as [ChecksumAlgorithm, { header: string }][];

/** @throws AwsError where a request states more than one. */
export function statedChecksum(head: RequestHead): StatedChecksum | undefined {
  // Of a completed upload the headers state the object's, and the body is a document.
  if (head.method === 'POST' && queryValue(head, 'uploadId') !== undefined) return undefined;
  const trailer = header(head, 'x-amz-trailer')?.toLowerCase();
  const stated = HEADERS.filter(([, { header }]) => trailer === header || header in head.headers);
  if (stated.length > 1)
    throw new AwsError(
      'InvalidRequest',
      'Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.',
    );
  const [first] = stated;
  return first && { algorithm: first[0], inTrailer: trailer === first[1].header };
}
