import type { HandlersOf } from '../service.ts';
import { refuseMembers } from './errors.ts';
import { removeVersion } from './remove-version.ts';

export const deleteObjectHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  DeleteObject(input, call) {
    // They are for directory buckets, which are not served.
    refuseMembers(input, {
      IfMatchLastModifiedTime: 'x-amz-if-match-last-modified-time',
      IfMatchSize: 'x-amz-if-match-size',
    });
    const { Key, VersionId, IfMatch, BypassGovernanceRetention } = input;
    return removeVersion(call, { Key: Key!, VersionId, IfMatch, BypassGovernanceRetention });
  },
};
