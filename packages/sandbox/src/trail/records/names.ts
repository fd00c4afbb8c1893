import { isReadOnly } from '../../services/read-only.ts';

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html

/** S3 Control's events are S3's. */
const SOURCES: Readonly<Record<string, string>> = { s3control: 's3' };

/** CloudTrail's name of an operation, where it is not the API's. */
const NAMES: Readonly<Record<string, string>> = {
  's3:ListObjectsV2': 'ListObjects',
  's3:DeletePublicAccessBlock': 'DeleteBucketPublicAccessBlock',
  's3:GetPublicAccessBlock': 'GetBucketPublicAccessBlock',
  's3:PutPublicAccessBlock': 'PutBucketPublicAccessBlock',
  's3:GetBucketLifecycleConfiguration': 'GetBucketLifecycle',
  's3:PutBucketLifecycleConfiguration': 'PutBucketLifecycle',
  's3:GetBucketNotificationConfiguration': 'GetBucketNotification',
  's3:PutBucketNotificationConfiguration': 'PutBucketNotification',
  's3control:DeletePublicAccessBlock': 'DeleteAccountPublicAccessBlock',
  's3control:GetPublicAccessBlock': 'GetAccountPublicAccessBlock',
  's3control:PutPublicAccessBlock': 'PutAccountPublicAccessBlock',
};

export function eventSource(service: string): string {
  return `${SOURCES[service] ?? service}.amazonaws.com`;
}

export function eventName(service: string, operation: string): string {
  return NAMES[`${service}:${operation}`] ?? operation;
}

/** Calls that issue credentials change nothing, and their answers are recorded all the same. */
export function isReadEvent(service: string, operation: string): boolean {
  return service === 'sts' || isReadOnly(operation);
}

const ISSUING = /^(AssumeRo|GetSessionToken$|GetFederationToken$)/;

/** Whether the record of a call tells of its answer. */
export function recordsAnswer(service: string, operation: string): boolean {
  if (service === 'sts') return ISSUING.test(operation);
  return !isReadOnly(operation) && operation !== 'DeleteObjects';
}
