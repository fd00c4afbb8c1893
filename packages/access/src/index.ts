export * from './credentials.ts';
export type { PresignOptions } from './lean/presign.ts';
export { parseAccessDenied, type Denial, type DenialReason } from './denial/access-denied.ts';
export { AccessDeniedError } from './s3/bucket-error.ts';
export type { BucketOptions } from './s3/bucket-options.ts';
export {
  openBucket,
  type Bucket,
  type GetOptions,
  type PutOptions,
  type ReadOptions,
  type StoredObject,
} from './s3/bucket.ts';
export type { FailedCall } from './denial/denied-call.ts';
export {
  explainDenials,
  type DeniedCall,
  type ExplainDenialsOptions,
  type ExplainedDenial,
} from './s3/explain-denials.ts';
export type { ListOptions } from './s3/list-objects.ts';
export type { ObjectEntry, PrefixEntry } from './s3/list-page.ts';
export type { ObjectBody } from './s3/object-body.ts';
export type { ObjectHead } from './s3/object-head.ts';
export type { Copied } from './transfer/copy.ts';
export type { CopyOptions } from './transfer/copy-options.ts';
export type { CopyWay } from './transfer/copy-ways.ts';
export type { DeleteManyOptions } from './transfer/delete-many.ts';
export type { Downloaded } from './transfer/download.ts';
export type { DownloadOptions } from './transfer/download-options.ts';
export type { TransferAction, TransferEvent, TransferListener } from './transfer/events.ts';
export type { TransferOptions } from './transfer/run.ts';
export { TransferIncompleteError } from './transfer/incomplete-error.ts';
export type { SyncOptions } from './transfer/sync-options.ts';
export type { Comparison } from './transfer/tree/compare.ts';
export { openFilters, type Filter } from './transfer/tree/filters.ts';
export type { TreeSummary } from './transfer/tree/transfer-tree.ts';
export type { UploadOptions } from './transfer/upload-options.ts';
export type { Uploaded } from './transfer/upload-subject.ts';
