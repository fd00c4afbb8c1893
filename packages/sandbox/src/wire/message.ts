import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';

/** The head of a request: all that is known before its body. */
export interface RequestHead {
  method: string;
  /** As sent, percent-encoded, without the query. */
  rawPath: string;
  /** Decoded name and value, in the order sent. */
  query: readonly (readonly [name: string, value: string])[];
  headers: IncomingHttpHeaders;
  /** Names and values in turn, as sent: node joins repeated headers in `headers`. */
  rawHeaders: readonly string[];
  /** Address of the peer, without a port. */
  remoteAddress: string;
  /** Of a connection by TLS. */
  tls?: TlsFacts;
}

export interface TlsFacts {
  /** `TLSv1.3` */
  version: string;
  /** `TLS_AES_256_GCM_SHA384` */
  cipher: string;
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body?: string | Uint8Array | Readable;
}

export function header(head: RequestHead, name: string): string | undefined {
  const value = head.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}

export function queryValue(head: RequestHead, name: string): string | undefined {
  if (head.query.length === 0) return undefined;
  return head.query.find(([key]) => key === name)?.[1];
}

/** Splits and decodes a query string. A part that is not valid percent-encoding stays as it was sent. */
export function parseQuery(text: string): [string, string][] {
  const parameters: [string, string][] = [];
  if (text === '') return parameters;
  for (let start = 0; start <= text.length;) {
    const found = text.indexOf('&', start);
    const end = found === -1 ? text.length : found;
    const equals = text.indexOf('=', start);
    if (equals !== -1 && equals < end)
      parameters.push([decode(text.slice(start, equals)), decode(text.slice(equals + 1, end))]);
    else if (end > start) parameters.push([decode(text.slice(start, end)), '']);
    start = end + 1;
  }
  return parameters;
}

function decode(text: string): string {
  if (!text.includes('%') && !text.includes('+')) return text;
  return decodePercent(text.replaceAll('+', ' ')) ?? text;
}

/** Decodes percent-encoding; nothing if it is not valid or not UTF-8. */
export function decodePercent(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Percent-encodes as AWS's signature asks: everything but letters, digits and `-_.~`. */
export function encodePercent(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
