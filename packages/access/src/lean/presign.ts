import type { S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { secondsOf, type Duration } from '../credentials/duration.ts';
import { AccessError } from '../errors.ts';
import { refuseUnknownOptions } from '../known-options.ts';
import type { BucketConnection } from '../s3/bucket-connection.ts';
import { encodeKey, signQuery, UNSIGNED_PAYLOAD } from './signature.ts';
import { Templates } from './templates.ts';

export interface PresignOptions {
  /** For how long the URL is good, up to 7 days; never longer than the credentials that sign it. Default: 1 hour. */
  expiresIn?: Duration;
  /** Default: GET. */
  method?: 'GET' | 'PUT';
  versionId?: string;
  /** Of a PUT: whoever uses the URL must send the very same. */
  contentType?: string;
  /** Of a GET: how the answer's Content-Disposition is to read, such as `attachment; filename="q1.csv"`. */
  contentDisposition?: string;
}

const OPTIONS = [
  'expiresIn',
  'method',
  'versionId',
  'contentType',
  'contentDisposition',
] as const satisfies (keyof PresignOptions)[];

/** Seconds: what Signature Version 4 allows. */
const LONGEST = 7 * 86_400;

/**
 * A URL that lets whoever has it do one thing for a time. `X-Amz-Expires` in it is the truth: a session that would end
 * before is renewed first, and what it still falls short of is taken off.
 */
export async function presign(
  connection: BucketConnection,
  key: string,
  options: PresignOptions,
): Promise<string> {
  refuseUnknownOptions(options, OPTIONS);
  const { expiresIn = 3600, method = 'GET', versionId, contentType, contentDisposition } = options;
  const seconds = checkedSeconds(expiresIn);
  if (method !== 'GET' && method !== 'PUT') throw invalid('method', method, 'pass GET or PUT');
  const operation = method === 'GET' ? 'GetObject' : 'PutObject';
  try {
    // Nobody who has the URL can follow the bucket elsewhere.
    await connection.findRegion();
    const client = await connection.client();
    const template = await new Templates(connection.target).of(client, operation);
    if (!template) throw new Error('these credentials do not sign by Signature Version 4');
    const { secure, hostname, port, base, headers, scope } = template;
    const credentials = await lastingCredentials(client, seconds);
    const path = base + encodeKey(key);
    const query = {
      ...template.query,
      ...hoisted(headers),
      ...(versionId !== undefined && { versionId }),
      ...(contentDisposition !== undefined && { 'response-content-disposition': contentDisposition }),
    };
    const signed = {
      host: headers['host'] ?? hostname,
      ...(contentType !== undefined && { 'content-type': contentType }),
    };
    const now = Date.now();
    const left = credentials.expiration
      ? Math.floor((credentials.expiration.getTime() - now) / 1000)
      : seconds;
    const request = { method, path, query, headers: signed, payload: UNSIGNED_PAYLOAD };
    const text = signQuery(request, credentials, scope, now, Math.max(1, Math.min(seconds, left)));
    return `${secure ? 'https' : 'http'}://${hostname}${port === undefined ? '' : `:${port}`}${path}?${text}`;
  } catch (error) {
    throw await connection.failure(error, operation, { ...connection.target, Key: key });
  }
}

function checkedSeconds(expiresIn: Duration): number {
  const seconds = secondsOf(expiresIn);
  if (seconds >= 1 && seconds <= LONGEST) return seconds;
  throw invalid('expiresIn', expiresIn, 'pass seconds or a number with a unit, up to 168h');
}

const invalid = (name: string, value: unknown, help: string) =>
  new AccessError('invalid-option', `\`${name}\` cannot be \`${String(value)}\``, help);

/** Headers that S3 takes from the query too. */
const hoisted = (headers: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.startsWith('x-amz-') && name !== 'x-amz-checksum-mode'),
  );

async function lastingCredentials(client: S3Client, seconds: number): Promise<AwsCredentialIdentity> {
  const credentials = await client.config.credentials();
  const { expiration } = credentials;
  if (!expiration || expiration.getTime() - Date.now() >= seconds * 1000) return credentials;
  return client.config.credentials({ forceRefresh: true });
}
