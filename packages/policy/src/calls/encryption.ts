import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition, region } from './caller.ts';
import { booleanAt, isRecord, textAt } from './input.ts';
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

interface Use {
  key: string | undefined;
  /** True where KMS sees the bucket's ARN and not the object's. */
  bucketKey: boolean;
  /** What the writer added to the encryption context. */
  pairs: Readonly<Record<string, string>> | undefined;
}

function throughS3(call: ApiCall, { key, bucketKey, pairs }: Use): Keys {
  const context: Keys = {
    'aws:ViaAWSService': true,
    'kms:CallerAccount': callerAccount(call),
    'kms:ViaService': `s3.${key?.split(':')[3] || region(call)}.amazonaws.com`,
    'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT',
  };
  // Through an access point this is its ARN: the bucket behind it is known to a `World`.
  const arn = bucketKey ? onBucket(call) : onObject(call);
  const all = { ...pairs, ...(arn !== undefined && { 'aws:s3:arn': arn }) };
  for (const [name, value] of Object.entries(all)) context[`kms:EncryptionContext:${name}`] = value;
  context['kms:EncryptionContextKeys'] = Object.keys(all);
  return context;
}

/** In browsers and in Node. */
declare const atob: (text: string) => string;

/** `x-amz-server-side-encryption-context`: JSON in base64. What is none is left for the service to refuse. */
function pairsOfWrite({ input }: ApiCall): Record<string, string> | undefined {
  const header = textAt(input, 'SSEKMSEncryptionContext');
  if (header === undefined) return undefined;
  try {
    const bytes = Array.from(atob(header), (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0'));
    const value: unknown = JSON.parse(decodeURIComponent(bytes.map((byte) => `%${byte}`).join('')));
    if (!isRecord(value)) return undefined;
    return Object.fromEntries(
      Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
    );
  } catch {
    return undefined;
  }
}

const writesWithBucketKey = ({ input, bucketEncryption }: ApiCall): boolean =>
  textAt(input, 'BucketKeyEnabled') === undefined
    ? bucketEncryption?.bucketKey === true
    : booleanAt(input, 'BucketKeyEnabled');

const onKeyOfObject = (action: string): Need => ({
  action,
  on: keyOfObject,
  keys: [
    (call) =>
      throughS3(call, {
        key: keyOfObject(call),
        bucketKey: call.object?.bucketKey ?? false,
        pairs: call.object?.encryptionContext,
      }),
  ],
});

export const encrypts: Need = {
  action: 'kms:GenerateDataKey',
  on: keyOfWrite,
  keys: [
    (call) =>
      throughS3(call, {
        key: keyOfWrite(call),
        bucketKey: writesWithBucketKey(call),
        pairs: pairsOfWrite(call),
      }),
  ],
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
      throughS3(call, {
        key: newKey(call),
        bucketKey: booleanAt(call.input, 'ObjectEncryption.SSEKMS.BucketKeyEnabled'),
        pairs: call.object?.encryptionContext,
      }),
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
