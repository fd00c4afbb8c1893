import { Recent } from '../recent.ts';
import { hmac, sameHex, sha256 } from './digests.ts';
import { HmacKey } from './hmac-key.ts';
import { decodePercent, encodePercent, type RequestHead } from './message.ts';
import { ALGORITHM, type Signature } from './signature.ts';

// AWS Signature Version 4, as the receiver computes it.
// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html

export interface SigningKey {
  /** Of this scope, for chunks too. */
  key: HmacKey;
  scope: string;
}

const signingKeys = new Recent<SigningKey>(1000);

/** The key of a day, region and service, kept for the requests that follow. */
export function signingKey(
  secret: string,
  signature: Pick<Signature, 'date' | 'region' | 'service'>,
): SigningKey {
  const { date, region, service } = signature;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const name = `${secret}/${scope}`;
  let key = signingKeys.get(name);
  if (!key) {
    const bytes = hmac(hmac(hmac(hmac(`AWS4${secret}`, date), region), service), 'aws4_request');
    key = { key: new HmacKey(bytes), scope };
    signingKeys.set(name, key);
  }
  return key;
}

export interface Verification {
  matches: boolean;
  canonicalRequest: string;
  stringToSign: string;
}

/** Computes the signature of a request and compares it with the one sent, in constant time. */
export function verifySignature(head: RequestHead, signature: Signature, key: SigningKey): Verification {
  const { policy, timestamp } = signature;
  const canonicalRequest = policy === undefined ? canonicalize(head, signature) : '';
  const stringToSign = policy ?? `${ALGORITHM}\n${timestamp}\n${key.scope}\n${sha256(canonicalRequest)}`;
  return {
    matches: sameHex(key.key.hex(stringToSign), signature.signature),
    canonicalRequest,
    stringToSign,
  };
}

function canonicalize(head: RequestHead, signature: Signature): string {
  let headers = '';
  for (const name of signature.signedHeaders) headers += `${name}:${canonicalHeader(head, name)}\n`;
  return (
    `${head.method}\n${canonicalPath(head.rawPath, signature.service)}\n${canonicalQuery(head, signature.form)}\n` +
    `${headers}\n${signature.signedHeaders.join(';')}\n${signature.payloadHash}`
  );
}

const PLAIN_PATH = /^[A-Za-z0-9/_.~-]*$/;

/** S3 encodes a path once; the other services encode what the client has already encoded. */
function canonicalPath(rawPath: string, service: string): string {
  if (PLAIN_PATH.test(rawPath)) return rawPath;
  const path = service === 's3' ? (decodePercent(rawPath) ?? rawPath) : rawPath;
  return path.split('/').map(encodePercent).join('/');
}

function canonicalQuery(head: RequestHead, form: Signature['form']): string {
  if (head.query.length === 0) return '';
  return head.query
    .filter(([name]) => form === 'header' || name !== 'X-Amz-Signature')
    .map(([name, value]): [string, string] => [encodePercent(name), encodePercent(value)])
    .toSorted(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

export function canonicalHeader(head: RequestHead, name: string): string {
  const value = head.headers[name];
  // Node joins repeated headers with a space after the comma, and drops repetitions of some: take them as sent.
  if (typeof value === 'string' && !value.includes(',')) return collapse(value);
  const values: string[] = [];
  for (let index = 0; index < head.rawHeaders.length; index += 2)
    if (head.rawHeaders[index]!.toLowerCase() === name) values.push(collapse(head.rawHeaders[index + 1]!));
  return values.join(',');
}

function collapse(value: string): string {
  const trimmed = value.trim();
  return trimmed.includes('  ') ? trimmed.replaceAll(/ {2,}/g, ' ') : trimmed;
}
