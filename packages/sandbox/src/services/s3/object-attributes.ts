import type { GetObjectAttributesCommandInput, ObjectPart } from '@aws-sdk/client-s3';
import type { ObjectRecord } from '../../store/records.ts';
import type { Call, HandlersOf } from '../service.ts';
import { checksumOf } from './checksums/object-checksum.ts';
import { invalidArgument } from './errors.ts';
import { readCount, readMarker } from './multipart/list-parts.ts';
import { openDataKey, requireFitting } from './sse/data-key.ts';
import { requireObject, versionOf } from './versions.ts';
import { lastModified } from './last-modified.ts';

const ATTRIBUTES = new Set(['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize']);
const MAX_PARTS = 1000;

export const objectAttributesHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  GetObjectAttributes(input, call) {
    const asked = new Set<string>(input.ObjectAttributes);
    for (const name of asked)
      if (!ATTRIBUTES.has(name))
        throw invalidArgument('x-amz-object-attributes', name, 'Invalid attribute name specified.');
    const record = requireObject(input, call);
    requireFitting(record.encryption, input);
    // Whoever brings the wrong key learns nothing of the object.
    if (record.encryption?.algorithm === 'customer') openDataKey(record.encryption, input, call);
    return {
      LastModified: lastModified(record.modified),
      ...versionOf(record, call.survey.bucket!),
      ...(asked.has('ETag') && { ETag: record.etag.replaceAll('"', '') }),
      ...(asked.has('Checksum') && record.checksum && { Checksum: checksumOf(record) }),
      ...(asked.has('ObjectParts') &&
        record.body?.place === 'parts' && { ObjectParts: partsOf(record, input, call) }),
      ...(asked.has('StorageClass') && { StorageClass: (record.storageClass ?? 'STANDARD') as 'STANDARD' }),
      ...(asked.has('ObjectSize') && { ObjectSize: record.size }),
    };
  },
};

/**
 * Parts are listed if they have checksums.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
 */
function partsOf({ body }: ObjectRecord, input: GetObjectAttributesCommandInput, call: Call) {
  const limit = readCount('max-parts', input.MaxParts, MAX_PARTS);
  const marker = readMarker(input.PartNumberMarker);
  const all = call.store.bodies.parts(body!.id);
  const numbered = all.map(({ size, checksum }, index): ObjectPart & { PartNumber: number } => ({
    PartNumber: index + 1,
    Size: size,
    ...checksum,
  }));
  const page = numbered.slice(marker, marker + limit);
  return {
    TotalPartsCount: all.length,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.PartNumber ?? marker),
    MaxParts: limit,
    IsTruncated: marker + limit < all.length,
    ...(all[0]?.checksum && { Parts: page }),
  };
}
