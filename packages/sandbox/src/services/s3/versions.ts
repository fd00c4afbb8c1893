import type { BucketRecord, ObjectRecord, VersionRecord } from '../../store/records.ts';
import { isObject } from '../../store/version-chain.ts';
import { isVersionId, NULL_VERSION } from '../../store/version-ids.ts';
import { AwsError } from '../../wire/errors.ts';
import { queryValue, type RequestHead } from '../../wire/message.ts';
import type { Call } from '../service.ts';
import { invalidArgument, noSuchKey, noSuchVersion } from './errors.ts';

export interface VersionInput {
  /** As it was named: a bucket, or an access point. */
  Bucket: string | undefined;
  Key: string | undefined;
  VersionId?: string | undefined;
}

/**
 * The object that a read asks for, or the version of it. What is not there is 404 only for those who may list the
 * bucket: to others it would tell what is in it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function requireObject(input: VersionInput, call: Call): ObjectRecord {
  const bucket = call.survey.bucket!;
  const found = findVersion(input, bucket, call);
  if (found && isObject(found)) return found;
  if (found && input.VersionId !== undefined) throw markerNotAllowed(found, call.head.method);
  call.requireAlso('ListObjectsV2', { Bucket: input.Bucket });
  if (found) throw hiddenByMarker(found, input.Key!);
  throw input.VersionId === undefined ? noSuchKey(input.Key!) : noSuchVersion(input.Key!, input.VersionId);
}

/** The version that an input names: without an id, the newest. */
export function findVersion(
  { Key, VersionId }: Omit<VersionInput, 'Bucket'>,
  bucket: BucketRecord,
  { store }: Pick<Call, 'store'>,
): VersionRecord | undefined {
  if (VersionId === undefined) return store.objects.latest(bucket.id, Key!);
  requireVersionId(VersionId);
  return store.objects.version(bucket.id, Key!, VersionId);
}

export function requireVersionId(id: string): void {
  if (id === '') throw invalidArgument('versionId', '', 'Version id cannot be the empty string');
  if (!isVersionId(id)) throw invalidArgument('versionId', id, 'Invalid version id specified');
}

/** What is written is a version of its own. */
export function requireNoVersion(head: RequestHead): void {
  const id = queryValue(head, 'versionId');
  if (id !== undefined)
    throw invalidArgument('versionId', id, 'This operation does not accept a version-id.');
}

/** What an answer says of the version: nothing where the bucket never had versions. */
export function versionOf(
  { version = NULL_VERSION }: VersionRecord,
  { versioning }: BucketRecord,
): { VersionId?: string } {
  return versioning === undefined ? {} : { VersionId: version };
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html

function hiddenByMarker(marker: VersionRecord, key: string): AwsError {
  return new AwsError('NoSuchKey', 'The specified key does not exist.', {
    status: 404,
    headers: markerHeaders(marker),
    fields: { Key: key },
  });
}

function markerNotAllowed(marker: VersionRecord, method: string): AwsError {
  return new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
    headers: {
      ...markerHeaders(marker),
      allow: 'DELETE',
      'last-modified': new Date(marker.modified).toUTCString(),
    },
    fields: { Method: method, ResourceType: 'DeleteMarker' },
  });
}

const markerHeaders = ({ version = NULL_VERSION }: VersionRecord) => ({
  'x-amz-delete-marker': 'true',
  'x-amz-version-id': version,
});
