import { createHash } from 'node:crypto';
import type {
  CompleteMultipartUploadCommandInput,
  CompleteMultipartUploadCommandOutput,
} from '@aws-sdk/client-s3';
import type { ObjectRecord, PartRecord, UploadRecord } from '../../../store/records.ts';
import { header } from '../../../wire/message.ts';
import type { Call, HandlersOf } from '../../service.ts';
import { checksumOf } from '../checksums/object-checksum.ts';
import { checksumOfParts, memberOf } from '../checksums/upload-checksum.ts';
import { commitObject } from '../commit-object.ts';
import { encryptionHeaders } from '../sse/data-key.ts';
import { versionOf } from '../versions.ts';
import { checkCompletion, chooseParts } from './completion.ts';
import { noSuchUpload, requireInitiator } from './find-upload.ts';

type Output = Omit<CompleteMultipartUploadCommandOutput, '$metadata'>;

export const completeUploadHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async CompleteMultipartUpload(input, call) {
    let output: Output | undefined;
    await call.store.uploads.exclusively(input.UploadId!, async () => {
      const upload = call.store.uploads.get(call.survey.bucket!.id, input.Key!, input.UploadId!);
      output = upload ? await complete(upload, input, call) : completedBefore(input, call);
    });
    return output!;
  },
};

async function complete(
  upload: UploadRecord,
  input: CompleteMultipartUploadCommandInput,
  call: Call,
): Promise<Output> {
  requireInitiator(upload, call.caller);
  const parts = chooseParts(input.MultipartUpload, new Map(partsOf(upload, call)), upload);
  const checksum = await checksumOfParts(upload.checksum, parts);
  const record: ObjectRecord = {
    ...upload.object,
    encryption: upload.encryption,
    size: parts.reduce((sum, { size }) => sum + size, 0),
    etag: etagOf(parts),
    // An object that was uploaded in parts is as old as its upload: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    modified: upload.initiated,
    body: { id: upload.id, place: 'parts' },
    checksum: { [memberOf(upload.checksum.algorithm)]: checksum },
    ...(upload.checksum.type === 'COMPOSITE' && { checksumType: 'COMPOSITE' }),
  };
  checkCompletion(input, upload, record);
  const also = call.store.uploads.completion(upload, parts);
  const version = await commitObject(input, call, record, { also });
  return { ...describe(record, input, call), ...version };
}

/**
 * Whoever asks again, not knowing that it was done, is told that it was.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
function completedBefore(input: CompleteMultipartUploadCommandInput, call: Call): Output {
  const bucket = call.survey.bucket!;
  const record = call.store.objects.get(bucket.id, input.Key!);
  if (record?.body?.place === 'parts' && record.body.id === input.UploadId)
    return { ...describe(record, input, call), ...versionOf(record, bucket) };
  throw noSuchUpload(input.UploadId!);
}

function* partsOf({ id }: UploadRecord, { store }: Call): Generator<[number, PartRecord]> {
  for (const part of store.uploads.parts(id)) yield [part.number, part];
}

/** The MD5 of the parts' own, and their number. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html */
function etagOf(parts: readonly PartRecord[]): string {
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(etag, 'hex');
  return `"${md5.digest('hex')}-${parts.length}"`;
}

function describe(record: ObjectRecord, input: { Key: string | undefined }, call: Call): Output {
  const { name } = call.survey.bucket!;
  const path = [name, ...input.Key!.split('/')].map(encodeURIComponent).join('/');
  return {
    Location: `http://${header(call.head, 'host') ?? 'localhost'}/${path}`,
    Bucket: name,
    Key: input.Key,
    ETag: record.etag,
    ...checksumOf(record),
    ...encryptionHeaders(record.encryption),
  };
}
