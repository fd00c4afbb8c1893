import type { UploadRecord } from '../../../store/records.ts';
import { newUploadId } from '../../../store/uploads.ts';
import type { HandlersOf } from '../../service.ts';
import { chooseChecksum } from '../checksums/upload-checksum.ts';
import { describeObject } from '../describe-object.ts';
import { abortionOf } from '../lifecycle/headers.ts';
import { encryptNew } from '../sse/data-key.ts';

export const createUploadHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async CreateMultipartUpload(input, call) {
    const object = describeObject(input, call);
    const checksum = chooseChecksum(input.ChecksumAlgorithm, input.ChecksumType);
    const encryption = encryptNew(input, call);
    const now = call.clock.now();
    const { arn, account, userId } = call.caller;
    const upload: UploadRecord = {
      id: newUploadId(now),
      bucket: call.survey.bucket!.id,
      key: input.Key!,
      initiated: now,
      initiator: { arn, account, userId },
      object,
      encryption: encryption.record,
      checksum,
    };
    await call.store.uploads.begin(upload);
    return {
      Bucket: call.survey.bucket!.name,
      Key: input.Key,
      UploadId: upload.id,
      ...abortionOf(upload, call.survey.bucket!),
      ...(checksum.asked && {
        ChecksumAlgorithm: checksum.algorithm as 'CRC32',
        ChecksumType: checksum.type,
      }),
      ...encryption.headers,
      ...(input.SSEKMSEncryptionContext !== undefined && {
        SSEKMSEncryptionContext: input.SSEKMSEncryptionContext,
      }),
    };
  },
};
