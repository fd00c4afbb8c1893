import type { BucketRecord, ObjectRecord, UploadRecord } from '../../../store/records.ts';
import { encodePercent } from '../../../wire/message.ts';
import { abortOf, expiryOf } from './expiry.ts';

/**
 * What answers say of when a current object will expire.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 */
export function expirationOf(
  key: string,
  object: ObjectRecord,
  { lifecycle }: BucketRecord,
): { Expiration?: string } {
  const expiry = lifecycle && expiryOf(key, object, lifecycle.rules);
  if (!expiry) return {};
  const date = new Date(expiry.at).toUTCString();
  return { Expiration: `expiry-date="${date}", rule-id="${encodePercent(expiry.rule)}"` };
}

/**
 * What answers say of when an upload will be given up.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html
 */
export function abortionOf(
  upload: UploadRecord,
  { lifecycle }: BucketRecord,
): { AbortDate?: Date; AbortRuleId?: string } {
  const abort = lifecycle && abortOf(upload, lifecycle.rules);
  return abort ? { AbortDate: new Date(abort.at), AbortRuleId: abort.rule } : {};
}
