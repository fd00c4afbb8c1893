import { createHash, createHmac } from 'node:crypto';
import type { Identity } from '../interop/clients.ts';

/** A source of numbers that gives the same ones for the same seed. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** From 0 to below `limit`. */
  roll(limit: number): number {
    // xorshift32
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  chance(percent: number): boolean {
    return this.roll(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.roll(items.length)]!;
  }

  some<T>(items: readonly T[], most: number): T[] {
    return Array.from({ length: this.roll(most + 1) }, () => this.pick(items));
  }

  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.roll(256)));
  }
}

const METHODS = ['GET', 'GET', 'GET', 'PUT', 'PUT', 'PUT', 'POST', 'POST', 'DELETE', 'HEAD', 'PATCH'];
const KEYS = [
  'k',
  'parts',
  'none',
  '..',
  '../..',
  '%2e%2e%2f%2e%2e%2fetc',
  '.',
  '//',
  '%00',
  '%ff%fe',
  '%',
  '%zz',
  '+',
  '%F0%9F%93%A6',
  'a'.repeat(1024),
  'a'.repeat(1025),
  '%C3%28',
  'a?b',
  '%3F%23',
  '__proto__',
  'constructor',
  '%E2%80%AE',
  ' '.repeat(0),
];
const SUBRESOURCES = [
  'acl',
  'tagging',
  'uploads',
  'uploadId',
  'partNumber',
  'versionId',
  'versioning',
  'versions',
  'list-type',
  'delete',
  'policy',
  'lifecycle',
  'cors',
  'location',
  'encryption',
  'object-lock',
  'retention',
  'legal-hold',
  'restore',
  'attributes',
  'prefix',
  'delimiter',
  'max-keys',
  'max-parts',
  'max-uploads',
  'marker',
  'key-marker',
  'upload-id-marker',
  'version-id-marker',
  'continuation-token',
  'start-after',
  'encoding-type',
  'part-number-marker',
  'response-content-type',
  'response-expires',
  'x-id',
  'select',
  'select-type',
  'notification',
  'replication',
  'website',
  'logging',
  'requestPayment',
  'publicAccessBlock',
  'ownershipControls',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Expires',
  'AWSAccessKeyId',
  'Signature',
  'Expires',
  'nothing',
];
const VALUES = [
  '',
  '0',
  '1',
  '-1',
  '2',
  '10001',
  '9007199254740993',
  '1e9',
  'NaN',
  'null',
  'true',
  '*',
  'k',
  '/',
  '//',
  '..',
  'url',
  '\u0000',
  'ü',
  '%',
  'a'.repeat(3000),
  '{"a":1}',
  '<a/>',
  '2026-01-01',
  'AWS4-HMAC-SHA256',
  'bytes=0-1',
  '="',
  'AAAAAA==',
];
const HEADERS = [
  'range',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'content-md5',
  'content-encoding',
  'expires',
  'content-type',
  'x-amz-acl',
  'x-amz-grant-read',
  'x-amz-tagging',
  'x-amz-storage-class',
  'x-amz-copy-source',
  'x-amz-copy-source-range',
  'x-amz-copy-source-if-match',
  'x-amz-metadata-directive',
  'x-amz-tagging-directive',
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-context',
  'x-amz-server-side-encryption-customer-algorithm',
  'x-amz-server-side-encryption-customer-key',
  'x-amz-server-side-encryption-customer-key-md5',
  'x-amz-checksum-crc32',
  'x-amz-checksum-sha256',
  'x-amz-checksum-algorithm',
  'x-amz-checksum-type',
  'x-amz-checksum-mode',
  'x-amz-sdk-checksum-algorithm',
  'x-amz-trailer',
  'x-amz-decoded-content-length',
  'x-amz-mp-object-size',
  'x-amz-object-attributes',
  'x-amz-object-lock-mode',
  'x-amz-object-lock-retain-until-date',
  'x-amz-object-lock-legal-hold',
  'x-amz-bypass-governance-retention',
  'x-amz-expected-bucket-owner',
  'x-amz-request-payer',
  'x-amz-website-redirect-location',
  'x-amz-meta-a',
  'x-amz-security-token',
  'x-amz-max-parts',
  'x-amz-part-number-marker',
  'x-amz-source-expected-bucket-owner',
  'x-amz-bucket-object-lock-enabled',
  'x-amz-object-ownership',
  'expect',
  'origin',
];
const HEADER_VALUES = [
  '',
  '0',
  '-1',
  '1',
  '99999999999999999999',
  'NaN',
  'true',
  '*',
  '"x"',
  'bytes=0-',
  'bytes=-0',
  'bytes=1-0',
  'bytes=0-1,3-4',
  'bytes=99999999999999999999-',
  'private',
  'public-read',
  'uri="http://acs.amazonaws.com/groups/global/AllUsers"',
  'id=x',
  'a=1&a=2',
  'GLACIER',
  'SHELF',
  '/bucket/k',
  'malformed/k',
  'malformed/none?versionId=x',
  'arn:aws:s3:us-east-1:111111111111:accesspoint/a/object/k',
  'COPY',
  'REPLACE',
  'aws:kms',
  'AES256',
  'aws:kms:dsse',
  'eyJhIjoiYiJ9',
  'AAAAAA==',
  'CRC32',
  'SHA256',
  'ETag,Checksum,ObjectParts',
  'GOVERNANCE',
  'COMPLIANCE',
  '2099-01-01T00:00:00Z',
  'ON',
  '222222222222',
  'requester',
  '=?utf-8?q?=zz?=',
  'a'.repeat(4000),
  'gzip,aws-chunked',
  'x-amz-checksum-crc32',
  'multipart/form-data; boundary=x',
  'application/xml',
  '100-continue',
  '\u00ff\u00fe',
  'Wed, 21 Oct 2015 07:28:00 GMT',
  'FULL_OBJECT',
  'COMPOSITE',
  'ENABLED',
];
const HASHES = [
  'UNSIGNED-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  'none',
];

