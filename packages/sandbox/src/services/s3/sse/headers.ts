import type { Caller } from '../../../gate/caller.ts';
import { invalidArgument } from '../errors.ts';

interface EncryptionHeaders {
  ServerSideEncryption?: string | undefined;
  SSEKMSKeyId?: string | undefined;
  SSEKMSEncryptionContext?: string | undefined;
  SSECustomerAlgorithm?: string | undefined;
}

/**
 * Refuses headers of a write that contradict each other.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
 */
export function requireConsistent(input: EncryptionHeaders, caller: Caller): void {
  const { ServerSideEncryption: algorithm, SSEKMSKeyId: key, SSEKMSEncryptionContext: context } = input;
  if (algorithm !== undefined && !ALGORITHMS.has(algorithm))
    throw invalidArgument(HEADER, algorithm, 'The encryption method specified is not supported');
  if (algorithm !== undefined && input.SSECustomerAlgorithm !== undefined)
    throw invalidArgument(
      HEADER,
      algorithm,
      'Server Side Encryption with Customer provided key is incompatible with the encryption method specified',
    );
  const needsKms = key !== undefined || context !== undefined;
  if (needsKms && (algorithm === undefined || algorithm === 'AES256'))
    throw invalidArgument(
      HEADER,
      algorithm ?? 'null',
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms',
    );
  if (caller.kind === 'anonymous' && algorithm !== undefined && algorithm !== 'AES256')
    throw invalidArgument(
      'Authorization',
      'null',
      'Requests specifying Server Side Encryption with AWS KMS managed keys require AWS Signature Version 4.',
    );
}

const HEADER = 'x-amz-server-side-encryption';
const ALGORITHMS: ReadonlySet<string> = new Set(['AES256', 'aws:kms', 'aws:kms:dsse']);

/** Pairs that the writer adds to the encryption context: JSON in base64. */
export function readContext(header: string | undefined): Record<string, string> | undefined {
  if (header === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const pairs = Object.entries(value);
      if (pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string'))
        return Object.fromEntries(pairs);
    }
  } catch {
    // not JSON
  }
  throw invalidArgument(
    'x-amz-server-side-encryption-context',
    header,
    "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
  );
}
