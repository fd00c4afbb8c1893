import type { PutObjectCommandInput } from '@aws-sdk/client-s3';
import { AwsError } from '../../wire/errors.ts';
import { header } from '../../wire/message.ts';
import type { Call } from '../service.ts';

const SYSTEM_HEADERS = [
  'CacheControl',
  'ContentDisposition',
  'ContentLanguage',
  'ContentType',
  'WebsiteRedirectLocation',
] as const;

type HeaderInput = Pick<PutObjectCommandInput, (typeof SYSTEM_HEADERS)[number] | 'ContentEncoding'>;

/**
 * System headers that are kept with an object and come back with it, by the SDK's names.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 */
export function readObjectHeaders(input: HeaderInput, { head }: Pick<Call, 'head'>): Record<string, string> {
  const headers: Record<string, string> = { ContentType: 'binary/octet-stream' };
  for (const member of SYSTEM_HEADERS) {
    const value = input[member];
    if (value !== undefined) headers[member] = value;
  }
  requireRedirect(headers['WebsiteRedirectLocation']);
  // `aws-chunked` says how the request travelled, and is no part of the object.
  const encoding = input.ContentEncoding?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'aws-chunked')
    .join(',');
  if (encoding) headers['ContentEncoding'] = encoding;
  // As it was sent, be it a date or not.
  const expires = header(head, 'expires');
  if (expires) headers['Expires'] = expires;
  return headers;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
function requireRedirect(location: string | undefined): void {
  if (location === undefined || /^(\/|https?:\/\/)/.test(location)) return;
  throw new AwsError(
    'InvalidRedirectLocation',
    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.",
  );
}
