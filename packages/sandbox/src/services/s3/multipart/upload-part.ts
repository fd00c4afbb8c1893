import { statedChecksum } from '../../../wire/stated-checksum.ts';
import type { HandlersOf } from '../../service.ts';
import { requirePartChecksum } from '../checksums/upload-checksum.ts';
import { requireDigestOfLocked } from '../digest.ts';
import { readCustomerKey } from '../sse/customer-key.ts';
import { encryptionHeaders } from '../sse/data-key.ts';
import { requireInitiator, requireUpload } from './find-upload.ts';
import { requirePartNumber, storePart } from './store-part.ts';

export const uploadPartHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async UploadPart(input, call) {
    const number = requirePartNumber(input.PartNumber);
    const upload = requireUpload(input, call);
    requireInitiator(upload, call.caller);
    if (upload.object.lock) requireDigestOfLocked(call.head, 'Part');
    const stated = statedChecksum(call.head)?.algorithm;
    requirePartChecksum(upload.checksum, stated);
    const part = await storePart(upload, number, call.body!, stated, input, call);
    return {
      ETag: `"${part.etag}"`,
      ...(upload.checksum.asked ? part.checksum : part.stated),
      ...encryptionHeaders(upload.encryption),
      ...readCustomerKey(input)?.headers,
    };
  },
};
