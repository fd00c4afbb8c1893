import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition, region } from './caller.ts';
import { booleanAt, textAt } from './input.ts';
import type { Keys, Need } from './need.ts';
import { onBucket, onObject } from './s3-resources.ts';

// What S3 asks of KMS in its caller's name; per operation, see the operation's documentation in the SDK.

/** ARN of a key or alias; one that is only a name belongs to the caller's account and region. */
export function keyArn(call: ApiCall, key: string): string {
  if (key.startsWith('arn:')) return key;
  const resource = key.startsWith('alias/') ? key : `key/${key}`;
  return `arn:${partition(call)}:kms:${region(call)}:${callerAccount(call)}:${resource}`;
}

/** The key that protects the object, or the parts of the upload, that the call is about. */
const keyOfObject: Need['on'] = (call) => call.object?.kmsKey && keyArn(call, call.object.kmsKey);

/** The key that AWS manages for S3 in the caller's account, which `aws:kms` without a key means. */
const MANAGED = 'alias/aws/s3';

/** The key that a write is to use: the request's own, else the bucket's default. */
const keyOfWrite: Need['on'] = (call) => {
  const { input, bucketEncryption } = call;
  if (textAt(input, 'SSECustomerAlgorithm') !== undefined) return undefined;
  const asked = textAt(input, 'ServerSideEncryption');
  if (asked !== undefined) {
    return isKms(asked) ? keyArn(call, textAt(input, 'SSEKMSKeyId') ?? MANAGED) : undefined;
  }
  return isKms(bucketEncryption?.algorithm) ? keyArn(call, bucketEncryption?.key ?? MANAGED) : undefined;
};

const isKms = (algorithm: string | undefined): boolean =>
  algorithm === 'aws:kms' || algorithm === 'aws:kms:dsse';

function throughS3(call: ApiCall, key: string | undefined, bucketKey: boolean): Keys {
  const context: Keys = {
    'aws:ViaAWSService': true,
    'kms:CallerAccount': callerAccount(call),
    'kms:ViaService': `s3.${key?.split(':')[3] || region(call)}.amazonaws.com`,
    'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
  };
  // Through an access point the context names the object of the bucket behind it, which only a `World` knows.
  const arn = bucketKey ? onBucket(call) : onObject(call);
  if (arn === undefined || textAt(call.input, 'Bucket')?.startsWith('arn:')) return context;
  context['kms:EncryptionContext:aws:s3:arn'] = arn;
  context['kms:EncryptionContextKeys'] = ['aws:s3:arn'];
  return context;
}

const writesWithBucketKey = ({ input, bucketEncryption }: ApiCall): boolean =>
  textAt(input, 'BucketKeyEnabled') === undefined
    ? bucketEncryption?.bucketKey === true
    : booleanAt(input, 'BucketKeyEnabled');

const onKeyOfObject = (action: string): Need => ({
  action,
  on: keyOfObject,
  keys: [(call) => throughS3(call, keyOfObject(call), call.object?.bucketKey ?? false)],
});

export const encrypts: Need = {
  action: 'kms:GenerateDataKey',
  on: keyOfWrite,
  keys: [(call) => throughS3(call, keyOfWrite(call), writesWithBucketKey(call))],
};

export const decrypts: Need = onKeyOfObject('kms:Decrypt');

/** Where only a checksum makes S3 read what is encrypted. */
export const decryptsChecksum: Need = {
  ...decrypts,
  when: ({ input }) => textAt(input, 'ChecksumMode') === 'ENABLED',
};

const newKey: Need['on'] = (call) => {
  const key = textAt(call.input, 'ObjectEncryption.SSEKMS.KMSKeyArn');
  return key === undefined ? undefined : keyArn(call, key);
};

const onNewKey = (action: string): Need => ({
  action,
  on: newKey,
  keys: [
    (call) =>
      throughS3(call, newKey(call), booleanAt(call.input, 'ObjectEncryption.SSEKMS.BucketKeyEnabled')),
  ],
});

/** A change of key without a copy: `kms:ReEncrypt*` is two actions. */
export const reencrypts: readonly Need[] = [
  onKeyOfObject('kms:Decrypt'),
  onKeyOfObject('kms:ReEncryptFrom'),
  onNewKey('kms:ReEncryptTo'),
  onNewKey('kms:Encrypt'),
  onNewKey('kms:GenerateDataKey'),
];
