import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import { compareBytes } from '../byte-order.ts';
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
  entries: (ObjectEntry | PrefixEntry)[];
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

/** The answer of ListObjectsV2 as it comes: its elements are flat, and a reader of any XML takes ten times as long. */
export function readPage(xml: string): ListPage {
  const decode = decoder(element(xml, 'EncodingType'));
  const objects = sections(xml, 'Contents').map((text): ObjectEntry => ({
    key: decode(element(text, 'Key') ?? ''),
    size: Number(element(text, 'Size') ?? 0),
    modified: new Date(element(text, 'LastModified') ?? 0),
    etag: element(text, 'ETag') ?? '',
    storageClass: element(text, 'StorageClass'),
  }));
  const prefixes = sections(xml, 'CommonPrefixes').map((text): PrefixEntry => ({
    prefix: decode(element(text, 'Prefix') ?? ''),
  }));
  const next = element(xml, 'IsTruncated') === 'true' ? element(xml, 'NextContinuationToken') : undefined;
  return { entries: inOrder(objects, prefixes), next };
}

function sections(xml: string, name: string): string[] {
  const found: string[] = [];
  const [open, close] = [`<${name}>`, `</${name}>`];
  for (let at = xml.indexOf(open); at !== -1; at = xml.indexOf(open, at)) {
    const end = xml.indexOf(close, at);
    if (end === -1) break;
    found.push(xml.slice(at + open.length, end));
    at = end;
  }
  return found;
}

function inOrder(objects: ObjectEntry[], prefixes: PrefixEntry[]): ListPage['entries'] {
  if (prefixes.length === 0) return objects;
  return [...objects, ...prefixes].toSorted((a, b) => compareBytes(nameOf(a), nameOf(b)));
}

const nameOf = (entry: ObjectEntry | PrefixEntry) => ('key' in entry ? entry.key : entry.prefix);

const ENCODED = /[%+]/;

function decoder(encoding: string | undefined): (name: string) => string {
  if (encoding !== 'url') return (name) => name;
  return (name) => (ENCODED.test(name) ? decodeURIComponent(name.replaceAll('+', ' ')) : name);
}
