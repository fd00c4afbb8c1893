import type { UploadRecord } from '../../../store/records.ts';
import type { Caller } from '../../../gate/caller.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call } from '../../service.ts';

interface UploadInput {
  Key: string | undefined;
  UploadId: string | undefined;
}

/** @throws AwsError `NoSuchUpload` */
export function requireUpload({ Key, UploadId }: UploadInput, call: Call): UploadRecord {
  const upload = call.store.uploads.get(call.survey.bucket!.id, Key!, UploadId!);
  if (upload) return upload;
  throw noSuchUpload(UploadId!);
}

/**
 * Only who began an upload adds parts to it and completes it; a role is one, whatever its session.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export function requireInitiator({ initiator }: UploadRecord, { arn, account, userId }: Caller): void {
  const principal = (id: string) => id.split(':')[0];
  const isSame = initiator.account === account && principal(initiator.userId) === principal(userId);
  if (isSame || (account === '' && initiator.arn === arn)) return;
  throw new AwsError('AccessDenied', 'Access Denied');
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html */
export const noSuchUpload = (id: string): AwsError =>
  new AwsError(
    'NoSuchUpload',
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { status: 404, fields: { UploadId: id } },
  );
