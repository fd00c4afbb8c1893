import type { StoredPart, UploadChecksum } from '../../../store/records.ts';
import { CHECKSUMS, startChecksum, type ChecksumAlgorithm } from '../../../wire/checksums.ts';
import { canCombine, combineChecksums } from '../../../wire/crc/combine.ts';
import { AwsError } from '../../../wire/errors.ts';

/** What S3 computes where the client asks for nothing. https://docs.aws.amazon.com/AmazonS3/latest/API/API_Checksum.html */
export const DEFAULT_CHECKSUM = 'CRC64NVME';

/**
 * Which checksum an upload in parts is to have: of the checksums of its parts (`COMPOSITE`), or of the whole.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export function chooseChecksum(algorithm: string | undefined, type: string | undefined): UploadChecksum {
  if (algorithm === undefined) {
    if (type !== undefined)
      throw invalid(
        'The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.',
      );
    return { algorithm: DEFAULT_CHECKSUM, type: 'FULL_OBJECT', asked: false };
  }
  requireAlgorithm(algorithm);
  const fallback = algorithm === DEFAULT_CHECKSUM ? 'FULL_OBJECT' : 'COMPOSITE';
  const chosen = type ?? fallback;
  if (chosen !== 'FULL_OBJECT' && chosen !== 'COMPOSITE')
    throw invalid('Value for x-amz-checksum-type header is invalid.');
  const fits = chosen === 'COMPOSITE' ? algorithm !== DEFAULT_CHECKSUM : canCombine(algorithm);
  if (!fits)
    throw invalid(
      `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  return { algorithm, type: chosen, asked: true };
}

/** @throws AwsError */
export function requireAlgorithm(text: string): ChecksumAlgorithm {
  if (Object.hasOwn(CHECKSUMS, text)) return text as ChecksumAlgorithm;
  throw invalid(
    `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${Object.keys(CHECKSUMS).join(', ')}]`,
  );
}

/** The algorithm of a checksum as it is kept. */
export function algorithmOf(checksum: Record<string, string> | undefined): ChecksumAlgorithm | undefined {
  const member = checksum && Object.keys(checksum)[0];
  return member?.slice('Checksum'.length) as ChecksumAlgorithm | undefined;
}

/** The SDK's member of an algorithm. */
export const memberOf = (algorithm: string): string => CHECKSUMS[algorithm as ChecksumAlgorithm].member;

/**
 * Refuses a part whose checksum is not of the upload's algorithm; a composite one cannot do without.
 * @param stated The algorithm of the request's checksum.
 */
export function requirePartChecksum(upload: UploadChecksum, stated: string | undefined): void {
  const { algorithm, type, asked } = upload;
  if (!asked || stated === algorithm || (stated === undefined && type === 'FULL_OBJECT')) return;
  throw invalid(
    `Checksum Type mismatch occurred, expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${stated?.toLowerCase() ?? 'null'}`,
  );
}

/** The checksum of an object from those of its parts, as it is kept. */
export async function checksumOfParts(
  { algorithm, type }: UploadChecksum,
  parts: readonly StoredPart[],
): Promise<string> {
  const checksums = parts.map(({ checksum, size }) => ({ checksum: checksum![memberOf(algorithm)]!, size }));
  if (type === 'FULL_OBJECT' && canCombine(algorithm)) return combineChecksums(algorithm, checksums);
  const running = startChecksum(algorithm as ChecksumAlgorithm);
  for (const { checksum } of checksums) running.update(Buffer.from(checksum, 'base64'));
  return `${await running.digest()}-${parts.length}`;
}

const invalid = (message: string): AwsError => new AwsError('InvalidRequest', message);
