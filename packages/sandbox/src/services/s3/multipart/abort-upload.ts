import type { HandlersOf } from '../../service.ts';
import { AwsError } from '../../../wire/errors.ts';
import { requireUpload } from './find-upload.ts';

export const abortUploadHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async AbortMultipartUpload(input, call) {
    const { id, initiated } = requireUpload(input, call);
    const expected = input.IfMatchInitiatedTime;
    if (expected && Math.floor(initiated / 1000) !== Math.floor(expected.getTime() / 1000))
      throw new AwsError(
        'PreconditionFailed',
        'At least one of the pre-conditions you specified did not hold',
        {
          fields: { Condition: 'x-amz-if-match-initiated-time' },
        },
      );
    await call.store.uploads.exclusively(id, async () => {
      await call.store.uploads.abort(requireUpload(input, call));
    });
    return {};
  },
};
