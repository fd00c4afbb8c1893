import type {
  CompletedMultipartUpload,
  CompletedPart,
  CompleteMultipartUploadCommandInput,
} from '@aws-sdk/client-s3';
import type { ObjectRecord, PartRecord, UploadRecord } from '../../../store/records.ts';
import { LAST_PART } from '../../../store/uploads.ts';
import { CHECKSUMS } from '../../../wire/checksums.ts';
import { AwsError } from '../../../wire/errors.ts';
import { memberOf } from '../checksums/upload-checksum.ts';
import { malformedXml } from '../errors.ts';
import { requirePartNumber } from './store-part.ts';

/** Of every part but the last. https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const SMALLEST_PART = 5 * 1024 ** 2;

/**
 * The parts that a completion names, if they are there as it says, in order, and none too small.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
 */
export function chooseParts(
  completed: CompletedMultipartUpload | undefined,
  uploaded: ReadonlyMap<number, PartRecord>,
  upload: UploadRecord,
): PartRecord[] {
  if (!completed) throw new AwsError('InvalidRequest', 'You must specify at least one part');
  const asked = completed.Parts ?? [];
  if (asked.length === 0 || asked.length > LAST_PART) throw malformedXml();
  for (const { ETag, PartNumber } of asked)
    if (ETag === undefined || PartNumber === undefined) throw malformedXml();
  for (const { PartNumber } of asked) requirePartNumber(PartNumber);
  if (asked.some(({ PartNumber }, index) => index > 0 && PartNumber! <= asked[index - 1]!.PartNumber!))
    throw new AwsError(
      'InvalidPartOrder',
      'The list of parts was not in ascending order. Parts must be ordered by part number.',
      { fields: { UploadId: upload.id } },
    );
  requireChecksums(asked, upload);
  const parts = asked.map((part) => {
    const found = uploaded.get(part.PartNumber!);
    if (!found || !fits(part, found)) throw invalidPart(part, upload);
    return found;
  });
  const small = parts.slice(0, -1).find(({ size }) => size < SMALLEST_PART);
  if (small)
    throw new AwsError('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
      fields: {
        ProposedSize: String(small.size),
        MinSizeAllowed: String(SMALLEST_PART),
        PartNumber: String(small.number),
        ETag: small.etag,
      },
    });
  return parts;
}

/**
 * A composite checksum that was asked for is made of those of the parts, so that each has to be repeated.
 * AWS's pages leave it out; https://github.com/aws/aws-sdk-php/issues/2648 shows it of SHA1, and
 * https://github.com/apache/opendal/pull/4580 of CRC32C. CRC32, which SDKs ask for of themselves, is let pass.
 */
function requireChecksums(
  parts: CompletedPart[],
  { checksum: { algorithm, asked, type } }: UploadRecord,
): void {
  if (!asked || type !== 'COMPOSITE' || algorithm === 'CRC32') return;
  const missing = parts.find((part) => part[memberOf(algorithm) as 'ChecksumCRC32'] === undefined);
  if (missing)
    throw new AwsError(
      'InvalidRequest',
      `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${missing.PartNumber} in the request.`,
    );
}

const bare = (etag: string): string => etag.trim().replaceAll('"', '');

function fits(part: CompletedPart, { etag, checksum, stated }: PartRecord): boolean {
  if (bare(part.ETag!) !== etag) return false;
  const known = { ...checksum, ...stated };
  return Object.values(CHECKSUMS).every(({ member }) => {
    const asked = part[member];
    return asked === undefined || asked === known[member];
  });
}

const invalidPart = ({ ETag, PartNumber }: CompletedPart, { id }: UploadRecord): AwsError =>
  new AwsError(
    'InvalidPart',
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { fields: { UploadId: id, PartNumber: String(PartNumber), ETag: bare(ETag!) } },
  );

/** Checks what a completion says of the whole. */
export function checkCompletion(
  input: CompleteMultipartUploadCommandInput,
  { checksum }: UploadRecord,
  record: ObjectRecord,
): void {
  const size = input.MpuObjectSize;
  if (size !== undefined && Number(size) !== record.size)
    throw new AwsError(
      'InvalidRequest',
      `The provided 'x-amz-mp-object-size' header value ${size} does not match what was computed: ${record.size}`,
    );
  const type = input.ChecksumType;
  if (type !== undefined && checksum.asked && type !== checksum.type)
    throw new AwsError(
      'BadDigest',
      `The provided 'x-amz-checksum-type' header does not match the checksum type of the upload: ${checksum.type}`,
    );
  for (const [algorithm, { member }] of Object.entries(CHECKSUMS)) {
    const stated = input[member];
    if (stated === undefined) continue;
    const computed = record.checksum?.[member];
    // A composite checksum may come without the number of its parts.
    if (
      computed === stated ||
      (member === memberOf(checksum.algorithm) && computed?.split('-')[0] === stated)
    )
      continue;
    throw new AwsError(
      'BadDigest',
      `The ${algorithm.toLowerCase()} you specified did not match the calculated checksum.`,
    );
  }
}
