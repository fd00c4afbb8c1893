import type { ApiCall } from '@crossbucket/policy';
import type { AnswerRow } from '../engines/engine.ts';

/** Calls that CloudTrail names otherwise than the API. https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html */
const OPERATIONS: Readonly<Record<string, string>> = {
  ListObjects: 'ListObjectsV2',
  GetBucketPublicAccessBlock: 'GetPublicAccessBlock',
  PutBucketPublicAccessBlock: 'PutPublicAccessBlock',
  DeleteBucketPublicAccessBlock: 'DeletePublicAccessBlock',
  GetBucketLifecycle: 'GetBucketLifecycleConfiguration',
  PutBucketLifecycle: 'PutBucketLifecycleConfiguration',
  GetBucketNotification: 'GetBucketNotificationConfiguration',
  PutBucketNotification: 'PutBucketNotificationConfiguration',
};

/** Members of a recorded request that decide about permissions, by the SDK's names. */
const HEADERS: Readonly<Record<string, string>> = {
  'x-amz-acl': 'ACL',
  'x-amz-copy-source': 'CopySource',
  'x-amz-server-side-encryption': 'ServerSideEncryption',
  'x-amz-server-side-encryption-aws-kms-key-id': 'SSEKMSKeyId',
  'x-amz-tagging': 'Tagging',
  'x-amz-storage-class': 'StorageClass',
  versionId: 'VersionId',
  delimiter: 'Delimiter',
  'max-keys': 'MaxKeys',
  uploadId: 'UploadId',
};

/** The API's name for a call that CloudTrail has recorded. */
export const operationOf = (eventName: string): string =>
  Object.hasOwn(OPERATIONS, eventName) ? OPERATIONS[eventName]! : eventName;

/**
 * A recorded call as one of the API. What no record holds (session policies, tags of the session, the state of the
 * object then) is not there, and the row of a group stands for all of its calls.
 */
export function apiCallOf(row: AnswerRow): ApiCall {
  const { action, bucket, object_key: key, list_prefix: prefix, caller, source_ip: ip } = row;
  return {
    service: 's3',
    operation: operationOf(String(action)),
    input: {
      Bucket: bucket,
      ...(typeof key === 'string' && key !== '' && { Key: key }),
      ...(typeof prefix === 'string' && prefix !== '' && { Prefix: prefix }),
      ...headersOf(row['request']),
    },
    principal: typeof caller === 'string' ? caller : principalOf(row),
    context: {
      'aws:SecureTransport': true,
      ...(typeof ip === 'string' && /^[\d.:a-f]+$/i.test(ip) && { 'aws:SourceIp': ip }),
    },
  };
}

/** A caller whom no copy names: the account is all that is known. */
function principalOf({ source_account: account, principal }: AnswerRow): string {
  if (typeof principal === 'string' && principal.startsWith('arn:')) return principal;
  return account === 'anonymous' ? '*' : `arn:aws:iam::${String(account)}:root`;
}

function headersOf(request: unknown): Record<string, unknown> {
  if (typeof request !== 'string') return {};
  const parsed = parseObject(request);
  return Object.fromEntries(
    Object.entries(HEADERS).flatMap(([recorded, name]) => {
      const value = Object.hasOwn(parsed, recorded) ? parsed[recorded] : undefined;
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [];
    }),
  );
}

/** A JSON object; an empty one for anything else. */
export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
