import type { HandlersOf } from '../../service.ts';
import { requireSmallEnough, requireSource, sourceBody } from '../copies/read-source.ts';
import { invalidArgument } from '../errors.ts';
import type { ByteRange } from '../ranges.ts';
import { readCustomerKey } from '../sse/customer-key.ts';
import { encryptionHeaders } from '../sse/data-key.ts';
import { versionOf } from '../versions.ts';
import { requireInitiator, requireUpload } from './find-upload.ts';
import { requirePartNumber, storePart } from './store-part.ts';
import { lastModified } from '../last-modified.ts';

export const copyPartHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async UploadPartCopy(input, call) {
    const number = requirePartNumber(input.PartNumber);
    const upload = requireUpload(input, call);
    requireInitiator(upload, call.caller);
    const source = requireSource(input, call);
    const range = readSourceRange(input.CopySourceRange, source.record.size);
    const body = sourceBody(source, input, call, range);
    requireSmallEnough(body.length!);
    const part = await storePart(upload, number, body, undefined, input, call);
    const { VersionId } = versionOf(source.record, source.bucket);
    return {
      ...(VersionId !== undefined && { CopySourceVersionId: VersionId }),
      CopyPartResult: {
        ETag: `"${part.etag}"`,
        LastModified: lastModified(part.modified),
        ...(upload.checksum.asked && part.checksum),
      },
      ...encryptionHeaders(upload.encryption),
      ...readCustomerKey(input)?.headers,
    };
  },
};

const HEADER = 'x-amz-copy-source-range';

/** `bytes=first-last`, both of them. https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html */
function readSourceRange(text: string | undefined, size: number): ByteRange | undefined {
  if (text === undefined) return undefined;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(text) ?? [];
  if (first === undefined || last === undefined || Number(first) > Number(last))
    throw invalidArgument(
      HEADER,
      text,
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
    );
  if (Number(last) >= size)
    throw invalidArgument(HEADER, text, `Range specified is not valid for source object of size: ${size}`);
  return { first: Number(first), last: Number(last) };
}
