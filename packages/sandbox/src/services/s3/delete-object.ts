import type { HandlersOf } from '../service.ts';
import { checkWriteConditions } from './conditions.ts';
import { noSuchKey, refuseMembers } from './errors.ts';
import { requireNullVersion } from './get-object.ts';

export const deleteObjectHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async DeleteObject(input, call) {
    refuseMembers(input, {
      MFA: 'x-amz-mfa',
      IfMatchLastModifiedTime: 'x-amz-if-match-last-modified-time',
      IfMatchSize: 'x-amz-if-match-size',
    });
    requireNullVersion(input.VersionId);
    const { id } = call.survey.bucket!;
    await call.store.objects.exclusively(id, input.Key!, async () => {
      checkWriteConditions(input, call.store.objects.get(id, input.Key!), () => noSuchKey(input.Key!));
      await call.store.objects.delete(id, input.Key!);
    });
    return {};
  },
};
