import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../../wire/errors.ts';
import { parseQuery } from '../../wire/message.ts';

const SYSTEM_HEADERS = [
  'CacheControl',
  'ContentDisposition',
  'ContentLanguage',
  'ContentType',
  'WebsiteRedirectLocation',
] as const;

/** System headers that are kept with an object and come back with it, by the SDK's names. */
export function readObjectHeaders(input: PutObjectCommandInput): Record<string, string> {
  const headers: Record<string, string> = { ContentType: 'binary/octet-stream' };
  for (const member of SYSTEM_HEADERS) {
    const value = input[member];
    if (value !== undefined) headers[member] = value;
  }
  // `aws-chunked` says how the request travelled, and is no part of the object.
  const encoding = input.ContentEncoding?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked')
    .join(',');
  if (encoding) headers['ContentEncoding'] = encoding;
  if (input.Expires) headers['Expires'] = new Date(input.Expires).toUTCString();
  return headers;
}

const MAX_METADATA = 2048;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html */
export function requireMetadata(metadata: Readonly<Record<string, string>>): void {
  const size = Object.entries(metadata).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value),
    0,
  );
  if (size <= MAX_METADATA) return;
  throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size', {
    fields: { Size: String(size), MaxSizeAllowed: String(MAX_METADATA) },
  });
}

/**
 * Reads an `x-amz-tagging` header.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html
 */
export function readTagging(text: string | undefined): Record<string, string> | undefined {
  if (text === undefined) return undefined;
  const pairs = parseQuery(text);
  if (pairs.length === 0) return undefined;
  if (pairs.length > 10) throw invalidTag('Object tags cannot be greater than 10', 'BadRequest');
  const tags: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [key, value] of pairs) {
    if (key in tags) throw invalidTag('Cannot provide multiple Tags with the same key', 'InvalidTag');
    if (key === '' || key.length > 128 || !TAG_TEXT.test(key))
      throw invalidTag('The TagKey you have provided is invalid', 'InvalidTag');
    if (value.length > 256 || !TAG_TEXT.test(value))
      throw invalidTag('The TagValue you have provided is invalid', 'InvalidTag');
    tags[key] = value;
  }
  return { ...tags };
}

const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

function invalidTag(message: string, code: string): AwsError {
  return new AwsError(code, message);
}
