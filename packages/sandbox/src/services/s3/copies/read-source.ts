import { Readable } from 'node:stream';
import type { ObjectRecord } from '../../../store/records.ts';
import { isObject } from '../../../store/version-chain.ts';
import { AwsError } from '../../../wire/errors.ts';
import type { Call, SurveyedSource } from '../../service.ts';
import { requireCopyable } from '../archive.ts';
import { noSuchKey, noSuchVersion } from '../errors.ts';
import type { ByteRange } from '../ranges.ts';
import { readBody } from '../sse/body.ts';
import { openDataKey, requireFitting } from '../sse/data-key.ts';
import { LARGEST_PUT, type BodySource } from '../store-body.ts';
import { findVersion } from '../versions.ts';
import { checkCopyConditions, type CopyConditions } from './copy-conditions.ts';

interface CopyInput extends CopyConditions {
  CopySource: string | undefined;
  CopySourceSSECustomerAlgorithm?: string | undefined;
  CopySourceSSECustomerKey?: string | undefined;
  CopySourceSSECustomerKeyMD5?: string | undefined;
}

export interface Source extends SurveyedSource {
  record: ObjectRecord;
}

/**
 * The object that a copy reads, if it is there and as the request's conditions want it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
 */
export function requireSource(input: CopyInput, call: Call): Source {
  const source = call.survey.source!;
  const { bucket, key, versionId } = source;
  const found = findVersion({ Key: key, VersionId: versionId }, bucket, call);
  if (found && isObject(found)) {
    checkCopyConditions(input, found);
    requireCopyable(found, call.clock.now());
    return { ...source, record: found };
  }
  if (found && versionId !== undefined)
    throw new AwsError(
      'InvalidRequest',
      'The source of a copy request may not specifically refer to a delete marker by version id.',
    );
  call.requireAlso('ListObjectsV2', { Bucket: source.accessPoint?.alias ?? bucket.name });
  throw versionId === undefined ? noSuchKey(key) : noSuchVersion(key, versionId);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
export function requireSmallEnough(size: number): void {
  if (size <= LARGEST_PUT) return;
  throw new AwsError(
    'InvalidRequest',
    `The specified copy source is larger than the maximum allowable size for a copy source: ${LARGEST_PUT}`,
  );
}

/** The bytes of a source, or of a range of it, as they are to be stored anew. */
export function sourceBody(
  { record, bucket, key }: Source,
  input: CopyInput,
  call: Call,
  range?: ByteRange,
): BodySource {
  const customer = {
    SSECustomerAlgorithm: input.CopySourceSSECustomerAlgorithm,
    SSECustomerKey: input.CopySourceSSECustomerKey,
    SSECustomerKeyMD5: input.CopySourceSSECustomerKeyMD5,
  };
  requireFitting(record.encryption, customer);
  const dataKey = record.encryption && openDataKey(record.encryption, customer, call, { bucket, key });
  const read = () => readBody(call.store.bodies, record, dataKey, range);
  return {
    length: range ? range.last - range.first + 1 : record.size,
    // What is read is held from here on: the source may be deleted before the first of its bytes is asked for.
    chunks() {
      const body = read();
      return body instanceof Readable ? body : Readable.from([Buffer.from(body)]);
    },
    async collect() {
      const body = read();
      return body instanceof Readable ? Buffer.concat(await body.toArray()) : Buffer.from(body);
    },
  };
}
