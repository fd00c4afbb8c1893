import type { HandlersOf } from '../../service.ts';
import { abortUploadHandlers } from './abort-upload.ts';
import { completeUploadHandlers } from './complete-upload.ts';
import { copyPartHandlers } from './copy-part.ts';
import { createUploadHandlers } from './create-upload.ts';
import { listPartsHandlers } from './list-parts.ts';
import { listUploadsHandlers } from './list-uploads.ts';
import { uploadPartHandlers } from './upload-part.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html */
export const multipartHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  ...createUploadHandlers,
  ...uploadPartHandlers,
  ...copyPartHandlers,
  ...listPartsHandlers,
  ...listUploadsHandlers,
  ...completeUploadHandlers,
  ...abortUploadHandlers,
};
