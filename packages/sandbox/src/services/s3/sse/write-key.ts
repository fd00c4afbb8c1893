import type { BucketRecord, KeyRecord } from '../../../store/records.ts';
import type { AwsError } from '../../../wire/errors.ts';
import { findKey, keyArnOf, type KeyScope } from '../../kms/find-key.ts';
import { S3_ALIAS } from '../../kms/managed-key.ts';

type Algorithm = NonNullable<BucketRecord['encryption']>['algorithm'];

/** How a write is to be encrypted, short of a customer's key: as the request says, else as the bucket does. */
export interface WriteEncryption {
  algorithm: Algorithm;
  /** Id, alias or ARN of the key. */
  key?: string;
  bucketKey: boolean;
}

interface Input {
  ServerSideEncryption?: unknown;
  SSEKMSKeyId?: unknown;
  SSECustomerAlgorithm?: unknown;
  BucketKeyEnabled?: unknown;
}

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html
 * @returns Nothing for a write under a customer's key.
 */
export function writeEncryption(input: Input, bucket: BucketRecord): WriteEncryption | undefined {
  if (input.SSECustomerAlgorithm !== undefined) return undefined;
  const fallback = bucket.encryption;
  const asked = input.ServerSideEncryption as Algorithm | undefined;
  const bucketKey = input.BucketKeyEnabled ?? fallback?.bucketKey ?? false;
  const algorithm = asked ?? fallback?.algorithm ?? 'AES256';
  const key = asked === undefined ? fallback?.key : input.SSEKMSKeyId;
  return {
    algorithm,
    bucketKey: algorithm === 'aws:kms' && bucketKey === true,
    ...(algorithm !== 'AES256' && { key: typeof key === 'string' ? key : S3_ALIAS }),
  };
}

/**
 * The key of KMS that a write needs. Which it is, the requester's account and region say where its ARN does not.
 * Nothing where there is none, or none of that name: the decision then goes against the caller.
 */
export function findWriteKey(input: Input, bucket: BucketRecord, scope: KeyScope): KeyRecord | undefined {
  const name = writeEncryption(input, bucket)?.key;
  if (name === undefined || scope.account === '') return undefined;
  try {
    return findKey(keyArnOf(name, scope), scope);
  } catch (error) {
    if ((error as AwsError).code === 'NotFoundException') return undefined;
    throw error;
  }
}
