import type { ListObjectsCommandInput, ListObjectsV2CommandInput } from '@aws-sdk/client-s3';
import type { ObjectRecord } from '../../store/records.ts';
import type { Call, HandlersOf } from '../service.ts';
import { checksumKindOf } from './checksums/object-checksum.ts';
import { canonicalIdOf } from './canonical-ids.ts';
import { invalidArgument } from './errors.ts';
import { encoderOf, readMaxKeys } from './list-input.ts';
import { keyAfter, listPage, type Page } from './list-page.ts';
import { ownerOf } from './ownership.ts';
import { lastModified } from './last-modified.ts';

export const listObjectsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  ListObjectsV2(input, call) {
    const encode = encoderOf(input.EncodingType);
    const limit = readMaxKeys(input.MaxKeys);
    const { ContinuationToken: token, StartAfter: startAfter } = input;
    const from = token === undefined ? startOf(input, startAfter) : readToken(token);
    const page = list(input, call, from, limit);
    return {
      Name: input.Bucket,
      Prefix: encode(input.Prefix ?? ''),
      MaxKeys: limit,
      KeyCount: page.items.length + page.prefixes.length,
      IsTruncated: page.next !== undefined,
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(startAfter && { StartAfter: encode(startAfter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...(token !== undefined && { ContinuationToken: token }),
      ...(page.next && { NextContinuationToken: page.next.key.toString('base64') }),
      Contents: page.items.map((object) => describe(object, encode, input.FetchOwner ? call : undefined)),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },

  ListObjects(input, call) {
    const encode = encoderOf(input.EncodingType);
    const limit = readMaxKeys(input.MaxKeys);
    const page = list(input, call, startOf(input, input.Marker), limit);
    return {
      Name: input.Bucket,
      Prefix: encode(input.Prefix ?? ''),
      Marker: encode(input.Marker ?? ''),
      MaxKeys: limit,
      IsTruncated: page.next !== undefined,
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      // Without a delimiter, the last key serves as the next marker.
      ...(page.last && input.Delimiter && { NextMarker: encode(nameOf(page.last)) }),
      Contents: page.items.map((object) => describe(object, encode, call)),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },
};

type ListInput = Pick<ListObjectsV2CommandInput | ListObjectsCommandInput, 'Prefix' | 'Delimiter'>;

interface Listed {
  key: Buffer;
  record: ObjectRecord;
}

function list(
  { Prefix: prefix = '', Delimiter: delimiter }: ListInput,
  call: Call,
  from: Buffer | undefined,
  limit: number,
): Page<Listed> {
  const { id } = call.survey.bucket!;
  const scan = (position: Buffer | undefined) => call.store.objects.listing.scan(id, prefix, position);
  return listPage(scan, (key) => key, { prefix, delimiter, from, limit });
}

function startOf(
  { Prefix: prefix = '', Delimiter: delimiter }: ListInput,
  marker: string | undefined,
): Buffer | undefined {
  return marker ? keyAfter(marker, prefix, delimiter) : undefined;
}

function readToken(token: string): Buffer {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length > 0 && bytes.toString('base64') === token) return bytes;
  throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
}

const nameOf = (last: Listed | string): string => (typeof last === 'string' ? last : last.key.toString());

function describe({ key, record }: Listed, encode: (text: string) => string, ownersOf?: Call) {
  return {
    Key: encode(key.toString()),
    LastModified: lastModified(record.modified),
    ...describeContent(record),
    ...(ownersOf && {
      Owner: { ID: canonicalIdOf(ownersOf, ownerOf(record, ownersOf.survey.bucket!)) },
    }),
  };
}

/** What listings say of an object besides its name and times. */
export function describeContent(record: ObjectRecord) {
  return {
    ETag: record.etag,
    Size: record.size,
    StorageClass: (record.storageClass ?? 'STANDARD') as 'STANDARD',
    ...checksumKindOf(record),
  };
}