const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
const laughs = `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'
  .split('')
  .map((name, index) => `<!ENTITY ${name} "${`&${'abcdefghij'[index]};`.repeat(10)}">`)
  .join('')}]><Delete><Object><Key>&j;</Key></Object></Delete>`;
const BODIES: readonly string[] = [
  '',
  'x',
  '<',
  '<a',
  '<a>',
  '<a></b>',
  '<a/>',
  '<?xml version="1.0"?>',
  '<Delete/>',
  '<Delete><Object/></Delete>',
  '<Delete><Object><Key>k</Key><VersionId>x</VersionId></Object></Delete>',
  '<Tagging><TagSet><Tag/></TagSet></Tagging>',
  '<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>',
  '<Tagging>text</Tagging>',
  '<CompleteMultipartUpload><Part><PartNumber>x</PartNumber><ETag/></Part></CompleteMultipartUpload>',
  '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
  '<AccessControlPolicy><Owner><ID>x</ID></Owner></AccessControlPolicy>',
  '<VersioningConfiguration><Status>On</Status></VersioningConfiguration>',
  '<RestoreRequest><Days>-1</Days></RestoreRequest>',
  '<Retention><Mode>X</Mode></Retention>',
  '<LegalHold><Status>?</Status></LegalHold>',
  '<LifecycleConfiguration><Rule><Status>Enabled</Status></Rule></LifecycleConfiguration>',
  nested(50),
  nested(5000),
  laughs,
  '<!ENTITY x SYSTEM "file:///etc/passwd">',
  '{"Version":"2012-10-17","Statement":[]}',
  '{',
  '\u0000\u0001',
  '<a>\ufffe</a>',
  '<a b=">"/>',
  '<![CDATA[x]]>',
  '<!-- ',
  '5\r\nhello\r\n0\r\n\r\n',
  'zz\r\n',
  `5;chunk-signature=${'0'.repeat(64)}\r\nhello\r\n0;chunk-signature=${'0'.repeat(64)}\r\n\r\n`,
  '0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
  'ffffffff\r\n',
  '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x--',
  '--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nk\r\n--x--',
  'Action=GetCallerIdentity&Version=2011-06-15',
  'Action=Nothing&Version=2010-05-08',
];

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const encode = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * Makes one request, malformed in one way or several; half of them are signed as they should be, so that they get
 * past the signature.
 * @returns Its bytes on the wire.
 */
