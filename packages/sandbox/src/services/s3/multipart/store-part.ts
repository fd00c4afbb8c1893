import { randomBytes } from 'node:crypto';
import type { PartRecord, UploadRecord } from '../../../store/records.ts';
import { LAST_PART } from '../../../store/uploads.ts';
import type { ChecksumAlgorithm } from '../../../wire/checksums.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call } from '../../service.ts';
import { memberOf } from '../checksums/upload-checksum.ts';
import { invalidArgument, noSuchBucket } from '../errors.ts';
import { partKey } from '../sse/body.ts';
import { readCustomerKey } from '../sse/customer-key.ts';
import { openDataKey } from '../sse/data-key.ts';
import { storeBody, type BodySource } from '../store-body.ts';
import { noSuchUpload } from './find-upload.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export function requirePartNumber(number: number | undefined): number {
  if (number !== undefined && Number.isInteger(number) && number >= 1 && number <= LAST_PART) return number;
  throw invalidArgument(
    'partNumber',
    String(number),
    `Part number must be an integer between 1 and ${LAST_PART}, inclusive`,
  );
}

interface PartInput {
  Key: string | undefined;
  SSECustomerAlgorithm?: string | undefined;
  SSECustomerKey?: string | undefined;
  SSECustomerKeyMD5?: string | undefined;
}

/**
 * Where an upload began with a key of the client's, each part comes with the same one, and with none elsewhere.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html
 */
function openUpload(upload: UploadRecord, input: PartInput, call: Call): Buffer {
  const customer = readCustomerKey(input);
  const isCustomers = upload.encryption.algorithm === 'customer';
  if (isCustomers && !customer)
    throw new AwsError(
      'InvalidRequest',
      'The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.',
    );
  if (!isCustomers && customer)
    throw new AwsError(
      'InvalidRequest',
      'The multipart upload initiate did not request encryption. Please resend the request without sending encryption parameters.',
    );
  try {
    return openDataKey(upload.encryption, input, call);
  } catch (error) {
    if (!isCustomers) throw error;
    throw new AwsError(
      'InvalidRequest',
      'The provided encryption parameters did not match the ones used originally.',
      { cause: error },
    );
  }
}

/**
 * Stores the body of a part as it comes, and makes it the part of its number.
 * @param verified What the source itself checks: its checksum is known once it is read.
 */
export async function storePart(
  upload: UploadRecord,
  number: number,
  source: BodySource & { checksum?: { algorithm: ChecksumAlgorithm; value: string } | undefined },
  verified: ChecksumAlgorithm | undefined,
  input: PartInput,
  call: Call,
): Promise<PartRecord> {
  const dataKey = openUpload(upload, input, call);
  const algorithm = upload.checksum.algorithm as ChecksumAlgorithm;
  const stored = await storeBody(
    source,
    { keyOf: (id) => partKey(dataKey, id), checksum: verified === algorithm ? undefined : algorithm },
    call,
  );
  const { checksum: stated } = source;
  const part: PartRecord = {
    number,
    size: stored.size,
    // Only what S3 encrypts under its own key has its MD5 for an ETag.
    etag: upload.encryption.algorithm === 'AES256' ? stored.md5 : randomBytes(16).toString('hex'),
    modified: call.clock.now(),
    ...(stored.body && { body: stored.body }),
    checksum: { [memberOf(algorithm)]: stored.checksum ?? stated!.value },
    ...(stated &&
      stated.algorithm !== algorithm && { stated: { [memberOf(stated.algorithm)]: stated.value } }),
  };
  try {
    // On the disk before its turn, so that parts need not wait for each other's syncs.
    await stored.publish?.();
    await call.store.uploads.exclusively(upload.id, async () => {
      const { id, name } = call.survey.bucket!;
      if (call.store.buckets.get(name)?.id !== id) throw noSuchBucket(name);
      if (!call.store.uploads.get(upload.bucket, upload.key, upload.id)) throw noSuchUpload(upload.id);
      await call.store.uploads.putPart(upload.id, part, stored.bytes);
    });
  } catch (error) {
    await stored.discard?.();
    throw error;
  }
  return part;
}
