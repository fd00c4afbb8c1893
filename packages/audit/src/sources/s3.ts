import type { Readable } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import { AuditError } from '../audit-error.ts';
import { isInScope, parseLogKey, type Scope } from './key-layout.ts';
import type { Source, SourceFile } from './source.ts';

const DAY = 86_400_000;

/** @throws AuditError `invalid-source` */
export function parseS3Uri(uri: string): { bucket: string; prefix: string } {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/.exec(uri) ?? [];
  if (bucket === undefined)
    throw new AuditError('invalid-source', `\`${uri}\` names no bucket`, 'write `s3://BUCKET/PREFIX`');
  return { bucket, prefix };
}

/** `s3://BUCKET/PREFIX`. @param endpoint Where the bucket is, if not at AWS. */
export function s3Source(uri: string, client: S3Client, endpoint = ''): Source {
  const { bucket, prefix } = parseS3Uri(uri);
  return {
    name: uri,
    id: `s3 ${endpoint} ${bucket}/${prefix}`,
    lookBack: 2 * DAY,
    list: (scope) => listTrails(client, bucket, prefix, scope),
  };
}

/**
 * Goes down to the days where the keys have AWS's layout, so that only what is asked for is listed; lists what has another.
 */
async function* listTrails(
  client: S3Client,
  bucket: string,
  prefix: string,
  scope: Scope,
): AsyncIterable<SourceFile> {
  const isBounded = scope.since !== undefined;
  const isRegion = /\d{12}\/CloudTrail\/[a-z0-9-]+\/$/.test(prefix);
  if (isRegion && isBounded) {
    for (const day of daysOf(scope)) yield* list(client, bucket, `${prefix}${day}/`, scope);
    return;
  }
  if (!isBounded || parseLogKey(`${prefix}x`) !== undefined || isRegion) {
    yield* list(client, bucket, prefix, scope);
    return;
  }
  const { folders, files } = await listFolder(client, bucket, prefix);
  yield* files.filter(({ key }) => isInScope(key, scope));
  for (const folder of folders)
    if (isInScope(`${folder}2000/01/01/x`, { accounts: scope.accounts, regions: scope.regions }))
      yield* listTrails(client, bucket, folder, scope);
}

/** The days that a scope may be delivered on, as folders: `2026/08/01`. */
function daysOf({ since = 0, until }: Scope): string[] {
  const last = Math.min(until ?? Number.POSITIVE_INFINITY, Date.now()) + DAY;
  const days: string[] = [];
  for (let day = since - (since % DAY); day <= last; day += DAY)
    days.push(new Date(day).toISOString().slice(0, 10).replaceAll('-', '/'));
  return days;
}

async function* list(
  client: S3Client,
  bucket: string,
  prefix: string,
  scope: Scope,
): AsyncIterable<SourceFile> {
  for await (const page of pages(client, bucket, prefix))
    for (const file of page.files) if (isInScope(file.key, scope)) yield file;
}

async function listFolder(client: S3Client, bucket: string, prefix: string) {
  const found = { folders: [] as string[], files: [] as SourceFile[] };
  for await (const { folders, files } of pages(client, bucket, prefix, '/')) {
    found.folders.push(...folders);
    found.files.push(...files);
  }
  return found;
}

async function* pages(client: S3Client, bucket: string, prefix: string, delimiter?: string) {
  // The SDK is loaded for those who use it.
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  let token: string | undefined;
  do {
    const page = await client
      .send(
        new ListObjectsV2Command({
          Bucket: bucket,
          Prefix: prefix,
          Delimiter: delimiter,
          ContinuationToken: token,
        }),
      )
      .catch((cause: unknown) => {
        throw failure(`\`s3://${bucket}/${prefix}\` cannot be listed`, 's3:ListBucket', cause);
      });
    token = page.NextContinuationToken;
    yield {
      folders: (page.CommonPrefixes ?? []).flatMap(({ Prefix }) => Prefix ?? []),
      files: (page.Contents ?? []).flatMap(({ Key, Size = 0, ETag = '' }): SourceFile[] =>
        Key === undefined || !/\.(json|jsonl|ndjson|gz)$/i.test(Key)
          ? []
          : [{ key: Key, size: Size, stamp: `${Size} ${ETag}`, open: () => open(client, bucket, Key) }],
      ),
    };
  } while (token !== undefined);
}

async function open(client: S3Client, bucket: string, key: string): Promise<Readable> {
  const { GetObjectCommand } = await import('@aws-sdk/client-s3');
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return Body as Readable;
}

const failure = (message: string, action: string, cause: unknown): AuditError =>
  new AuditError(
    'source-failed',
    `${message}: ${cause instanceof Error ? cause.message : String(cause)}`,
    `whose credentials these are needs \`${action}\` there`,
    { cause },
  );
