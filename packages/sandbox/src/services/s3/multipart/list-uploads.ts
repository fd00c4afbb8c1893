import type { ListMultipartUploadsCommandInput } from '@aws-sdk/client-s3';
import type { UploadRecord } from '../../../store/records.ts';
import { afterPrefix } from '../../../store/object-keys.ts';
import { LAST_UPLOAD, type UploadPosition } from '../../../store/uploads.ts';
import type { HandlersOf } from '../../service.ts';
import { encoderOf } from '../list-input.ts';
import { listPage, withinCommonPrefix } from '../list-page.ts';
import { readCount, whoseUpload } from './list-parts.ts';

const MAX_UPLOADS = 1000;

export const listUploadsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  ListMultipartUploads(input, call) {
    const encode = encoderOf(input.EncodingType);
    const limit = readCount('max-uploads', input.MaxUploads, MAX_UPLOADS);
    const { Prefix: prefix = '', Delimiter: delimiter, KeyMarker: marker = '' } = input;
    const { id, name } = call.survey.bucket!;
    const page = listPage(
      (from: UploadPosition | undefined) => call.store.uploads.scan(id, prefix, from),
      (key) => ({ key }),
      { prefix, delimiter, from: positionAt(input), limit },
    );
    return {
      Bucket: name,
      KeyMarker: encode(marker),
      UploadIdMarker: (marker && input.UploadIdMarker) || '',
      Prefix: encode(prefix),
      ...(delimiter && { Delimiter: encode(delimiter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      MaxUploads: limit,
      IsTruncated: page.next !== undefined,
      ...(page.last && nextMarkers(page.last, encode)),
      Uploads: page.items.map(({ upload }) => ({
        UploadId: upload.id,
        Key: encode(upload.key),
        Initiated: new Date(upload.initiated),
        ...whoseUpload(upload, call),
        ...(upload.checksum.asked && {
          ChecksumAlgorithm: upload.checksum.algorithm as 'CRC32',
          ChecksumType: upload.checksum.type,
        }),
      })),
      CommonPrefixes: page.prefixes.map((its) => ({ Prefix: encode(its) })),
    };
  },
};

function nextMarkers(last: { upload: UploadRecord } | string, encode: (text: string) => string) {
  return typeof last === 'string'
    ? { NextKeyMarker: encode(last), NextUploadIdMarker: '' }
    : { NextKeyMarker: encode(last.upload.key), NextUploadIdMarker: last.upload.id };
}

/** An upload id counts only beside its key. A marker that is a common prefix stands for all that is under it. */
function positionAt({
  KeyMarker: marker,
  UploadIdMarker: id,
  Delimiter: delimiter,
  Prefix: prefix = '',
}: ListMultipartUploadsCommandInput): UploadPosition | undefined {
  if (!marker) return undefined;
  const common = withinCommonPrefix(marker, prefix, delimiter);
  if (common !== undefined) return { key: afterPrefix(Buffer.from(common)) };
  return { key: Buffer.from(marker), after: id || LAST_UPLOAD };
}
