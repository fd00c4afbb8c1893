import { createHash } from 'node:crypto';
import { AwsError } from '../../../wire/errors.ts';
import { invalidArgument } from '../errors.ts';

interface CustomerKeyInput {
  SSECustomerAlgorithm?: string | undefined;
  SSECustomerKey?: string | undefined;
  SSECustomerKeyMD5?: string | undefined;
}

/** A key that came with the request, and what the answer says of it. */
export interface CustomerKey {
  /** 32 bytes, in base64. */
  material: string;
  headers: { SSECustomerAlgorithm: 'AES256'; SSECustomerKeyMD5: string };
}

/**
 * Reads the headers of SSE-C.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
 */
export function readCustomerKey(input: CustomerKeyInput): CustomerKey | undefined {
  const { SSECustomerAlgorithm: algorithm, SSECustomerKey: key, SSECustomerKeyMD5: md5 } = input;
  if (algorithm === undefined && key === undefined && md5 === undefined) return undefined;
  if (algorithm === undefined) throw missing(ALGORITHM, 'a valid encryption algorithm');
  if (algorithm !== 'AES256')
    throw new AwsError(
      'InvalidEncryptionAlgorithmError',
      'The Encryption request you specified is not valid. Supported value: AES256.',
      { fields: { ArgumentName: ALGORITHM, ArgumentValue: algorithm } },
    );
  if (key === undefined) throw missing(KEY, 'an appropriate secret key');
  const bytes = Buffer.from(key, 'base64');
  if (bytes.length !== 32 || bytes.toString('base64') !== key)
    throw unfit(KEY, 'The secret key was invalid for the specified algorithm.');
  if (md5 === undefined) throw missing(MD5, 'the client calculated MD5 of the secret key');
  if (createHash('md5').update(bytes).digest('base64') !== md5)
    throw unfit(MD5, 'The calculated MD5 hash of the key did not match the hash that was provided.');
  return { material: key, headers: { SSECustomerAlgorithm: 'AES256', SSECustomerKeyMD5: md5 } };
}

const HEADER = 'x-amz-server-side-encryption-customer';
const ALGORITHM = `${HEADER}-algorithm`;
const KEY = `${HEADER}-key`;
const MD5 = `${HEADER}-key-MD5`;

const missing = (header: string, what: string): AwsError =>
  new AwsError(
    'InvalidArgument',
    `Requests specifying Server Side Encryption with Customer provided keys must provide ${what}.`,
    { fields: { ArgumentName: header } },
  );

/** The value is a secret, or as good as one: it is not repeated. */
const unfit = (header: string, message: string): AwsError => invalidArgument(header, 'null', message);
