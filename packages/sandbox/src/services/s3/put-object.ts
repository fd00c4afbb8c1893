import { randomBytes } from 'node:crypto';
import type { ObjectRecord } from '../../store/records.ts';
import { statedChecksum } from '../../wire/stated-checksum.ts';
import type { HandlersOf } from '../service.ts';
import { checksumOf, checksumRecord } from './checksums/object-checksum.ts';
import { DEFAULT_CHECKSUM } from './checksums/upload-checksum.ts';
import { commitObject } from './commit-object.ts';
import { describeObject } from './describe-object.ts';
import { requireDigestOfLocked } from './digest.ts';
import { encryptNew } from './sse/data-key.ts';
import { storeBody } from './store-body.ts';

export const putObjectHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async PutObject(input, call) {
    const description = describeObject(input, call);
    if (description.lock) requireDigestOfLocked(call.head, 'Object');
    const encryption = encryptNew(input, call);
    const fallback = statedChecksum(call.head) ? undefined : DEFAULT_CHECKSUM;
    const stored = await storeBody(call.body!, { keyOf: () => encryption.dataKey, checksum: fallback }, call);
    const { algorithm } = encryption.record;
    const record: ObjectRecord = Object.assign(description, {
      encryption: encryption.record,
      size: stored.size,
      // Only what S3 encrypts under its own key has its MD5 for an ETag: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html
      etag: `"${algorithm === 'AES256' ? stored.md5 : randomBytes(16).toString('hex')}"`,
      modified: call.clock.now(),
      checksum: checksumRecord(
        call.body!.checksum ?? { algorithm: DEFAULT_CHECKSUM, value: stored.checksum! },
      ),
    });
    if (stored.body) record.body = stored.body;
    const version = await commitObject(input, call, record, stored);
    const output = { ETag: record.etag };
    Object.assign(output, version, encryption.headers, checksumOf(record));
    const { SSEKMSEncryptionContext } = input;
    return SSEKMSEncryptionContext === undefined ? output : { ...output, SSEKMSEncryptionContext };
  },
};
