import type { CompletedPart, CreateMultipartUploadCommandInput } from '@aws-sdk/client-s3';
import { encodeCrc, type CrcName } from '../checksums/crc.ts';
import type { BucketConnection } from './bucket-connection.ts';
import type { WriteSettings, Written } from './object-calls.ts';
import { propertyInput, type ObjectProperties } from './object-properties.ts';
import { loadS3 } from './s3-client.ts';
import { partSettings } from './sdk-calls.ts';

/** One object that is being put together from parts. */
export interface Multipart {
  connection: BucketConnection;
  key: string;
  settings?: WriteSettings;
  /** Kept for the whole object, whatever its parts. */
  checksum: CrcName | undefined;
  signal: AbortSignal;
}

export interface StoredPart {
  /** From 0. */
  index: number;
  etag: string;
  crc?: bigint;
}

/** Returns the id of the upload. */
export async function createUpload(
  { connection, key, settings, checksum, signal }: Multipart,
  properties: ObjectProperties,
): Promise<string> {
  const { CreateMultipartUploadCommand } = await loadS3();
  // Conditions are for the end of an upload.
  const { IfMatch: _, IfNoneMatch: __, ...rest } = settings ?? {};
  const command = new CreateMultipartUploadCommand({
    ...(rest as Partial<CreateMultipartUploadCommandInput>),
    ...propertyInput(properties),
    ...connection.target,
    Key: key,
    ...(checksum && { ChecksumAlgorithm: checksum, ChecksumType: 'FULL_OBJECT' }),
  });
  const { UploadId = '' } = await connection.send('CreateMultipartUpload', command, signal);
  return UploadId;
}

/** `whole` is the checksum of all bytes, which S3 compares with its own. */
export async function completeUpload(
  { connection, key, settings, checksum, signal }: Multipart,
  uploadId: string,
  parts: readonly StoredPart[],
  whole: { size: number; crc?: bigint },
): Promise<Written> {
  const { CompleteMultipartUploadCommand } = await loadS3();
  const sum = (crc: bigint | undefined) =>
    checksum && crc !== undefined ? { [`Checksum${checksum}`]: encodeCrc(checksum, crc) } : {};
  const Parts = parts.map(({ index, etag, crc }): CompletedPart => ({
    PartNumber: index + 1,
    ETag: etag,
    ...sum(crc),
  }));
  const { IfMatch, IfNoneMatch } = settings ?? {};
  const command = new CompleteMultipartUploadCommand({
    ...partSettings(settings),
    ...connection.target,
    Key: key,
    UploadId: uploadId,
    MultipartUpload: { Parts },
    MpuObjectSize: whole.size,
    IfMatch,
    IfNoneMatch,
    ...sum(whole.crc),
    ...(checksum && whole.crc !== undefined && { ChecksumType: 'FULL_OBJECT' }),
  });
  const { ETag = '', VersionId } = await connection.send('CompleteMultipartUpload', command, signal);
  return { etag: ETag, versionId: VersionId };
}

/** What is left of an upload costs its owner money. It is no error if it cannot be taken away. */
export async function abortUpload({ connection, key }: Multipart, uploadId: string): Promise<void> {
  const { AbortMultipartUploadCommand } = await loadS3();
  const command = new AbortMultipartUploadCommand({ ...connection.target, Key: key, UploadId: uploadId });
  await connection.send('AbortMultipartUpload', command).catch(() => {});
}

/** The ETags of the parts that S3 has, by index. Rejects with `no-such-upload` once it is completed or gone. */
export async function listParts(
  { connection, key, settings, signal }: Multipart,
  uploadId: string,
): Promise<Map<number, string>> {
  const { ListPartsCommand } = await loadS3();
  const found = new Map<number, string>();
  let PartNumberMarker: string | undefined;
  do {
    const command = new ListPartsCommand({
      ...partSettings(settings),
      ...connection.target,
      Key: key,
      UploadId: uploadId,
      PartNumberMarker,
    });
    const page = await connection.send('ListParts', command, signal);
    for (const { PartNumber = 0, ETag = '' } of page.Parts ?? []) found.set(PartNumber - 1, ETag);
    PartNumberMarker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
  } while (PartNumberMarker !== undefined);
  return found;
}
