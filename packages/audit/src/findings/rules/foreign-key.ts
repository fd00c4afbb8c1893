import type { EventRule } from '../rule.ts';

export const foreignKey: EventRule = {
  code: 'foreign-key',
  severity: 'high',
  title: "An object was encrypted with another account's key",
  help: 'its owner can be locked out by whoever has the key: deny other keys in the bucket policy, by `s3:x-amz-server-side-encryption-aws-kms-key-id`',
  events: ['PutObject', 'CopyObject', 'CreateMultipartUpload', 'PutBucketEncryption'],
  judge(event) {
    const key = keyIn(event.request);
    const account = key === undefined ? undefined : /^arn:[^:]+:kms:[^:]*:(\d{12}):/.exec(key)?.[1];
    if (account === undefined || account === event.owner) return undefined;
    return { message: `${event.caller} encrypted in ${event.resource} with ${key}, of account ${account}` };
  },
};

const NAMES = new Set([
  'x-amz-server-side-encryption-aws-kms-key-id',
  'sSEKMSKeyId',
  'SSEKMSKeyId',
  'KMSMasterKeyID',
  'kMSMasterKeyID',
]);

function keyIn(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = NAMES.has(name) && typeof inner === 'string' ? inner : keyIn(inner);
    if (found !== undefined) return found;
  }
  return undefined;
}
