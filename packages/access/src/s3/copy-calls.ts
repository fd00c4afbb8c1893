import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import { encodePart, queryText } from '../lean/signature.ts';
import type { BucketConnection, BucketTarget } from './bucket-connection.ts';
import type { WriteSettings, Written } from './object-calls.ts';
import { loadS3 } from './s3-client.ts';
import { partSettings } from './sdk-calls.ts';

/** The object that S3 copies from, by itself. */
export interface CopySource {
  target: BucketTarget;
  key: string;
  versionId?: string;
  etag?: string;
}

export interface CopyRequest {
  /** To the target's bucket. */
  connection: BucketConnection;
  key: string;
  source: CopySource;
  settings?: WriteSettings;
  signal: AbortSignal;
}

/** Metadata and content type come with it; tags too, unless they are left out. */
export async function copyWhole(
  { connection, key, source, settings, signal }: CopyRequest,
  withTags: boolean,
): Promise<Written> {
  const { CopyObjectCommand } = await loadS3();
  const command = new CopyObjectCommand({
    ...(settings as Partial<CopyObjectCommandInput>),
    ...connection.target,
    Key: key,
    ...sourceInput(source),
    ...(!withTags && { TaggingDirective: 'REPLACE' }),
  });
  const { CopyObjectResult, VersionId } = await connection.send('CopyObject', command, signal);
  return { etag: CopyObjectResult?.ETag ?? '', versionId: VersionId };
}

/** `number` is from 1. */
export async function copyPart(
  { connection, key, source, settings, signal }: CopyRequest,
  part: { uploadId: string; number: number; start: number; length: number },
): Promise<Written> {
  const { UploadPartCopyCommand } = await loadS3();
  const command = new UploadPartCopyCommand({
    ...partSettings(settings),
    ...connection.target,
    Key: key,
    UploadId: part.uploadId,
    PartNumber: part.number,
    ...sourceInput(source),
    CopySourceRange: `bytes=${part.start}-${part.start + part.length - 1}`,
  });
  const { CopyPartResult } = await connection.send('UploadPartCopy', command, signal);
  return { etag: CopyPartResult?.ETag ?? '' };
}

function sourceInput({ target, key, versionId, etag }: CopySource) {
  const { Bucket, ExpectedBucketOwner } = target;
  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
  const path = Bucket.startsWith('arn:') ? `${Bucket}/object/${key}` : `${Bucket}/${key}`;
  const encoded = path.split('/').map(encodePart).join('/');
  return {
    CopySource: versionId === undefined ? encoded : `${encoded}?versionId=${encodePart(versionId)}`,
    CopySourceIfMatch: etag,
    ExpectedSourceBucketOwner: ExpectedBucketOwner,
  };
}

/** The object's tags as a query, as PutObject takes them. */
export async function readTags(
  connection: BucketConnection,
  key: string,
  versionId: string | undefined,
  signal: AbortSignal,
): Promise<string> {
  const { GetObjectTaggingCommand } = await loadS3();
  const command = new GetObjectTaggingCommand({ ...connection.target, Key: key, VersionId: versionId });
  const { TagSet = [] } = await connection.send('GetObjectTagging', command, signal);
  return queryText(Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value])));
}