export function malformedRequest(dice: Dice, identity: Identity, bucket: string): Buffer {
  const method = dice.pick(METHODS);
  const path = dice.pick([
    '/',
    `/${bucket}`,
    `/${bucket}/`,
    `/${bucket}/${dice.pick(KEYS)}`,
    `/${bucket}/${dice.pick(KEYS)}`,
    `/${dice.pick(KEYS)}`,
    `/no-such-bucket/${dice.pick(KEYS)}`,
  ]);
  const query = dice.some(SUBRESOURCES, 3).map((name): [string, string] => [name, dice.pick(VALUES)]);
  const body = Buffer.from(
    dice.chance(60) ? dice.pick(BODIES) : dice.chance(30) ? dice.bytes(dice.roll(300)) : '',
  );
  const headers = new Map<string, string>([['host', '127.0.0.1']]);
  for (const name of dice.some(HEADERS, 4)) headers.set(name, dice.pick(HEADER_VALUES));
  if (dice.chance(70)) sign({ method, path, query, headers, body }, dice, identity);
  else if (dice.chance(50))
    headers.set(
      'authorization',
      dice.pick([
        '',
        'AWS4-HMAC-SHA256 ',
        'AWS a:b',
        'AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=x',
        'Bearer x',
        '\u00ff',
      ]),
    );
  const length = dice.chance(95)
    ? String(body.length)
    : dice.pick([
        '-1',
        'x',
        '99999999999999999999',
        String(body.length + 1),
        String(Math.max(0, body.length - 1)),
      ]);
  headers.set('content-length', length);
  if (dice.chance(2)) headers.set('transfer-encoding', 'chunked');
  if (dice.chance(1)) headers.set('x-long', 'v'.repeat(140_000));
  const target =
    query.length === 0
      ? path
      : `${path}?${query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
  const lines = [...headers].map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${method} ${target || '/'} HTTP/1.1\r\n${lines.join('')}\r\n`;
  const bytes = Buffer.concat([Buffer.from(head, 'latin1'), body]);
  // Now and then, what is no HTTP at all.
  if (dice.chance(1)) bytes[dice.roll(bytes.length)] = dice.roll(256);
  return bytes;
}

interface Unsigned {
  method: string;
  path: string;
  query: readonly [string, string][];
  headers: Map<string, string>;
  body: Buffer;
}

function sign({ method, path, query, headers, body }: Unsigned, dice: Dice, identity: Identity): void {
  const timestamp = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const scope = [timestamp.slice(0, 8), 'us-east-1', 's3', 'aws4_request'];
  const payload = dice.chance(80) ? sha256(body) : dice.pick(HASHES);
  headers.set('x-amz-date', timestamp);
  headers.set('x-amz-content-sha256', payload);
  const names = [...headers.keys()].filter((name) => name !== 'expect').toSorted();
  let decoded = path;
  try {
    decoded = decodeURIComponent(path);
  } catch {
    // It stays as it is: so does the server take it.
  }
  const canonical = [
    method,
    decoded.split('/').map(encode).join('/'),
    query
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .join('&'),
    ...names.map((name) => `${name}:${headers.get(name)!.trim().replaceAll(/ {2,}/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  const key = scope.reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${identity.secretAccessKey}`,
  );
  const text = `AWS4-HMAC-SHA256\n${timestamp}\n${scope.join('/')}\n${sha256(canonical)}`;
  const signature = createHmac('sha256', key as Buffer)
    .update(text)
    .digest('hex');
  headers.set(
    'authorization',
    `AWS4-HMAC-SHA256 Credential=${identity.accessKeyId}/${scope.join('/')}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
  );
}
