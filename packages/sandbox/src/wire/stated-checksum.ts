import { CHECKSUMS, type ChecksumAlgorithm } from './checksums.ts';
import { AwsError } from './errors.ts';
import { header, queryValue, type RequestHead } from './message.ts';

/** Which checksum of its body a request states, and whether that comes behind the body. */
export interface StatedChecksum {
  algorithm: ChecksumAlgorithm;
  inTrailer: boolean;
}

const HEADERS = Object.entries(CHECKSUMS).map(
  ([algorithm, { header }]) => [algorithm as ChecksumAlgorithm, header] as const,
);

/** @throws AwsError where a request states more than one, or announces one that does not come. */
export function statedChecksum(head: RequestHead): StatedChecksum | undefined {
  // Of a completed upload the headers state the object's, and the body is a document.
  if (head.method === 'POST' && queryValue(head, 'uploadId') !== undefined) return undefined;
  const trailer = header(head, 'x-amz-trailer')?.toLowerCase();
  const stated = HEADERS.filter(([, name]) => trailer === name || name in head.headers);
  if (stated.length > 1)
    throw invalid('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  const [first] = stated;
  if (trailer !== undefined && first?.[1] !== trailer)
    throw invalid('The value specified in the x-amz-trailer header is not supported');
  const announced = header(head, 'x-amz-sdk-checksum-algorithm')?.toUpperCase();
  if (announced !== undefined && announced !== '') requireAnnounced(announced, first?.[0]);
  return first && { algorithm: first[0], inTrailer: trailer === first[1] };
}

function requireAnnounced(announced: string, stated: ChecksumAlgorithm | undefined): void {
  if (announced === stated) return;
  if (stated !== undefined || !Object.hasOwn(CHECKSUMS, announced))
    throw invalid('Value for x-amz-sdk-checksum-algorithm header is invalid.');
  throw invalid(
    'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
  );
}

const invalid = (message: string): AwsError => new AwsError('InvalidRequest', message);
