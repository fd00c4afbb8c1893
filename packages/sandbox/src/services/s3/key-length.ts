import { LONGEST_KEY } from '../../store/object-keys.ts';
import { AwsError } from '../../wire/errors.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
export function requireKeyLength(key: string): void {
  const size = Buffer.byteLength(key);
  if (size <= LONGEST_KEY) return;
  throw new AwsError('KeyTooLongError', 'Your key is too long', {
    fields: { Size: String(size), MaxSizeAllowed: String(LONGEST_KEY) },
  });
}
