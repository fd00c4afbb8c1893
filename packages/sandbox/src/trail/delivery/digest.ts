import { createHash, sign, type KeyObject } from 'node:crypto';
import type { DigestChainRecord } from '../../store/records.ts';
import type { DeliveredFile } from '../../store/trail-spool.ts';
import { isoSeconds } from '../records/times.ts';

/** What a digest file is made of. Times are milliseconds since 1970. */
export interface DigestFacts {
  account: string;
  start: number;
  end: number;
  bucket: string;
  key: string;
  fingerprint: string;
  previous: DigestChainRecord['previous'];
  files: readonly DeliveredFile[];
}

/** A digest file: the hashes of the files since the last, chained to it. */
export interface Digest {
  text: Buffer;
  /** In hexadecimal, as the object's metadata has it. */
  signature: string;
  /** SHA-256 of the text, in hexadecimal. */
  hash: string;
}

export const SIGNATURE_ALGORITHM = 'SHA256withRSA';

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html */
export function makeDigest(facts: DigestFacts, privateKey: KeyObject): Digest {
  const { previous, files } = facts;
  const end = isoSeconds(facts.end);
  const text = Buffer.from(
    JSON.stringify({
      awsAccountId: facts.account,
      digestStartTime: isoSeconds(facts.start),
      digestEndTime: end,
      digestS3Bucket: facts.bucket,
      digestS3Object: facts.key,
      digestPublicKeyFingerprint: facts.fingerprint,
      digestSignatureAlgorithm: SIGNATURE_ALGORITHM,
      newestEventTime: files.length === 0 ? null : isoSeconds(Math.max(...files.map(({ newest }) => newest))),
      oldestEventTime: files.length === 0 ? null : isoSeconds(Math.min(...files.map(({ oldest }) => oldest))),
      previousDigestS3Bucket: previous?.bucket ?? null,
      previousDigestS3Object: previous?.key ?? null,
      previousDigestHashValue: previous?.hash ?? null,
      previousDigestHashAlgorithm: previous ? 'SHA-256' : null,
      previousDigestSignature: previous?.signature ?? null,
      logFiles: files.map(({ bucket, key, hash, oldest, newest }) => ({
        s3Bucket: bucket,
        s3Object: key,
        hashValue: hash,
        hashAlgorithm: 'SHA-256',
        newestEventTime: isoSeconds(newest),
        oldestEventTime: isoSeconds(oldest),
      })),
    }),
  );
  const hash = createHash('sha256').update(text).digest('hex');
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
  const toSign = [end, `${facts.bucket}/${facts.key}`, hash, previous?.signature ?? 'null'].join('\n');
  const signature = sign('sha256', Buffer.from(toSign), privateKey).toString('hex');
  return { text, signature, hash };
}
