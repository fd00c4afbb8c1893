import type { BucketRecord } from '../../store/records.ts';
import { isObject } from '../../store/version-chain.ts';
import type { Call } from '../service.ts';
import { ANONYMOUS_ID } from './canonical-ids.ts';
import { checkWriteConditions } from './conditions.ts';
import { noSuchBucket, noSuchKey } from './errors.ts';
import { requireUnlocked } from './lock/protection.ts';
import { findVersion, requireVersionId } from './versions.ts';

export interface Removal {
  Key: string;
  VersionId?: string | undefined;
  IfMatch?: string | undefined;
  BypassGovernanceRetention?: boolean | undefined;
}

export interface Removed {
  /** Of the version that is gone, or of the delete marker that was made. */
  VersionId?: string;
  DeleteMarker?: true;
}

/**
 * Deletes an object, or one version of it for good.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html
 */
export async function removeVersion(call: Call, removal: Removal): Promise<Removed> {
  const { id, name } = call.survey.bucket!;
  const { Key: key, VersionId: versionId } = removal;
  if (versionId !== undefined) requireVersionId(versionId);
  const objects = call.store.objects;
  let removed: Removed = {};
  await objects.exclusively(id, key, async () => {
    // As it is now: versioning may have been turned on meanwhile.
    const bucket = call.store.buckets.get(name);
    if (bucket?.id !== id) throw noSuchBucket(name);
    requireFitting(removal, bucket, call);
    if (versionId === undefined) {
      const owner = call.caller.account || ANONYMOUS_ID;
      const marker = await objects.delete(bucket, key, { owner, modified: call.clock.now() });
      if (marker) removed = { VersionId: marker.version ?? 'null', DeleteMarker: true };
    } else {
      const gone = await objects.deleteVersion(id, key, versionId);
      removed = { VersionId: versionId, ...(gone?.deleteMarker && { DeleteMarker: true }) };
    }
  });
  return removed;
}

function requireFitting(removal: Removal, bucket: BucketRecord, call: Call): void {
  const existing = findVersion(removal, bucket, call);
  const object = existing && isObject(existing) ? existing : undefined;
  checkWriteConditions(removal, object, () => noSuchKey(removal.Key));
  // A delete marker hides what is locked, and takes nothing away.
  if (removal.VersionId === undefined && bucket.versioning === 'Enabled') return;
  requireUnlocked(object?.lock, call.clock.now(), removal.BypassGovernanceRetention === true);
}
