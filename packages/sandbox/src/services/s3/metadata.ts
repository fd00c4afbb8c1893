import { AwsError } from '../../wire/errors.ts';

/** Of names and values together, in bytes of UTF-8. */
const MAX_METADATA = 2048;

/**
 * Reads user-defined metadata. Headers are US-ASCII: what is beyond comes in encoded words, or as bytes that are taken
 * for Latin-1.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function readMetadata(metadata: Readonly<Record<string, string>> = {}): Record<string, string> {
  const read = Object.entries(metadata).map(([name, value]) => [name, decodeWords(value)] as const);
  const size = read.reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size > MAX_METADATA)
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
      fields: { Size: String(size), MaxSizeAllowed: String(MAX_METADATA) },
    });
  return Object.fromEntries(read);
}

/** Metadata as headers carry it, and how many of its values they cannot. */
export function writeMetadata(metadata: Readonly<Record<string, string>>) {
  const entries = Object.entries(metadata);
  if (!entries.some(([, value]) => !PLAIN.test(value))) return { Metadata: metadata };
  const printable = entries.filter(([, value]) => !CONTROL.test(value));
  const missing = entries.length - printable.length;
  return {
    Metadata: Object.fromEntries(printable.map(([name, value]) => [name, encodeWord(value)])),
    ...(missing > 0 && { MissingMeta: missing }),
  };
}

const PLAIN = /^[\t\u0020-\u007E]*$/;
// eslint-disable-next-line no-control-regex -- it is these that a header must not have
const CONTROL = /[\u0000-\u0008\u000A-\u001F\u007F]/;

const encodeWord = (text: string): string =>
  PLAIN.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;

/** Encoded words of RFC 2047, in UTF-8. */
function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  return text.replaceAll(
    /=\?utf-8\?([bq])\?([^?]*)\?=(?:\s+(?==\?))?/gi,
    (_, encoding: string, word: string) =>
      (encoding.toLowerCase() === 'b' ? Buffer.from(word, 'base64') : decodeQuoted(word)).toString('utf8'),
  );
}

function decodeQuoted(word: string): Buffer {
  const bytes = word
    .replaceAll('_', ' ')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1');
}
