import type { Call, HandlersOf } from '../../service.ts';
import { canonicalIdOf } from '../canonical-ids.ts';
import { invalidArgument } from '../errors.ts';
import { abortionOf } from '../lifecycle/headers.ts';
import { ownershipOf } from '../ownership.ts';
import type { UploadRecord } from '../../../store/records.ts';
import { requireUpload } from './find-upload.ts';
import { lastModified } from '../last-modified.ts';

const MAX_PARTS = 1000;

export const listPartsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  ListParts(input, call) {
    const upload = requireUpload(input, call);
    const limit = readCount('max-parts', input.MaxParts, MAX_PARTS);
    const marker = readMarker(input.PartNumberMarker);
    const found = [];
    for (const part of call.store.uploads.parts(upload.id, marker)) {
      found.push(part);
      if (found.length > limit) break;
    }
    const parts = found.slice(0, limit);
    const { algorithm, type, asked } = upload.checksum;
    return {
      Bucket: call.survey.bucket!.name,
      Key: upload.key,
      UploadId: upload.id,
      ...abortionOf(upload, call.survey.bucket!),
      PartNumberMarker: String(marker),
      NextPartNumberMarker: String(parts.at(-1)?.number ?? marker),
      MaxParts: limit,
      IsTruncated: found.length > limit,
      Parts: parts.map(({ number, size, etag, modified, checksum }) => ({
        PartNumber: number,
        LastModified: lastModified(modified),
        ETag: `"${etag}"`,
        Size: size,
        ...(asked && checksum),
      })),
      ...whoseUpload(upload, call),
      ...(asked && { ChecksumAlgorithm: algorithm as 'CRC32', ChecksumType: type }),
    };
  },
};

/** @throws AwsError where it is no number that a listing can have. */
export function readCount(name: string, count: number | undefined, most: number): number {
  if (count === undefined) return most;
  if (Number.isInteger(count) && count >= 0 && count < 2 ** 31) return Math.min(count, most);
  throw invalidArgument(name, String(count), `Argument ${name} must be an integer between 0 and 2147483647`);
}

/** @throws AwsError where it is no part's number, or 0 for the beginning. */
export function readMarker(text: string | undefined): number {
  if (text === undefined) return 0;
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 31) return Number(text);
  throw invalidArgument(
    'part-number-marker',
    text,
    'Argument part-number-marker must be an integer between 0 and 2147483647',
  );
}

/** Who began an upload, and who will own its object. */
export function whoseUpload({ initiator, object }: UploadRecord, call: Call) {
  const bucket = call.survey.bucket!;
  const owner = ownershipOf(bucket) === 'BucketOwnerEnforced' ? bucket.account : object.owner;
  // A user is told by its ARN, an account by its canonical id: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Initiator.html
  const isAccount = initiator.account === '' || initiator.arn.endsWith(':root');
  return {
    Initiator: { ID: isAccount ? canonicalIdOf(call, initiator.account || owner) : initiator.arn },
    Owner: { ID: canonicalIdOf(call, owner) },
    StorageClass: (object.storageClass ?? 'STANDARD') as 'STANDARD',
  };
}
