import { createHash, createPublicKey, createVerify } from 'node:crypto';

/** A digest file, as far as it says what is to be checked. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html */
export interface Digest {
  digestEndTime: string;
  digestStartTime: string;
  digestS3Bucket: string;
  digestS3Object: string;
  digestPublicKeyFingerprint: string;
  previousDigestS3Object: string | null;
  previousDigestHashValue: string | null;
  previousDigestSignature: string | null;
  logFiles: { s3Bucket: string; s3Object: string; hashValue: string }[];
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The digest in an inflated file; undefined where it is none. */
export function parseDigest(text: string): Digest | undefined {
  try {
    const digest = JSON.parse(text) as Digest;
    const isDigest = Array.isArray(digest.logFiles) && typeof digest.digestPublicKeyFingerprint === 'string';
    return isDigest ? digest : undefined;
  } catch {
    return undefined;
  }
}

/** @param publicKey PKCS #1 in DER, as ListPublicKeys gives it. @param signature In hex, as the object's metadata has it. */
export function isSigned(digest: Digest, hash: string, signature: string, publicKey: Uint8Array): boolean {
  const { digestEndTime, digestS3Bucket, digestS3Object, previousDigestSignature } = digest;
  const signed = [
    digestEndTime,
    `${digestS3Bucket}/${digestS3Object}`,
    hash,
    previousDigestSignature ?? 'null',
  ].join('\n');
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'pkcs1' });
    return createVerify('sha256').update(signed).verify(key, signature, 'hex');
  } catch {
    return false;
  }
}
