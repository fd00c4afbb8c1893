import type { VersionRecord } from '../../store/records.ts';
import type { HandlersOf } from '../service.ts';
import { ANONYMOUS_ID } from './canonical-ids.ts';
import { checkWriteConditions } from './conditions.ts';
import { noSuchBucket, noSuchKey, refuseMembers } from './errors.ts';
import { findVersion, requireVersionId, versionOf } from './versions.ts';
import { isObject } from '../../store/version-chain.ts';

export const deleteObjectHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async DeleteObject(input, call) {
    refuseMembers(input, {
      MFA: 'x-amz-mfa',
      IfMatchLastModifiedTime: 'x-amz-if-match-last-modified-time',
      IfMatchSize: 'x-amz-if-match-size',
    });
    const { id, name } = call.survey.bucket!;
    const { Key: key, VersionId: versionId } = input;
    if (versionId !== undefined) requireVersionId(versionId);
    const objects = call.store.objects;
    let output: { VersionId?: string; DeleteMarker?: boolean } = {};
    await objects.exclusively(id, key!, async () => {
      const bucket = call.store.buckets.get(name);
      if (bucket?.id !== id) throw noSuchBucket(name);
      const existing = findVersion(input, bucket, call);
      checkWriteConditions(input, existing && isObject(existing) ? existing : undefined, () =>
        noSuchKey(key!),
      );
      if (versionId === undefined) {
        const owner = call.caller.account || ANONYMOUS_ID;
        const marker = await objects.delete(bucket, key!, { owner, modified: call.clock.now() });
        if (marker) output = { ...versionOf(marker, bucket), DeleteMarker: true };
      } else {
        const deleted: VersionRecord | undefined = await objects.deleteVersion(id, key!, versionId);
        output = { VersionId: versionId, ...(deleted?.deleteMarker && { DeleteMarker: true }) };
      }
    });
    return output;
  },
};
