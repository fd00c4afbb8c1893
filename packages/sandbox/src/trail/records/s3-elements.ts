import type { NormalizedSchema } from '@smithy/core/schema';
import { inputBindings, outputBindings, type BoundMember } from '../../wire/bindings.ts';
import type { OperationModel } from '../../wire/model.ts';
import { membersOf } from '../../wire/members.ts';
import type { TrailEntry } from '../trail.ts';
import { SECRET } from './secrets.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * What an S3 request asked: bucket, host and key, then query parameters and headers of Amazon's by their names on the wire, and
 * the document in its body.
 * @param forOwner Of the copy that the bucket's owner gets of another account's call.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
 */
export function s3Parameters(
  input: Members,
  host: string,
  model: OperationModel,
  forOwner: boolean,
): Record<string, unknown> {
  const { Bucket: bucket, Key: key } = input;
  const { query, headers } = inputBindings(model);
  return {
    ...(bucket !== undefined && { bucketName: bucket }),
    Host: host,
    ...(key !== undefined && { key }),
    ...markersOf(model),
    ...valuesOf(query, input),
    ...(forOwner ? withoutGrants(valuesOf(headers, input)) : valuesOf(headers, input)),
    ...(!(forOwner && model.name === 'PutObjectAcl') && documentOf(input, model)),
  };
}

/** Whom another account's call gave an object to, its bucket's owner is not told. */
function withoutGrants(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !name.startsWith('x-amz-grant-')));
}

/** What S3 answered in headers of Amazon's; nothing if there were none. */
export function s3Answer(output: Members, model: OperationModel): Record<string, unknown> | null {
  const values = valuesOf(outputBindings(model).headers, output);
  return Object.keys(values).length > 0 ? values : null;
}

/** What S3 adds about the request itself. https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-encryption-faq.html */
export function s3Data(entry: TrailEntry): Record<string, unknown> {
  const isSigned = entry.signatureForm !== 'Anonymous';
  const applied = encryptionApplied(entry);
  return {
    ...(isSigned && { SignatureVersion: entry.signatureVersion ?? 'SigV4' }),
    ...(entry.tls && { CipherSuite: entry.tls.cipher }),
    bytesTransferredIn: entry.bytesIn,
    ...(applied !== undefined && { SSEApplied: applied }),
    ...(isSigned && { AuthenticationMethod: entry.signatureForm }),
    'x-amz-id-2': entry.requestId,
    bytesTransferredOut: entry.bytesOut,
  };
}

const ENCRYPTIONS: Readonly<Record<string, string>> = {
  AES256: 'SSE_S3',
  'aws:kms': 'SSE_KMS',
  'aws:kms:dsse': 'DSSE_KMS',
};

/** How an object was encrypted that a call wrote: as asked, or as the bucket does by default. */
function encryptionApplied({ input, output }: TrailEntry): string | undefined {
  if (!output) return undefined;
  if (output['SSECustomerAlgorithm'] !== undefined) return 'SSE_C';
  const applied = ENCRYPTIONS[String(output['ServerSideEncryption'])];
  if (applied === undefined) return undefined;
  return input['ServerSideEncryption'] === undefined ? `Default_${applied}` : applied;
}

function valuesOf(members: readonly BoundMember[], value: Members): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { member, name } of members) {
    const found = value[member];
    if (found === undefined || SECRET.has(member)) continue;
    // Of headers, only Amazon's own; the query is all there.
    if (name.startsWith('x-amz-') || !HEADERS.has(name)) values[name] = textOf(found);
  }
  return values;
}

/** Headers of HTTP's that S3 has members for. */
const HEADERS: ReadonlySet<string> = new Set([
  'accept-ranges',
  'allow',
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-range',
  'content-type',
  'etag',
  'expires',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'last-modified',
  'location',
  'range',
]);

function textOf(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  return String(value);
}

const markers = new WeakMap<OperationModel, Readonly<Record<string, string>>>();

/** The query that says which operation it is: `policy`, `acl`, `list-type=2`. */
function markersOf(model: OperationModel): Readonly<Record<string, string>> {
  const known = markers.get(model);
  if (known) return known;
  const query = model.http?.uri.split('?')[1] ?? '';
  const parts = query.split('&').filter((part) => part !== '' && !part.startsWith('x-id='));
  const made: Record<string, string> = {};
  for (const part of parts) {
    const [name = '', value = ''] = part.split('=');
    made[name] = value;
  }
  markers.set(model, made);
  return made;
}

/** Bodies that are not recorded. CloudTrail does not log the keys of a DeleteObjects. */
const UNRECORDED: ReadonlySet<string> = new Set(['DeleteObjects', 'CompleteMultipartUpload']);

function documentOf(input: Members, model: OperationModel): Record<string, unknown> {
  const { payload } = inputBindings(model);
  const value = payload && input[payload.member];
  if (!payload || value === undefined || UNRECORDED.has(model.name)) return {};
  if (payload.member === 'Policy' && typeof value === 'string') return { bucketPolicy: parsed(value) };
  if (!payload.schema.isStructSchema()) return {};
  const name = (payload.schema.getMergedTraits().xmlName as string | undefined) ?? payload.schema.getName()!;
  return { [name]: elementOf(value, payload.schema) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A structure by the names of its XML elements; a list of one is that one, as the XML does not tell them apart. */
function elementOf(value: unknown, schema: NormalizedSchema): unknown {
  if (value instanceof Date) return value.toISOString();
  if (schema.isListSchema()) {
    const items = (value as unknown[]).map((item) => elementOf(item, schema.getValueSchema()));
    return items.length === 1 ? items[0] : items;
  }
  if (!schema.isStructSchema()) return value;
  const elements: Record<string, unknown> = {};
  for (const { member, name, schema: its } of membersOf(schema)) {
    const found = (value as Members)[member];
    if (found === undefined || found === null || SECRET.has(member)) continue;
    const element = elementOf(found, its);
    const wrapped = its.isListSchema() && !its.getMergedTraits().xmlFlattened;
    elements[name] = wrapped
      ? { [(its.getValueSchema().getMergedTraits().xmlName as string | undefined) ?? 'member']: element }
      : element;
  }
  return elements;
}
