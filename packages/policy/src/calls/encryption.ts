import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition, region } from './caller.ts';
import { textAt } from './input.ts';
import type { Keys, Need } from './need.ts';
import { onBucket, onObject } from './s3-resources.ts';

// What S3 asks of KMS in its caller's name. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html

/** The key that protects the object that the call reads. */
const keyOfObject: Need['on'] = (call) => call.object?.kmsKey && keyArn(call, call.object.kmsKey);

/**
 * The key that a write is to use: the request's own, else the bucket's default. `aws:kms` without a key means
 * the AWS managed key. A bare key id or alias is looked up in the caller's account.
 */
const keyOfWrite: Need['on'] = (call) => {
  const { input, bucketEncryption } = call;
  if (textAt(input, 'SSECustomerAlgorithm') !== undefined) return undefined;
  const asked = textAt(input, 'ServerSideEncryption');
  if (asked !== undefined) {
    return isKms(asked) ? keyArn(call, textAt(input, 'SSEKMSKeyId') ?? MANAGED) : undefined;
  }
  if (!isKms(bucketEncryption?.algorithm)) return undefined;
  return keyArn(call, bucketEncryption?.key ?? MANAGED);
};

const MANAGED = 'alias/aws/s3';

const isKms = (algorithm: string | undefined): boolean =>
  algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse';

/** ARN of a key or alias; one that is only a name belongs to the caller's account and region. */
export function keyArn(call: ApiCall, key: string): string {
  if (key.startsWith('arn:')) return key;
  const resource = key.startsWith('alias/') ? key : `key/${key}`;
  return `arn:${partition(call)}:kms:${region(call)}:${callerAccount(call)}:${resource}`;
}

function throughS3(call: ApiCall, key: string | undefined, bucketKey: boolean): Keys {
  const context: Keys = {
    'aws:ViaAWSService': true,
    'kms:CallerAccount': callerAccount(call),
    'kms:ViaService': `s3.${key?.split(':')[3] || region(call)}.amazonaws.com`,
  };
  // Through an access point the context names the object of the bucket behind it, which only a `World` knows.
  const arn = bucketKey ? onBucket(call) : onObject(call);
  if (arn === undefined || textAt(call.input, 'Bucket')?.startsWith('arn:')) return context;
  context['kms:EncryptionContext:aws:s3:arn'] = arn;
  context['kms:EncryptionContextKeys'] = ['aws:s3:arn'];
  return context;
}

const writesWithBucketKey = ({ input, bucketEncryption }: ApiCall): boolean =>
  (textAt(input, 'BucketKeyEnabled') ?? String(bucketEncryption?.bucketKey ?? false)) === 'true';

export const encrypts: Need = {
  action: 'kms:GenerateDataKey',
  on: keyOfWrite,
  keys: [(call) => throughS3(call, keyOfWrite(call), writesWithBucketKey(call))],
};

/** A multipart upload reads its own parts back. */
export const decryptsParts: Need = { ...encrypts, action: 'kms:Decrypt' };

export const decrypts: Need = {
  action: 'kms:Decrypt',
  on: keyOfObject,
  keys: [(call) => throughS3(call, keyOfObject(call), call.object?.bucketKey ?? false)],
};
