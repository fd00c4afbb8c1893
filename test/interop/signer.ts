import { createHash, createHmac } from 'node:crypto';
import type { Identity } from './clients.ts';

/**
 * AWS Signature Version 4 written out by hand, as a client computes it: what the sandbox verifies is held against
 * this and against the SDKs, and every part of it can be got wrong on purpose.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export interface Call {
  method?: string;
  /** With path and query, encoded as they go over the wire. */
  url: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export interface Signing {
  identity: Identity;
  service?: string;
  region?: string;
  /** Now, unless it is given. */
  date?: Date;
  /** Of the credential's scope; without it, the day of `date`. */
  day?: string;
  /** What `x-amz-content-sha256` says; without it, the body's hash. */
  payload?: string;
  /** Header names that are left out of the signature. */
  unsigned?: string[];
}

export interface SignedCall {
  url: string;
  method: string;
  headers: Record<string, string>;
  signature: string;
  /** What chunk signatures go on with. */
  key: Buffer;
  scope: string;
  timestamp: string;
}

export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
export const hmacHex = (key: Buffer, text: string): string => hmac(key, text).toString('hex');
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
export const timestampOf = (date: Date): string => date.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');

function scopeOf({ identity, service = 's3', region = 'us-east-1', date = new Date(), day }: Signing) {
  const timestamp = timestampOf(date);
  const parts = [day ?? timestamp.slice(0, 8), region, service, 'aws4_request'];
  const key = parts.reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${identity.secretAccessKey}`,
  );
  return { timestamp, scope: parts.join('/'), key: key as Buffer, service };
}

function signatureOf(
  url: URL,
  method: string,
  query: readonly [string, string][],
  headers: Record<string, string>,
  payload: string,
  { timestamp, scope, key, service }: ReturnType<typeof scopeOf>,
): string {
  const names = Object.keys(headers).toSorted();
  const sorted = query
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted((a, b) => (a < b ? -1 : 1));
  // S3 takes the path as it is; other services encode it once more.
  const path = service === 's3' ? url.pathname : url.pathname.split('/').map(encode).join('/');
  const canonical = [
    method,
    path,
    sorted.join('&'),
    ...names.map((name) => `${name}:${headers[name]!.trim().replaceAll(/ +/g, ' ')}`),
    '',
    names.join(';'),
    payload,
  ].join('\n');
  return hmacHex(key, `AWS4-HMAC-SHA256\n${timestamp}\n${scope}\n${sha256(canonical)}`);
}

const queryOf = (url: URL): [string, string][] => [...url.searchParams];

/** Signs in the `Authorization` header. */
export function sign(call: Call, signing: Signing): SignedCall {
  const url = new URL(call.url);
  const method = call.method ?? 'GET';
  const scope = scopeOf(signing);
  const { accessKeyId, sessionToken } = signing.identity;
  const payload = signing.payload ?? sha256(call.body ?? '');
  const headers: Record<string, string> = {
    host: url.host,
    'x-amz-date': scope.timestamp,
    ...(scope.service === 's3' && { 'x-amz-content-sha256': payload }),
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
    ...call.headers,
  };
  const signed = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !signing.unsigned?.includes(name)),
  );
  const signature = signatureOf(url, method, queryOf(url), signed, payload, scope);
  const names = Object.keys(signed).toSorted().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.scope}, SignedHeaders=${names}, Signature=${signature}`;
  return { url: call.url, method, headers: { ...headers, authorization }, signature, ...scope };
}

/** Signs in the query: the URL works by itself. */
export function presign(call: Call, signing: Signing & { expires?: number }): string {
  const url = new URL(call.url);
  const scope = scopeOf(signing);
  const headers: Record<string, string> = { host: url.host, ...call.headers };
  const { accessKeyId, sessionToken } = signing.identity;
  const added: [string, string][] = [
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
    ['X-Amz-Credential', `${accessKeyId}/${scope.scope}`],
    ['X-Amz-Date', scope.timestamp],
    ['X-Amz-Expires', String(signing.expires ?? 900)],
    ['X-Amz-SignedHeaders', Object.keys(headers).toSorted().join(';')],
    ...(sessionToken === undefined ? [] : ([['X-Amz-Security-Token', sessionToken]] as [string, string][])),
  ];
  const query = [...queryOf(url), ...added];
  const payload = signing.payload ?? 'UNSIGNED-PAYLOAD';
  const signature = signatureOf(url, call.method ?? 'GET', query, headers, payload, scope);
  const text = [...query, ['X-Amz-Signature', signature]].map(
    ([name, value]) => `${encode(name!)}=${encode(value!)}`,
  );
  return `${url.origin}${url.pathname}?${text.join('&')}`;
}

export interface Refusal {
  status: number;
  code: string;
  message: string;
  /** The whole body. */
  text: string;
}

/** Reads an error's code and message in whatever form the service gives it. */
export async function refusalOf(answer: Response): Promise<Refusal> {
  const text = await answer.text();
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  const { __type: type, message } = (isJson ? JSON.parse(text) : {}) as { __type?: string; message?: string };
  return {
    status: answer.status,
    code: type ?? /<Code>([^<]*)</.exec(text)?.[1] ?? '',
    message: message ?? /<Message>([^<]*)</.exec(text)?.[1] ?? '',
    text,
  };
}

/** Sends a signed call; `change` alters it after it was signed. */
export async function send(
  { url, method, headers }: SignedCall,
  body?: string | Buffer,
  change: { headers?: Record<string, string | undefined>; url?: string } = {},
): Promise<Response> {
  const entries = Object.entries({ ...headers, ...change.headers }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[0] !== 'host',
  );
  const bytes = body === undefined ? undefined : new Uint8Array(Buffer.from(body as string));
  return fetch(change.url ?? url, { method, headers: entries, ...(bytes && { body: bytes }) });
}
