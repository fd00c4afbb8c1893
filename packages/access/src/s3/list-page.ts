import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { compareBytes } from '../byte-order.ts';
import { AccessError } from '../errors.ts';
import { element } from '../lean/s3-error.ts';

/** One object of a listing. */
export interface ObjectEntry {
  key: string;
  /** Bytes. */
  size: number;
  modified: Date;
  etag: string;
  storageClass?: string;
}

/** All keys that begin alike, up to the delimiter. */
export interface PrefixEntry {
  prefix: string;
}

export interface ListRequest {
  prefix?: string;
  delimiter?: string;
  startAfter?: string;
  pageSize?: number;
  /** Of the page before. */
  token?: string;
  signal?: AbortSignal;
}

export interface ListPage {
  /** To be gone through once. */
  entries: Iterable<ObjectEntry | PrefixEntry>;
  /** Leads to the next page. */
  next?: string;
}

/** What the SDK has read. */
export function outputPage({
  Contents = [],
  CommonPrefixes = [],
  EncodingType,
  IsTruncated,
  NextContinuationToken,
}: ListObjectsV2CommandOutput): ListPage {
  const decode = decoder(EncodingType);
  const objects = Contents.map(
    ({ Key = '', Size = 0, LastModified = new Date(0), ETag = '', StorageClass }): ObjectEntry => ({
      key: decode(Key),
      size: Size,
      modified: LastModified,
      etag: ETag,
      storageClass: StorageClass,
    }),
  );
  const prefixes = CommonPrefixes.map(({ Prefix = '' }): PrefixEntry => ({ prefix: decode(Prefix) }));
  return { entries: inOrder(objects, prefixes), next: IsTruncated ? NextContinuationToken : undefined };
}

/**
 * The answer of ListObjectsV2 as it comes: its elements are flat, and a reader of any XML takes ten times as long. An entry is
 * read when it is asked for: a thousand at a time would outlive the collector's first rounds, page after page. What is no
 * whole listing must not pass for a short one, by which a sync might delete: throws `s3-failed`.
 */
export function readPage(xml: string): ListPage {
  if (!xml.includes('<ListBucketResult') || !xml.trimEnd().endsWith('</ListBucketResult>'))
    throw malformed('is not whole');
  const decode = decoder(element(xml, 'EncodingType'));
  const prefixes = Array.from(sections(xml, 'CommonPrefixes'), (text): PrefixEntry => ({
    prefix: decode(element(text, 'Prefix') ?? ''),
  }));
  const objects = readObjects(xml, decode);
  return { entries: inOrder(objects, prefixes), next: readNext(xml) };
}

function readNext(xml: string): string | undefined {
  const truncated = element(xml, 'IsTruncated');
  const next = element(xml, 'NextContinuationToken');
  if (truncated === 'false') return undefined;
  if (truncated !== 'true' || !next) throw malformed('says neither that it ends nor how it goes on');
  return next;
}

const malformed = (why: string, cause?: unknown) =>
  new AccessError(
    's3-failed',
    `the listing that was answered ${why}`,
    'check that the endpoint is one of S3, and run it again',
    { cause },
  );

function* readObjects(xml: string, decode: (name: string) => string): Generator<ObjectEntry> {
  for (const text of sections(xml, 'Contents')) {
    const key = element(text, 'Key');
    const size = Number(element(text, 'Size'));
    const modified = new Date(element(text, 'LastModified') ?? '');
    if (!key || !Number.isSafeInteger(size) || Number.isNaN(modified.getTime()))
      throw malformed('has an entry without key, size or time');
    const [etag = '', storageClass] = [element(text, 'ETag'), element(text, 'StorageClass')];
    yield { key: decode(key), size, modified, etag, storageClass };
  }
}

function* sections(xml: string, name: string): Generator<string> {
  const [open, close] = [`<${name}>`, `</${name}>`];
  for (let at = xml.indexOf(open); at !== -1; at = xml.indexOf(open, at)) {
    const end = xml.indexOf(close, at);
    if (end === -1) throw malformed('has an entry that does not end');
    yield xml.slice(at + open.length, end);
    at = end;
  }
}

function inOrder(objects: Iterable<ObjectEntry>, prefixes: PrefixEntry[]): ListPage['entries'] {
  if (prefixes.length === 0) return objects;
  return [...objects, ...prefixes].toSorted((a, b) => compareBytes(nameOf(a), nameOf(b)));
}

const nameOf = (entry: ObjectEntry | PrefixEntry) => ('key' in entry ? entry.key : entry.prefix);

const ENCODED = /[%+]/;

function decoder(encoding: string | undefined): (name: string) => string {
  if (encoding !== 'url') return (name) => name;
  return (name) => {
    try {
      return ENCODED.test(name) ? decodeURIComponent(name.replaceAll('+', ' ')) : name;
    } catch (error) {
      throw malformed(`has a key that is not encoded as it says, \`${name}\``, error);
    }
  };
}
