export * from './credentials.ts';
export { parseAccessDenied, type Denial, type DenialReason } from './s3/access-denied.ts';
export { AccessDeniedError } from './s3/bucket-error.ts';
export type { BucketOptions } from './s3/bucket-options.ts';
export {
  openBucket,
  type Bucket,
  type ObjectEntry,
  type ObjectHead,
  type PutOptions,
  type StoredObject,
} from './s3/bucket.ts';
