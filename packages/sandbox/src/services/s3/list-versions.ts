import type { ListObjectVersionsCommandInput } from '@aws-sdk/client-s3';
import type { ListedVersion, VersionPosition } from '../../store/object-listing.ts';
import { isObject } from '../../store/version-chain.ts';
import { NULL_VERSION, sequenceIn } from '../../store/version-ids.ts';
import type { Call, HandlersOf } from '../service.ts';
import { canonicalIdOf } from './canonical-ids.ts';
import { invalidArgument } from './errors.ts';
import { encoderOf, readMaxKeys } from './list-input.ts';
import { describeContent } from './list-objects.ts';
import { keyAfter, listPage, withinCommonPrefix } from './list-page.ts';
import { ownerOf } from './ownership.ts';
import { requireVersionId } from './versions.ts';
import { lastModified } from './last-modified.ts';

export const listVersionsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  ListObjectVersions(input, call) {
    const { id } = call.survey.bucket!;
    const encode = encoderOf(input.EncodingType);
    const limit = readMaxKeys(input.MaxKeys);
    const { Prefix: prefix = '', Delimiter: delimiter } = input;
    const page = listPage(
      (position: VersionPosition | undefined) =>
        call.store.objects.listing.scanVersions(id, prefix, position),
      (key) => ({ key }),
      { prefix, delimiter, from: startOf(input, call), limit },
    );
    const describe = describer(encode, call);
    return {
      Name: input.Bucket,
      Prefix: encode(prefix),
      KeyMarker: encode(input.KeyMarker ?? ''),
      VersionIdMarker: input.VersionIdMarker ?? '',
      MaxKeys: limit,
      IsTruncated: page.next !== undefined,
      ...(delimiter && { Delimiter: encode(delimiter) }),
      ...(input.EncodingType && { EncodingType: input.EncodingType }),
      ...(page.last !== undefined && nextMarkers(page.last, encode)),
      Versions: page.items.flatMap((item) => {
        const { record } = item;
        return isObject(record) ? [{ ...describe(item), ...describeContent(record) }] : [];
      }),
      DeleteMarkers: page.items.flatMap((item) => (isObject(item.record) ? [] : [describe(item)])),
      CommonPrefixes: page.prefixes.map((common) => ({ Prefix: encode(common) })),
    };
  },
};

/** A page ends at a version, and the next goes on behind it; or at a common prefix, and it goes on behind that. */
function nextMarkers(last: ListedVersion | string, encode: (text: string) => string) {
  if (typeof last === 'string') return { NextKeyMarker: encode(last) };
  return {
    NextKeyMarker: encode(last.key.toString()),
    NextVersionIdMarker: last.record.version ?? NULL_VERSION,
  };
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html */
function startOf(
  {
    KeyMarker: key,
    VersionIdMarker: version,
    Prefix: prefix = '',
    Delimiter: delimiter,
  }: ListObjectVersionsCommandInput,
  call: Call,
): VersionPosition | undefined {
  if (version !== undefined && !key)
    throw invalidArgument(
      'version-id-marker',
      version,
      'A version-id marker cannot be specified without a key marker.',
    );
  if (version === '') throw invalidArgument('version-id-marker', '', 'A version-id marker cannot be empty.');
  if (!key) return undefined;
  if (version === undefined || withinCommonPrefix(key, prefix, delimiter) !== undefined)
    return { key: keyAfter(key, prefix, delimiter) };
  requireVersionId(version);
  return { key: Buffer.from(key), after: placeOf(key, version, call) };
}

/** The place of a version among those of its key, though it may be gone. */
function placeOf(key: string, version: string, call: Call): number {
  if (version !== NULL_VERSION) return sequenceIn(version);
  return call.store.objects.version(call.survey.bucket!.id, key, version)?.sequence ?? 0;
}

function describer(encode: (text: string) => string, call: Call) {
  const bucket = call.survey.bucket!;
  return ({ key, record, isLatest }: ListedVersion) => ({
    Key: encode(key.toString()),
    VersionId: record.version ?? NULL_VERSION,
    IsLatest: isLatest,
    LastModified: lastModified(record.modified),
    Owner: { ID: canonicalIdOf(call, isObject(record) ? ownerOf(record, bucket) : record.owner) },
  });
}
