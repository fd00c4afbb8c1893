import { afterPrefix } from '../../store/object-keys.ts';
import type { Objects } from '../../store/objects.ts';
import type { ObjectRecord } from '../../store/records.ts';
import { encodePercent } from '../../wire/message.ts';
import type { Call, HandlersOf } from '../service.ts';
import { canonicalIdOf } from './canonical-ids.ts';
import { invalidArgument } from './errors.ts';
import { ownerOf } from './ownership.ts';

const MAX_KEYS = 1000;

export const listObjectsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  ListObjectsV2(input, call) {
    const encode = encoderOf(input.EncodingType);
    const limit = readMaxKeys(input.MaxKeys);
    const token = input.ContinuationToken;
    const from = token === undefined ? startAfter(input.StartAfter) : readToken(token);
    const page = listPage(
      call.store.objects,
      call.survey.bucket!.id,
      input.Prefix ?? '',
      input.Delimiter,
      from,
      limit,
    );
    return {
      Name: input.Bucket,
      Prefix: encode(input.Prefix ?? ''),
      MaxKeys: limit,
      KeyCount: page.objects.length + page.prefixes.length,
      IsTruncated: page.next !== undefined,
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(input.StartAfter && { StartAfter: encode(input.StartAfter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...(token !== undefined && { ContinuationToken: token }),
      ...(page.next && { NextContinuationToken: page.next.toString('base64') }),
      Contents: page.objects.map((object) => describe(object, encode, input.FetchOwner ? call : undefined)),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },

  ListObjects(input, call) {
    const encode = encoderOf(input.EncodingType);
    const limit = readMaxKeys(input.MaxKeys);
    const from = startAfter(input.Marker);
    const page = listPage(
      call.store.objects,
      call.survey.bucket!.id,
      input.Prefix ?? '',
      input.Delimiter,
      from,
      limit,
    );
    return {
      Name: input.Bucket,
      Prefix: encode(input.Prefix ?? ''),
      Marker: encode(input.Marker ?? ''),
      MaxKeys: limit,
      IsTruncated: page.next !== undefined,
      ...(input.Delimiter && { Delimiter: encode(input.Delimiter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      // Without a delimiter, the last key serves as the next marker.
      ...(page.next && input.Delimiter && { NextMarker: encode(page.last) }),
      Contents: page.objects.map((object) => describe(object, encode, call)),
      CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })),
    };
  },
};

interface Page {
  objects: { key: string; record: ObjectRecord }[];
  prefixes: string[];
  /** The last key or prefix of the page. */
  last: string;
  /** Where the next page starts, where there is one. */
  next?: Buffer;
}

/** Lists up to `limit` keys and common prefixes; what lies within a common prefix is skipped, not read. */
export function listPage(
  objects: Objects,
  bucket: string,
  prefix: string,
  delimiter: string | undefined,
  from: Buffer | undefined,
  limit: number,
): Page {
  const page: Page = { objects: [], prefixes: [], last: '' };
  if (limit === 0) return page;
  let position = skipWithinPrefix(from, prefix, delimiter);
  for (;;) {
    let skipTo: Buffer | undefined;
    for (const { key, record } of objects.scan(bucket, prefix, position)) {
      if (page.objects.length + page.prefixes.length === limit) {
        page.next = Buffer.from(key);
        return page;
      }
      const name = key.toString('utf8');
      const end = delimiter ? name.indexOf(delimiter, prefix.length) : -1;
      page.last = end === -1 ? name : name.slice(0, end + delimiter!.length);
      if (end === -1) page.objects.push({ key: name, record });
      else {
        page.prefixes.push(page.last);
        skipTo = afterPrefix(Buffer.from(page.last));
        break;
      }
    }
    if (!skipTo) return page;
    position = skipTo;
  }
}

/** A start that lies within a common prefix: the prefix was listed before, so everything in it is skipped. */
function skipWithinPrefix(
  from: Buffer | undefined,
  prefix: string,
  delimiter: string | undefined,
): Buffer | undefined {
  if (!from || !delimiter) return from;
  const name = from.toString('utf8');
  if (!name.startsWith(prefix)) return from;
  // `startAfter` ends in a zero byte, a token does not: only what follows something listed can be inside a prefix.
  const end = name.endsWith('\0') ? name.indexOf(delimiter, prefix.length) : -1;
  return end === -1 ? from : afterPrefix(Buffer.from(name.slice(0, end + delimiter.length)));
}

/** The first key after the given one. */
function startAfter(key: string | undefined): Buffer | undefined {
  return key ? Buffer.from(`${key}\0`) : undefined;
}

function readToken(token: string): Buffer {
  const bytes = Buffer.from(token, 'base64');
  if (bytes.length > 0 && bytes.toString('base64') === token) return bytes;
  throw invalidArgument('continuation-token', token, 'The continuation token provided is incorrect');
}

function readMaxKeys(maxKeys: number | undefined): number {
  if (maxKeys === undefined) return MAX_KEYS;
  if (Number.isInteger(maxKeys) && maxKeys >= 0) return Math.min(maxKeys, MAX_KEYS);
  throw invalidArgument(
    'max-keys',
    String(maxKeys),
    'Argument max-keys must be an integer between 0 and 2147483647',
  );
}

function encoderOf(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type === 'url') return (text) => encodePercent(text).replaceAll('%20', '+').replaceAll('%2F', '/');
  throw invalidArgument('encoding-type', type, 'Invalid Encoding Method specified in Request');
}

function describe(
  { key, record }: Page['objects'][number],
  encode: (text: string) => string,
  ownersOf?: Call,
) {
  return {
    Key: encode(key),
    LastModified: new Date(record.modified),
    ETag: record.etag,
    Size: record.size,
    StorageClass: (record.storageClass ?? 'STANDARD') as 'STANDARD',
    ...(record.checksum && {
      ChecksumAlgorithm: Object.keys(record.checksum).map(
        (member) => member.slice('Checksum'.length) as 'CRC32',
      ),
      ChecksumType: 'FULL_OBJECT' as const,
    }),
    ...(ownersOf && {
      Owner: { ID: canonicalIdOf(ownersOf, ownerOf(record, ownersOf.survey.bucket!)) },
    }),
  };
}
