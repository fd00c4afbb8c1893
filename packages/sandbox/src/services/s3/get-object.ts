import type {
  GetObjectCommandInput,
  GetObjectCommandOutput,
  HeadObjectCommandInput,
} from '@aws-sdk/client-s3';
import type { ObjectRecord } from '../../store/records.ts';
import { AwsError } from '../../wire/errors.ts';
import { header, queryValue } from '../../wire/message.ts';
import type { Call, HandlersOf } from '../service.ts';
import { requireReadable, restoreOf } from './archive.ts';
import { checkReadConditions } from './conditions.ts';
import { invalidArgument } from './errors.ts';
import { checksumOf } from './checksums/object-checksum.ts';
import { writeMetadata } from './metadata.ts';
import { readRange, type ByteRange } from './ranges.ts';
import { requestedPart, type RequestedPart } from './requested-part.ts';
import { expirationOf } from './lifecycle/headers.ts';
import { describeLock } from './lock/describe-lock.ts';
import { readBody } from './sse/body.ts';
import { readCustomerKey } from './sse/customer-key.ts';
import { encryptionHeaders, openDataKey, requireFitting } from './sse/data-key.ts';
import { requireObject, versionOf } from './versions.ts';
import { lastModified } from './last-modified.ts';

type ReadInput = GetObjectCommandInput | HeadObjectCommandInput;

export const getObjectHandlers: HandlersOf<typeof import('@aws-sdk/client-s3')> = {
  GetObject(input, call) {
    const record = call.survey.object ?? requireObject(input, call);
    const { range, output } = describe(input, call, record);
    requireReadable(record, call.clock.now());
    const { encryption } = record;
    const dataKey = encryption && openDataKey(encryption, input, call);
    return Object.assign(output, { Body: readBody(call.store.bodies, record, dataKey, range) });
  },

  HeadObject(input, call) {
    const record = call.survey.object ?? requireObject(input, call);
    const { output } = describe(input, call, record);
    // Whoever brings the wrong key learns nothing of the object.
    if (record.encryption?.algorithm === 'customer') openDataKey(record.encryption, input, call);
    return output;
  },
};

type Output = Partial<Omit<GetObjectCommandOutput, 'Body' | '$metadata'>> & { $status?: number };

/** What an answer says of the object. Its members are set one by one: to spread so many objects takes ten times as long. */
function describe(
  input: ReadInput,
  call: Call,
  record: ObjectRecord,
): { range: ByteRange | undefined; output: Output } {
  requireNoEncryptionHeaders(call);
  requireFitting(record.encryption, input);
  checkReadConditions(input, record);
  const part = requestedPart(input, record, call.store.bodies);
  const range = part ? part.range : readRange(input.Range, record.size);
  const length = range ? range.last - range.first + 1 : record.size;
  const output: Output = {
    AcceptRanges: 'bytes',
    ContentLength: length,
    ETag: record.etag,
    LastModified: lastModified(record.modified),
  };
  if (range && length > 0) {
    output.ContentRange = `bytes ${range.first}-${range.last}/${record.size}`;
    output.$status = 206;
  }
  addTo(output, record.headers);
  addTo(output, responseOverrides(call));
  addTo(output, encryptionHeaders(record.encryption));
  if (input.ChecksumMode === 'ENABLED') addTo(output, checksumRead(record, part, range));
  if (part?.count !== undefined) output.PartsCount = part.count;
  if (record.storageClass) output.StorageClass = record.storageClass as never;
  if (record.restoredUntil !== undefined) addTo(output, restoreOf(record, call.clock.now()));
  if (record.tags) output.TagCount = Object.keys(record.tags).length;
  addTo(output, writeMetadata(record.metadata));
  addTo(output, versionOf(record, call.survey.bucket!));
  if (input.VersionId === undefined) addTo(output, expirationOf(input.Key!, record, call.survey.bucket!));
  if (record.lock) addTo(output, describeLock(record, input, call));
  addTo(output, readCustomerKey(input)?.headers);
  return { range, output };
}

function addTo(output: Output, more: object | undefined): void {
  for (const member in more)
    (output as Record<string, unknown>)[member] = (more as Record<string, unknown>)[member];
}

/** Of the whole, or of the part that was asked for; there is none of a range. */
function checksumRead(
  record: ObjectRecord,
  part: RequestedPart | undefined,
  range: ByteRange | undefined,
): ReturnType<typeof checksumOf> {
  const { checksumType } = record;
  if (part?.checksum) return checksumOf({ checksum: part.checksum, ...(checksumType && { checksumType }) });
  return !range || (part && part.count === undefined) ? checksumOf(record) : undefined;
}

/** How an object is encrypted is known: to say it again is an error. https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
function requireNoEncryptionHeaders({ head }: Call): void {
  const found = ENCRYPTION_HEADERS.find((name) => header(head, name) !== undefined);
  if (found !== undefined)
    throw invalidArgument(
      found,
      header(head, found)!,
      `${found} header is not supported for this operation.`,
    );
}

const ENCRYPTION_HEADERS = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-context',
];

/** Headers that a read may ask for: the query parameter, and the member whose place it takes. */
const OVERRIDES = [
  ['response-cache-control', 'CacheControl'],
  ['response-content-disposition', 'ContentDisposition'],
  ['response-content-encoding', 'ContentEncoding'],
  ['response-content-language', 'ContentLanguage'],
  ['response-content-type', 'ContentType'],
  ['response-expires', 'Expires'],
] as const;

/** What a header can carry: Latin-1 without control characters. */
// eslint-disable-next-line no-control-regex -- it is these that a header must not have
const HEADER_TEXT = /^[\t\u0020-\u007E\u0080-\u00FF]*$/;

function responseOverrides(call: Call): Record<string, string> {
  const overrides: Record<string, string> = {};
  if (call.head.query.length === 0) return overrides;
  for (const [parameter, member] of OVERRIDES) {
    const value = queryValue(call.head, parameter);
    if (!value) continue;
    if (!HEADER_TEXT.test(value))
      throw invalidArgument(parameter, value, 'Header value cannot be represented using ISO-8859-1.');
    overrides[member] = value;
  }
  if (Object.keys(overrides).length > 0 && call.caller.kind === 'anonymous')
    throw new AwsError(
      'InvalidRequest',
      'Request specific response headers cannot be used for anonymous GET requests.',
    );
  return overrides;
}
