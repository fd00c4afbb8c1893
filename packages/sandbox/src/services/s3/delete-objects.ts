import type {
  DeletedObject,
  DeleteObjectsCommandInput,
  _Error as Refused,
  ObjectIdentifier,
} from '@aws-sdk/client-s3';
import { SandboxError } from '../../errors.ts';
import { AwsError } from '../../wire/errors.ts';
import type { Call, HandlersOf } from '../service.ts';
import { concurrently } from '../concurrently.ts';
import { requireDigest } from './digest.ts';
import { malformedXml, refuseMembers } from './errors.ts';
import { requireKeyLength } from './key-length.ts';
import { objectFacts } from './object-facts.ts';
import { removeVersion, type Removed } from './remove-version.ts';
import { surveyedObject } from './surveyed.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html */
const MAX_OBJECTS = 1000;
/** No more than a full disk has room for, which is kept for deletions. */
const AT_ONCE = 4;

export const deleteObjectsHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async DeleteObjects(input, call) {
    requireDigest(call.head);
    const objects = input.Delete?.Objects ?? [];
    if (objects.length === 0 || objects.length > MAX_OBJECTS) throw malformedXml();
    if (objects.some(({ Key }) => !Key)) throw malformedXml();
    const rows = await concurrently(objects, AT_ONCE, (object) => deleteOne(object, input, call));
    const deleted = input.Delete!.Quiet ? [] : rows.flatMap(({ deleted: row }) => row ?? []);
    const errors = rows.flatMap(({ refused: row }) => row ?? []);
    return {
      ...(deleted.length > 0 && { Deleted: deleted }),
      ...(errors.length > 0 && { Errors: errors }),
    };
  },
};

interface Row {
  deleted?: DeletedObject;
  refused?: Refused;
}

/** Each object is decided and answered by itself. */
async function deleteOne(
  object: ObjectIdentifier,
  { Bucket, BypassGovernanceRetention, RequestPayer }: DeleteObjectsCommandInput,
  call: Call,
): Promise<Row> {
  const { Key = '', VersionId, ETag: IfMatch } = object;
  try {
    refuseMembers(object, { LastModifiedTime: 'LastModifiedTime', Size: 'Size' });
    requireKeyLength(Key);
    const input = { Bucket, Key, VersionId, IfMatch, BypassGovernanceRetention, RequestPayer };
    const found = surveyedObject(call.survey.bucket!, Key, VersionId, call.store);
    call.requireAlso('DeleteObject', input, found && objectFacts(found));
    return { deleted: describe(object, await removeVersion(call, input)) };
  } catch (error) {
    // What the disk refuses concerns this object; others may have been deleted by now.
    if (!(error instanceof AwsError || error instanceof SandboxError)) throw error;
    const Code = error instanceof AwsError ? error.code : 'ServiceUnavailable';
    const { message: Message } = error;
    return { refused: { Key, ...(VersionId !== undefined && { VersionId }), Code, Message } };
  }
}

function describe({ Key, VersionId }: ObjectIdentifier, removed: Removed): DeletedObject {
  return {
    Key,
    ...(VersionId !== undefined && { VersionId }),
    ...(removed.DeleteMarker && { DeleteMarker: true, DeleteMarkerVersionId: removed.VersionId }),
  };
}
