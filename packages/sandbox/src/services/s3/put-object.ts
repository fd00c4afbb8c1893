import { createHash, randomBytes } from 'node:crypto';
import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { ObjectRecord } from '../../store/records.ts';
import type { RequestBody } from '../../wire/body.ts';
import { CHECKSUMS } from '../../wire/checksums.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { ANONYMOUS_ID } from './canonical-ids.ts';
import { checkWriteConditions } from './conditions.ts';
import { noSuchBucket, noSuchKey, refuseMembers } from './errors.ts';
import { readObjectHeaders, readTagging, requireMetadata } from './object-headers.ts';
import { ownershipOf } from './ownership.ts';
import { requestedAcl } from './requested-acl.ts';
import { encryptNew } from './sse/data-key.ts';
import { FrameSealer } from './sse/frames.ts';

/** Bodies up to this size live in the database, beside their records. */
const LARGEST_IN_TABLE = 65_536;
/** Of one PUT. https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html */
const LARGEST_PUT = 5 * 1024 ** 3;

export const putObjectHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async PutObject(input, call) {
    const description = describeObject(input, call);
    const encryption = encryptNew(input, call);
    const stored = await storeBody(call.body!, encryption.dataKey, call);
    const bucket = call.survey.bucket!;
    const checksum = call.body!.checksum;
    const record: ObjectRecord = {
      ...description,
      encryption: encryption.record,
      size: stored.size,
      // Only what S3 encrypts under its own key has its MD5 for an ETag: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
      etag: `"${encryption.record.algorithm === 'AES256' ? stored.md5 : randomBytes(16).toString('hex')}"`,
      modified: call.clock.now(),
      ...(stored.place && { body: { id: stored.id, place: stored.place } }),
      ...(checksum && { checksum: { [CHECKSUMS[checksum.algorithm].member]: checksum.value } }),
    };
    await call.store.objects.exclusively(bucket.id, input.Key!, async () => {
      try {
        if (call.store.buckets.get(bucket.name)?.id !== bucket.id) throw noSuchBucket(bucket.name);
        const existing = call.store.objects.get(bucket.id, input.Key!);
        checkWriteConditions(input, existing, () => noSuchKey(input.Key!));
        await stored.publish();
        await call.store.objects.put(bucket.id, input.Key!, record, stored.bytes);
      } catch (error) {
        await stored.discard();
        throw error;
      }
    });
    return {
      ETag: record.etag,
      ...encryption.headers,
      ...(input.SSEKMSEncryptionContext !== undefined && {
        SSEKMSEncryptionContext: input.SSEKMSEncryptionContext,
      }),
      ...(record.checksum && { ...record.checksum, ChecksumType: 'FULL_OBJECT' as const }),
    };
  },
};

function describeObject(
  input: PutObjectCommandInput,
  call: Call,
): Pick<ObjectRecord, 'owner' | 'acl' | 'headers' | 'metadata' | 'tags' | 'storageClass'> {
  const ownership = describeOwner(input, call);
  refuseMembers(input, {
    ObjectLockMode: 'x-amz-object-lock-mode',
    ObjectLockRetainUntilDate: 'x-amz-object-lock-retain-until-date',
    ObjectLockLegalHoldStatus: 'x-amz-object-lock-legal-hold',
    WriteOffsetBytes: 'x-amz-write-offset-bytes',
  });

  const metadata = input.Metadata ?? {};
  requireMetadata(metadata);
  const tags = readTagging(input.Tagging);
  return {
    ...ownership,
    headers: readObjectHeaders(input),
    metadata,
    ...(tags && { tags }),
    ...(input.StorageClass && input.StorageClass !== 'STANDARD' && { storageClass: input.StorageClass }),
  };
}

/**
 * Whoever writes an object owns it, unless the bucket's ownership says otherwise: always, or where the writer hands
 * it over.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
 */
function describeOwner(input: PutObjectCommandInput, call: Call): Pick<ObjectRecord, 'owner' | 'acl'> {
  const bucket = call.survey.bucket!;
  const ownership = ownershipOf(bucket);
  const handsOver = ownership === 'BucketOwnerPreferred' && input.ACL === 'bucket-owner-full-control';
  const isOwners = ownership === 'BucketOwnerEnforced' || handsOver;
  const owner = isOwners ? bucket.account : call.caller.account || ANONYMOUS_ID;
  const acl = requestedAcl(input, owner, call);
  return { owner, ...(acl && { acl }) };
}

interface StoredBody {
  id: string;
  size: number;
  md5: string;
  place?: 'table' | 'file';
  bytes?: Buffer;
  /** Makes a file the object's. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

async function storeBody(body: RequestBody, dataKey: Buffer, call: Call): Promise<StoredBody> {
  if (body.length === undefined)
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  if (body.length > LARGEST_PUT)
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      fields: { ProposedSize: String(body.length), MaxSizeAllowed: String(LARGEST_PUT) },
    });
  const md5 = createHash('md5');
  const sealer = new FrameSealer(dataKey, body.length);
  if (body.length <= LARGEST_IN_TABLE) {
    const bytes = await body.collect(LARGEST_IN_TABLE);
    const place = bytes.length > 0 ? { place: 'table' as const, bytes: sealer.push(bytes) } : {};
    return {
      id: randomBytes(16).toString('hex'),
      size: bytes.length,
      md5: md5.update(bytes).digest('hex'),
      ...place,
      publish: async () => {},
      discard: async () => {},
    };
  }
  const staged = await call.store.blobs.stage();
  try {
    for await (const part of body.chunks()) {
      md5.update(part);
      await staged.write(sealer.push(part));
    }
  } catch (error) {
    await staged.discard();
    throw error;
  }
  return {
    id: staged.id,
    size: body.length,
    md5: md5.digest('hex'),
    place: 'file',
    publish: () => staged.commit(),
    discard: () => staged.discard(),
  };
}
