import { createHmac, hash } from 'node:crypto';
import type { AwsCredentialIdentity } from '@aws-sdk/types';

/** What a signature of Signature Version 4 is for. */
export interface Scope {
  region: string;
  service: string;
}

export interface RequestToSign {
  method: string;
  /** Encoded, with its leading slash. */
  path: string;
  /** Not encoded yet. */
  query: Readonly<Record<string, string>>;
  /** Names in lower case; `host` among them. All of them are signed. */
  headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hex, or `UNSIGNED-PAYLOAD`. */
  payload: string;
}

export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
export const EMPTY_PAYLOAD = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const ALGORITHM = 'AWS4-HMAC-SHA256';

export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** The request's headers with those that sign it. */
export function signHeaders(
  request: RequestToSign,
  credentials: AwsCredentialIdentity,
  scope: Scope,
  time: number,
): Record<string, string> {
  const stamp = timestamp(time);
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': stamp,
    'x-amz-content-sha256': request.payload,
  };
  if (credentials.sessionToken !== undefined) headers['x-amz-security-token'] = credentials.sessionToken;
  const { signedHeaders, signature } = sign({ ...request, headers }, credentials, scope, stamp);
  const credential = `${credentials.accessKeyId}/${scopeText(stamp, scope)}`;
  headers['authorization'] =
    `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders}, Signature=${signature}`;
  return headers;
}

/** The query of a URL that is good for `expires` seconds; it replaces the request's own. */
export function signQuery(
  request: RequestToSign,
  credentials: AwsCredentialIdentity,
  scope: Scope,
  time: number,
  expires: number,
): string {
  const stamp = timestamp(time);
  const query: Record<string, string> = {
    ...request.query,
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scopeText(stamp, scope)}`,
    'X-Amz-Date': stamp,
    'X-Amz-Expires': String(expires),
    'X-Amz-SignedHeaders': Object.keys(request.headers).toSorted().join(';'),
  };
  if (credentials.sessionToken !== undefined) query['X-Amz-Security-Token'] = credentials.sessionToken;
  const { signature } = sign({ ...request, query }, credentials, scope, stamp);
  return `${queryText(query)}&X-Amz-Signature=${signature}`;
}

function sign(
  { method, path, query, headers, payload }: RequestToSign,
  credentials: AwsCredentialIdentity,
  scope: Scope,
  stamp: string,
): { signedHeaders: string; signature: string } {
  const names = Object.keys(headers).toSorted();
  const signedHeaders = names.join(';');
  let lines = '';
  for (const name of names) lines += `${name}:${headers[name]!.trim().replaceAll(/ {2,}/g, ' ')}\n`;
  const canonical = `${method}\n${path}\n${queryText(query)}\n${lines}\n${signedHeaders}\n${payload}`;
  const text = `${ALGORITHM}\n${stamp}\n${scopeText(stamp, scope)}\n${sha256(canonical)}`;
  return { signedHeaders, signature: hmac(signingKey(credentials, scope, stamp), text).toString('hex') };
}

let lastStamp = { second: NaN, text: '' };

function timestamp(time: number): string {
  const second = Math.floor(time / 1000);
  if (lastStamp.second !== second) {
    const text = new Date(second * 1000).toISOString().replaceAll(/[-:]|\.\d+/g, '');
    lastStamp = { second, text };
  }
  return lastStamp.text;
}
const scopeText = (stamp: string, { region, service }: Scope) =>
  `${stamp.slice(0, 8)}/${region}/${service}/aws4_request`;
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();

const signingKeys = new WeakMap<AwsCredentialIdentity, { scope: string; key: Buffer }>();

/** It holds for a day and a region, so it is made once and not for each request. */
function signingKey(credentials: AwsCredentialIdentity, { region, service }: Scope, stamp: string): Buffer {
  const day = stamp.slice(0, 8);
  const scope = `${day}/${region}/${service}`;
  const known = signingKeys.get(credentials);
  if (known?.scope === scope) return known.key;
  const steps = [day, region, service, 'aws4_request'];
  let key = Buffer.from(`AWS4${credentials.secretAccessKey}`);
  for (const step of steps) key = hmac(key, step);
  signingKeys.set(credentials, { scope, key });
  return key;
}

/** Sorted, as it is signed and sent. */
export function queryText(query: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(query).map(([name, value]) => [encodePart(name), encodePart(value)] as const);
  return pairs
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const PLAIN = /^[\w.~-]*$/;

/** Percent-encodes all but what RFC 3986 leaves alone. */
export function encodePart(text: string): string {
  if (PLAIN.test(text)) return text;
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.codePointAt(0)!.toString(16).toUpperCase()}`,
  );
}

/** A key as a path. */
export const encodeKey = (key: string): string =>
  PLAIN.test(key) ? key : key.split('/').map(encodePart).join('/');
