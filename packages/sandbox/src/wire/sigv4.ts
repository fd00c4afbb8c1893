import { createHmac, hash, timingSafeEqual } from 'node:crypto';
import { AwsError } from './errors.ts';
import { Recent } from '../recent.ts';
import { HmacKey } from './hmac-key.ts';
import { decodePercent, encodePercent, header, queryValue, type RequestHead } from './message.ts';

/**
 * AWS Signature Version 4, as the receiver computes it.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export interface Signature {
  form: 'header' | 'query' | 'post';
  accessKeyId: string;
  /** `20260801` */
  date: string;
  region: string;
  service: string;
  /** `20260801T000000Z` */
  timestamp: string;
  signedHeaders: readonly string[];
  /** 64 hexadecimal digits. */
  signature: string;
  /** What the client says of its body: a SHA-256, `UNSIGNED-PAYLOAD` or a `STREAMING-...` form. */
  payloadHash: string;
  securityToken?: string;
  /** Of a presigned URL, in seconds. */
  expires?: number;
  /** Of a form: its policy, in base64, which is all that is signed. */
  policy?: string;
  /** Of a signature of Version 2, which has no scope. */
  v2?: {
    stringToSign: string;
    /** What may be signed instead: the address of a bucket with a slash after it. */
    withSlash?: string;
    /** In milliseconds since 1970. */
    ends?: number;
  };
}

export const ALGORITHM = 'AWS4-HMAC-SHA256';
export const UNSIGNED_PAYLOAD = 'UNSIGNED-PAYLOAD';
/** SHA-256 of nothing. */
export const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const MAX_PRESIGNED_SECONDS = 604_800;

/** Reads the signature of a request in either form; nothing if it carries none (an anonymous request). */
export function readSignature(head: RequestHead): Signature | undefined {
  const authorization = header(head, 'authorization') || undefined;
  const algorithm = queryValue(head, 'X-Amz-Algorithm');
  if (authorization !== undefined && algorithm !== undefined)
    throw new AwsError(
      'InvalidArgument',
      'Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified',
    );
  if (authorization !== undefined) return readHeaderForm(head, authorization);
  if (algorithm !== undefined) return readQueryForm(head, algorithm);
  if (queryValue(head, 'AWSAccessKeyId') !== undefined) throw unsupportedMechanism();
  return undefined;
}

export function unsupportedMechanism(): AwsError {
  return new AwsError(
    'InvalidRequest',
    'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
  );
}

function unsupportedScheme(authorization: string): AwsError {
  return new AwsError('InvalidArgument', 'Unsupported Authorization Type', {
    status: 400,
    fields: { ArgumentName: 'Authorization', ArgumentValue: authorization },
  });
}

function readHeaderForm(head: RequestHead, authorization: string): Signature {
  const { scope, signedHeaders, signature } = readAuthorization(authorization);
  const timestamp = readTimestamp(head);
  const securityToken = header(head, 'x-amz-security-token');
  const { accessKeyId, date, region, service } = scope;
  const read: Signature = {
    form: 'header',
    accessKeyId,
    date,
    region,
    service,
    timestamp,
    signedHeaders,
    signature,
    payloadHash: header(head, 'x-amz-content-sha256') ?? EMPTY_HASH,
  };
  if (securityToken !== undefined) read.securityToken = securityToken;
  return read;
}

interface Authorization {
  scope: Pick<Signature, 'accessKeyId' | 'date' | 'region' | 'service'>;
  signedHeaders: readonly string[];
  signature: string;
}

/** What stands before the signature in the last header read: a client's requests of one day mostly begin the same. */
let latestBeginning: { text: string; read: Omit<Authorization, 'signature'> } | undefined;

