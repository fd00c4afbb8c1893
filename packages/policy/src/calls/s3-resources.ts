import type { ApiCall } from '../snapshot.ts';
import { callerAccount, partition, region } from './caller.ts';
import { textAt } from './input.ts';
import type { KeySource, Need } from './need.ts';

/** What `Bucket` may be: a bucket's name, or the ARN of an access point. */
export function bucketArn(call: ApiCall, bucket: string | undefined): string {
  if (bucket?.startsWith('arn:')) return normalizedAccessPoint(bucket);
  if (bucket !== undefined && isDirectoryBucket(bucket)) {
    return `arn:${partition(call)}:s3express:${region(call)}:${callerAccount(call)}:bucket/${bucket}`;
  }
  return `arn:${partition(call)}:s3:::${bucket ?? ''}`;
}

/** Directory buckets have a zone in their names: `name--usw2-az1--x-s3`. */
export const isDirectoryBucket = (bucket: string): boolean => bucket.endsWith('--x-s3');

/** `...:accesspoint:name` and `...:accesspoint/name` are the same; policies know the second form. */
const normalizedAccessPoint = (arn: string): string => arn.replace(/:accesspoint:/, ':accesspoint/');

export function objectArn(call: ApiCall, bucket: string | undefined, key: string): string {
  const parent = bucketArn(call, bucket);
  return bucket?.startsWith('arn:') ? `${parent}/object/${key}` : `${parent}/${key}`;
}

export const onBucket: Need['on'] = (call) => bucketArn(call, textAt(call.input, 'Bucket'));

export const onObject: Need['on'] = (call) =>
  objectArn(call, textAt(call.input, 'Bucket'), textAt(call.input, 'Key') ?? '');

export interface CopySource {
  /** Its name, or the ARN of an access point. */
  bucket: string;
  key: string;
  versionId?: string;
}

export function copySource(call: ApiCall): CopySource | undefined {
  const raw = textAt(call.input, 'CopySource');
  return raw === undefined ? undefined : parseCopySource(raw);
}

/**
 * Reads `CopySource`, as the SDK's CopyObject documents it: `bucket/key`, `/bucket/key` or
 * `arn:...:accesspoint/name/object/key`, URL-encoded, with `?versionId=` behind. Nothing where it names no object.
 */
export function parseCopySource(raw: string): CopySource | undefined {
  const mark = raw.lastIndexOf('?versionId=');
  const path = decoded(mark < 0 ? raw : raw.slice(0, mark)).replace(/^\//, '');
  const versionId = mark < 0 ? undefined : raw.slice(mark + '?versionId='.length);
  const split = path.startsWith('arn:') ? path.indexOf('/object/') : path.indexOf('/');
  if (split < 0) return undefined;
  const key = path.slice(split + (path.startsWith('arn:') ? '/object/'.length : 1));
  return { bucket: path.slice(0, split), key, ...(versionId && { versionId }) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** A call through an access point tells which one. */
export const accessPointKeys: KeySource = ({ input }) => {
  const bucket = textAt(input, 'Bucket');
  if (!bucket?.startsWith('arn:')) return {};
  const arn = normalizedAccessPoint(bucket);
  return { 's3:DataAccessPointArn': arn, 's3:DataAccessPointAccount': arn.split(':')[4] ?? '' };
};
