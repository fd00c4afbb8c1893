import { randomBytes } from 'node:crypto';
import type { CopyObjectCommandInput } from '@aws-sdk/client-s3';
import type { ObjectRecord } from '../../../store/records.ts';
import type { ChecksumAlgorithm } from '../../../wire/checksums.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call, HandlersOf } from '../../service.ts';
import { checksumOf, checksumRecord } from '../checksums/object-checksum.ts';
import { algorithmOf, DEFAULT_CHECKSUM, requireAlgorithm } from '../checksums/upload-checksum.ts';
import { commitObject } from '../commit-object.ts';
import { describeObject, type ObjectDescription } from '../describe-object.ts';
import { invalidArgument } from '../errors.ts';
import { encryptNew } from '../sse/data-key.ts';
import { storeBody } from '../store-body.ts';
import { versionOf } from '../versions.ts';
import { requireSource, requireSmallEnough, sourceBody, type Source } from './read-source.ts';
import { lastModified } from '../last-modified.ts';

export const copyObjectHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  async CopyObject(input, call) {
    requireDirectives(input);
    const source = requireSource(input, call);
    requireChange(input, source, call);
    requireSmallEnough(source.record.size);
    const description = describeCopy(input, source.record, call);
    const body = sourceBody(source, input, call);
    const encryption = encryptNew(input, call);
    const checksum = checksumFor(input, source.record);
    const stored = await storeBody(body, { keyOf: () => encryption.dataKey, checksum }, call);
    const record: ObjectRecord = {
      ...description,
      encryption: encryption.record,
      size: stored.size,
      etag: `"${encryption.record.algorithm === 'AES256' ? stored.md5 : randomBytes(16).toString('hex')}"`,
      modified: call.clock.now(),
      ...(stored.body && { body: stored.body }),
      checksum: checksumRecord({ algorithm: checksum, value: stored.checksum! }),
    };
    const version = await commitObject(input, call, record, stored);
    const { VersionId: copied } = versionOf(source.record, source.bucket);
    return {
      CopyObjectResult: {
        ETag: record.etag,
        LastModified: lastModified(record.modified),
        ...checksumOf(record),
      },
      ...version,
      ...(copied !== undefined && { CopySourceVersionId: copied }),
      ...encryption.headers,
      ...(input.SSEKMSEncryptionContext !== undefined && {
        SSEKMSEncryptionContext: input.SSEKMSEncryptionContext,
      }),
    };
  },
};

const DIRECTIVES = [
  ['MetadataDirective', 'x-amz-metadata-directive', 'Unknown metadata directive.'],
  ['TaggingDirective', 'x-amz-tagging-directive', 'Unknown tagging directive.'],
] as const;

function requireDirectives(input: CopyObjectCommandInput): void {
  for (const [member, header, message] of DIRECTIVES) {
    const value = input[member];
    if (value !== undefined && value !== 'COPY' && value !== 'REPLACE')
      throw invalidArgument(header, value, message);
  }
}

/**
 * A copy of an object onto itself must change something of it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
function requireChange(input: CopyObjectCommandInput, source: Source, call: Call): void {
  const isItself = source.bucket.id === call.survey.bucket!.id && source.key === input.Key;
  const changes =
    source.versionId !== undefined ||
    input.MetadataDirective === 'REPLACE' ||
    input.TaggingDirective === 'REPLACE' ||
    CHANGING.some((member) => input[member] !== undefined);
  if (!isItself || changes) return;
  throw new AwsError(
    'InvalidRequest',
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  );
}

const CHANGING = [
  'StorageClass',
  'WebsiteRedirectLocation',
  'ServerSideEncryption',
  'SSECustomerAlgorithm',
  'CopySourceSSECustomerAlgorithm',
  'ChecksumAlgorithm',
] as const;

/** Metadata and tags come with the source, unless the request replaces them; ACL, storage class and redirect do not. */
function describeCopy(input: CopyObjectCommandInput, source: ObjectRecord, call: Call): ObjectDescription {
  const { Tagging, ...rest } = input;
  const replacesTags = input.TaggingDirective === 'REPLACE';
  const described = describeObject(replacesTags && Tagging !== undefined ? { ...rest, Tagging } : rest, call);
  const { WebsiteRedirectLocation } = input;
  const { WebsiteRedirectLocation: _, ...headers } = source.headers;
  return {
    ...described,
    ...(input.MetadataDirective !== 'REPLACE' && {
      metadata: source.metadata,
      headers: { ...headers, ...(WebsiteRedirectLocation !== undefined && { WebsiteRedirectLocation }) },
    }),
    ...(!replacesTags && source.tags && { tags: source.tags }),
  };
}

/** What the request asks for, else what the source has. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
function checksumFor(input: CopyObjectCommandInput, source: ObjectRecord): ChecksumAlgorithm {
  if (input.ChecksumAlgorithm !== undefined) return requireAlgorithm(input.ChecksumAlgorithm);
  return algorithmOf(source.checksum) ?? DEFAULT_CHECKSUM;
}