function readAuthorization(authorization: string): Authorization {
  const known = latestBeginning;
  if (known && authorization.startsWith(known.text) && HEX.test(authorization.slice(known.text.length)))
    return {
      scope: known.read.scope,
      signedHeaders: known.read.signedHeaders,
      signature: authorization.slice(known.text.length),
    };
  if (!authorization.startsWith(`${ALGORITHM} `))
    throw authorization.startsWith('AWS') ? unsupportedMechanism() : unsupportedScheme(authorization);
  const parts = new Map<string, string>();
  for (const part of authorization.slice(ALGORITHM.length + 1).split(',')) {
    const equals = part.indexOf('=');
    if (equals > 0) parts.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const credential = parts.get('Credential');
  const signedHeaders = parts.get('SignedHeaders');
  const signature = parts.get('Signature');
  if (!credential || !signedHeaders || !signature)
    throw new AwsError(
      'AuthorizationHeaderMalformed',
      'The authorization header is malformed; the authorization header requires three components: Credential, SignedHeaders, and Signature.',
    );
  const read = {
    scope: readScope(credential, 'AuthorizationHeaderMalformed', 'The authorization header is malformed'),
    signedHeaders: signedHeaders.split(';'),
  };
  if (authorization.endsWith(`Signature=${signature}`))
    latestBeginning = { text: authorization.slice(0, -signature.length), read };
  return { ...read, signature };
}

const HEX = /^[0-9a-f]{64}$/;

function readQueryForm(head: RequestHead, algorithm: string): Signature {
  const malformed = (message: string) => new AwsError('AuthorizationQueryParametersError', message);
  if (algorithm !== ALGORITHM)
    throw malformed('X-Amz-Algorithm only supports "AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256"');
  const [credential, timestamp, expires, signedHeaders, signature] = [
    'X-Amz-Credential',
    'X-Amz-Date',
    'X-Amz-Expires',
    'X-Amz-SignedHeaders',
    'X-Amz-Signature',
  ].map((name) => queryValue(head, name));
  if (!credential || !timestamp || !expires || !signedHeaders || !signature)
    throw malformed(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  if (!TIMESTAMP.test(timestamp))
    throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const seconds = Number(expires);
  if (!Number.isInteger(seconds)) throw malformed('X-Amz-Expires should be a number');
  if (seconds < 0) throw malformed('X-Amz-Expires must be non-negative');
  if (seconds > MAX_PRESIGNED_SECONDS)
    throw malformed(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  const securityToken = queryValue(head, 'X-Amz-Security-Token');
  return {
    form: 'query',
    ...readScope(
      credential,
      'AuthorizationQueryParametersError',
      'Error parsing the X-Amz-Credential parameter',
    ),
    timestamp,
    signedHeaders: signedHeaders.split(';'),
    signature,
    payloadHash:
      queryValue(head, 'X-Amz-Content-Sha256') ?? header(head, 'x-amz-content-sha256') ?? UNSIGNED_PAYLOAD,
    expires: seconds,
    ...(securityToken !== undefined && { securityToken }),
  };
}

/**
 * Reads the signature of a form; nothing if it carries no policy.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html
 */
export function readFormSignature(fields: ReadonlyMap<string, string>): Signature | undefined {
  const policy = fields.get('policy');
  if (policy === undefined) return undefined;
  const [algorithm, credential, timestamp, signature] = [
    'x-amz-algorithm',
    'x-amz-credential',
    'x-amz-date',
    'x-amz-signature',
  ].map((name) => fields.get(name) ?? missingField(name));
  if (algorithm !== ALGORITHM) throw unsupportedMechanism();
  if (!TIMESTAMP.test(timestamp!))
    throw new AwsError('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header', {
      status: 403,
    });
  const securityToken = fields.get('x-amz-security-token');
  return {
    form: 'post',
    ...readScope(credential!, 'InvalidArgument', 'Error parsing the X-Amz-Credential field'),
    timestamp: timestamp!,
    signedHeaders: [],
    signature: signature!,
    payloadHash: UNSIGNED_PAYLOAD,
    policy,
    ...(securityToken !== undefined && { securityToken }),
  };
}

/** @throws AwsError always */
export function missingField(name: string): never {
  throw new AwsError(
    'InvalidArgument',
    `Bucket POST must contain a field named '${name}'.  If it is specified, please check the order of the fields.`,
    { fields: { ArgumentName: name, ArgumentValue: '' } },
  );
}

const TIMESTAMP = /^\d{8}T\d{6}Z$/;

function readTimestamp(head: RequestHead): string {
  const timestamp = header(head, 'x-amz-date');
  if (timestamp !== undefined && TIMESTAMP.test(timestamp)) return timestamp;
  const date = new Date(timestamp ?? header(head, 'date') ?? '');
  if (!Number.isNaN(date.getTime())) return formatTimestamp(date);
  throw new AwsError('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header', {
    status: 403,
  });
}

export function formatTimestamp(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

/** The last one read: a client's requests of one second all carry the same. */
let latest = { timestamp: '', time: Number.NaN };

/** Milliseconds since 1970 of a `20260801T000000Z`. */
export function parseTimestamp(timestamp: string): number {
  if (timestamp === latest.timestamp) return latest.time;
  const iso = timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z');
  latest = { timestamp, time: Date.parse(iso) };
  return latest.time;
}

/** Reads `AKIA.../20260801/eu-west-1/s3/aws4_request`. */
function readScope(credential: string, code: string, problem: string) {
  const parts = credential.split('/');
  const [accessKeyId, date, region, service, terminator] = parts.slice(-5);
  if (parts.length < 5 || !accessKeyId || !date || !region || !service)
    throw new AwsError(
      code,
      `${problem}; the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
    );
  if (terminator !== 'aws4_request')
    throw new AwsError(
      code,
      `${problem}; incorrect terminal "${terminator}". This endpoint belongs to "aws4_request".`,
    );
  if (!/^\d{8}$/.test(date))
    throw new AwsError(
      code,
      `${problem}; incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`,
    );
  return { accessKeyId: parts.slice(0, -4).join('/'), date, region, service };
}

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

export function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex');
}

const ours = Buffer.alloc(64);
const theirs = Buffer.alloc(64);

/** Whether two texts are the same 64 hexadecimal digits, in a time that does not depend on where they differ. */
export function sameHex(a: string, b: string): boolean {
  if (!HEX.test(a) || !HEX.test(b)) return false;
  ours.write(a, 'latin1');
  theirs.write(b, 'latin1');
  return timingSafeEqual(ours, theirs);
}
