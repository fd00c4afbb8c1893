import { AwsError } from './errors.ts';
import { decodePercent, header, type RequestHead } from './message.ts';

/** What the path addresses. */
export type Level = 'service' | 'bucket' | 'object';

/** What an S3 request addresses, in either URL style. */
export interface S3Address {
  level: Level;
  bucket?: string;
  key?: string;
}

/** Hosts whose first labels are a bucket: `b.localhost`, `b.s3.localhost`, `b.s3.eu-west-1.amazonaws.com`, `b.127.0.0.1`. */
const VIRTUAL_HOST =
  /^(.+?)\.(?:s3[.-](?:[a-z0-9-]+\.){0,2})?(?:localhost|127\.0\.0\.1|amazonaws\.com)(?::\d+)?$/;
const SERVICE_HOST = /^s3[.-](?:[a-z0-9-]+\.)?(?:localhost|amazonaws\.com)(?::\d+)?$/;

/** The path as it is in path style, as it was sent. */
export function resourcePath(head: RequestHead): string {
  const bucketOfHost = bucketIn(header(head, 'host') ?? '');
  return bucketOfHost === undefined ? head.rawPath : `/${bucketOfHost}${head.rawPath}`;
}

export function addressOf(head: RequestHead): S3Address {
  const path = resourcePath(head);
  const slash = path.indexOf('/', 1);
  const rawBucket = slash === -1 ? path.slice(1) : path.slice(1, slash);
  if (rawBucket === '') return { level: 'service' };
  const bucket = decode(rawBucket);
  const rawKey = slash === -1 ? '' : path.slice(slash + 1);
  if (rawKey === '') return { level: 'bucket', bucket };
  return { level: 'object', bucket, key: decode(rawKey) };
}

/** Whether a host names a bucket, so that the path is a key. */
export function isBucketHost(host: string | undefined): boolean {
  return host !== undefined && bucketIn(host) !== undefined;
}

/** The last host asked for: a client names the same one over and over. */
let latest: { host: string; bucket: string | undefined } = { host: '', bucket: undefined };

function bucketIn(host: string): string | undefined {
  if (host === latest.host) return latest.bucket;
  const name = host.toLowerCase();
  const bucket = SERVICE_HOST.test(name) ? undefined : VIRTUAL_HOST.exec(name)?.[1];
  latest = { host, bucket };
  return bucket;
}

/** S3 takes a plus for a space, in paths too. */
function decode(text: string): string {
  const decoded = decodePercent(text.includes('+') ? text.replaceAll('+', ' ') : text);
  if (decoded !== undefined) return decoded;
  throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { fields: { URI: text } });
}
