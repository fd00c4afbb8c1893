import { AwsError } from '../../../wire/errors.ts';
import type { Call } from '../../service.ts';

/**
 * Keys of customers and of KMS are for TLS alone.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html
 * https://repost.aws/knowledge-center/s3-kms-signature-version-error
 */
export function requireSecure(algorithm: string, { head, settings }: Pick<Call, 'head' | 'settings'>): void {
  if (head.tls !== undefined || settings.plainIsSecure || algorithm === 'AES256') return;
  const [code, keys] =
    algorithm === 'customer'
      ? ['InvalidRequest', 'Customer provided keys']
      : ['InvalidArgument', 'AWS KMS managed keys'];
  throw new AwsError(
    code,
    `Requests specifying Server Side Encryption with ${keys} must be made over a secure connection.`,
  );
}
