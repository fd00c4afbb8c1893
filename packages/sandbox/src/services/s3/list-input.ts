import { encodePercent } from '../../wire/message.ts';
import { invalidArgument } from './errors.ts';

const MAX_KEYS = 1000;

/** How many keys a page may have: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
export function readMaxKeys(maxKeys: number | undefined, name = 'max-keys'): number {
  if (maxKeys === undefined) return MAX_KEYS;
  if (Number.isInteger(maxKeys) && maxKeys >= 0 && maxKeys <= 2_147_483_647)
    return Math.min(maxKeys, MAX_KEYS);
  throw invalidArgument(
    name,
    String(maxKeys),
    `Argument ${name} must be an integer between 0 and 2147483647`,
  );
}

/** How an answer writes keys. Without `url`, as they are: not all of them can be said in XML. */
export function encoderOf(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type === 'url') return (text) => encodePercent(text).replaceAll('%20', '+').replaceAll('%2F', '/');
  throw invalidArgument('encoding-type', type, 'Invalid Encoding Method specified in Request');
}
