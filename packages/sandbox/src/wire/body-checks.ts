import { STREAMING_FORMS } from './aws-chunked.ts';
import {
  CHECKSUMS,
  isChecksum,
  startChecksum,
  type ChecksumAlgorithm,
  type RunningChecksum,
} from './checksums.ts';
import { AwsError } from './errors.ts';
import { startBodyHash, type BodyHash } from './hashes/body-hash.ts';
import { header, type RequestHead } from './message.ts';
import { UNSIGNED_PAYLOAD, type Signature } from './signature.ts';
import { statedChecksum } from './stated-checksum.ts';

/**
 * What the client states about its body, computed beside it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export class BodyChecks {
  readonly #head: RequestHead;
  readonly #sha256: { hash: BodyHash; wanted: string } | undefined;
  readonly #md5: { hash: BodyHash; wanted: string } | undefined;
  readonly #checksum:
    | { algorithm: ChecksumAlgorithm; running: RunningChecksum; inTrailer: boolean }
    | undefined;

  /**
   * @param length Of the body, if it is known.
   * @throws AwsError where what the client states cannot be of any body.
   */
  constructor(head: RequestHead, signature: Signature | undefined, length: number | undefined) {
    this.#head = head;
    const stated = signature?.payloadHash;
    if (stated !== undefined && stated !== UNSIGNED_PAYLOAD && !(stated in STREAMING_FORMS))
      this.#sha256 = { hash: startBodyHash('sha256', length), wanted: stated };
    const md5 = header(head, 'content-md5');
    if (md5 !== undefined) {
      if (!isChecksum('MD5', md5))
        throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
          fields: { 'Content-MD5': md5 },
        });
      this.#md5 = { hash: startBodyHash('md5', length), wanted: md5 };
    }
    const checksum = statedChecksum(head);
    if (checksum) this.#checksum = { ...checksum, running: startChecksum(checksum.algorithm) };
  }

  /** What it gives is to be awaited before the next. */
  update(bytes: Buffer): Promise<unknown> | undefined {
    this.#checksum?.running.update(bytes);
    const taken = this.#sha256?.hash.update(bytes);
    const alsoTaken = this.#md5?.hash.update(bytes);
    return taken && alsoTaken ? Promise.all([taken, alsoTaken]) : (taken ?? alsoTaken);
  }

  /** Call instead of `finish` where the body has not come whole. */
  async forget(): Promise<void> {
    await this.#sha256?.hash.forget();
    await this.#md5?.hash.forget();
  }

  /**
   * @param trailers What came behind the body.
   * @returns The checksum that was stated, and holds.
   */
  async finish(
    trailers: ReadonlyMap<string, string>,
  ): Promise<{ algorithm: ChecksumAlgorithm; value: string } | undefined> {
    // All are ended, whether the first holds or not.
    const [sha256, md5] = [await this.#sha256?.hash.digest(), await this.#md5?.hash.digest()];
    if (this.#sha256) requireSha256(this.#sha256.wanted, sha256!);
    if (this.#md5) requireMd5(this.#md5.wanted, md5!);
    if (!this.#checksum) return undefined;
    const { algorithm, running, inTrailer } = this.#checksum;
    const name = CHECKSUMS[algorithm].header;
    const wanted = inTrailer ? trailers.get(name) : header(this.#head, name);
    if (wanted === undefined)
      throw new AwsError(
        'MalformedTrailerError',
        `The request announced the trailer ${name}, and it did not come.`,
      );
    if (!isChecksum(algorithm, wanted))
      throw new AwsError(
        'InvalidRequest',
        `Value for ${name} ${inTrailer ? 'trailing ' : ''}header is invalid.`,
      );
    const value = await running.digest();
    if (wanted !== value)
      throw new AwsError(
        'BadDigest',
        `The ${algorithm} you specified did not match the calculated checksum.`,
      );
    return { algorithm, value };
  }
}

function requireSha256(wanted: string, computed: string): void {
  if (computed === wanted) return;
  throw new AwsError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    { fields: { ClientComputedContentSHA256: wanted, S3ComputedContentSHA256: computed } },
  );
}

/** @param hash In hexadecimal. */
function requireMd5(wanted: string, hash: string): void {
  const computed = Buffer.from(hash, 'hex').toString('base64');
  if (computed === wanted) return;
  throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    fields: { ExpectedDigest: wanted, CalculatedDigest: computed },
  });
}
