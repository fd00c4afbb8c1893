import { createHmac, timingSafeEqual } from 'node:crypto';
import { resourcePath } from './address.ts';
import { AwsError } from './errors.ts';
import { header, queryValue, type RequestHead } from './message.ts';
import type { OperationModel } from './model.ts';
import { unsupportedMechanism } from './read-signature.ts';
import { UNSIGNED_PAYLOAD, type Signature } from './signature.ts';
import { canonicalHeader, type Verification } from './sigv4.ts';
import { formatTimestamp } from './timestamps.ts';

// Signature Version 2, which SDKs still presign with, and older clients sign with.
// https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html

const PREFIX = 'AWS ';

/** Reads a signature in header or query; nothing if there is none of this version. */
export function readSignatureV2(head: RequestHead): Signature | undefined {
  const authorization = header(head, 'authorization') || undefined;
  if (authorization?.startsWith(PREFIX)) return readHeaderForm(head, authorization.slice(PREFIX.length));
  const accessKeyId = queryValue(head, 'AWSAccessKeyId');
  return accessKeyId === undefined || authorization !== undefined
    ? undefined
    : readQueryForm(head, accessKeyId);
}

function readHeaderForm(head: RequestHead, credential: string): Signature {
  const colon = credential.lastIndexOf(':');
  if (colon <= 0)
    throw new AwsError(
      'InvalidArgument',
      'AWS authorization header is invalid.  Expected AwsAccessKeyId:signature',
      {
        fields: { ArgumentName: 'Authorization', ArgumentValue: 'AWS' },
      },
    );
  const amzDate = header(head, 'x-amz-date');
  const date = new Date(amzDate ?? header(head, 'date') ?? '');
  if (Number.isNaN(date.getTime()))
    throw denied('AWS authentication requires a valid Date or x-amz-date header');
  // Where the date is among the headers that are signed, its own line is empty.
  const line = amzDate === undefined ? header(head, 'date')! : '';
  return signatureOf(head, {
    form: 'header',
    accessKeyId: credential.slice(0, colon),
    signature: credential.slice(colon + 1).trim(),
    timestamp: formatTimestamp(date),
    v2: stringsToSign(head, line, []),
  });
}

function readQueryForm(head: RequestHead, accessKeyId: string): Signature {
  const [expires, signature] = ['Expires', 'Signature'].map((name) => queryValue(head, name));
  if (!expires || !signature)
    throw denied('Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters');
  if (!/^\d{1,12}$/.test(expires)) throw denied(`Invalid date (should be seconds since epoch): ${expires}`);
  const hoisted = head.query.filter(([name]) => /^(x-amz-|content-md5$|content-type$)/i.test(name));
  return signatureOf(head, {
    form: 'query',
    accessKeyId,
    signature,
    timestamp: '',
    v2: { ...stringsToSign(head, expires, hoisted), ends: Number(expires) * 1000 },
  });
}

/** Reads that of a form, which signs its policy. */
export function readFormSignatureV2(fields: ReadonlyMap<string, string>): Signature | undefined {
  const [policy, accessKeyId, signature] = ['policy', 'awsaccesskeyid', 'signature'].map((name) =>
    fields.get(name),
  );
  if (policy === undefined || accessKeyId === undefined || signature === undefined) return undefined;
  const securityToken = fields.get('x-amz-security-token');
  return {
    ...SCOPE,
    form: 'post',
    accessKeyId,
    signature,
    timestamp: '',
    v2: { stringToSign: policy },
    ...(securityToken !== undefined && { securityToken }),
  };
}

/** What this version does not tell. */
const SCOPE = {
  date: '',
  region: 'us-east-1',
  service: 's3',
  signedHeaders: [],
  payloadHash: UNSIGNED_PAYLOAD,
};

function signatureOf(head: RequestHead, read: Omit<Signature, keyof typeof SCOPE>): Signature {
  const securityToken = header(head, 'x-amz-security-token') ?? queryValue(head, 'x-amz-security-token');
  return { ...SCOPE, ...read, ...(securityToken !== undefined && { securityToken }) };
}

/** Computes the signature again. */
export function verifySignatureV2({ signature, v2 }: Signature, secret: string): Verification {
  const { stringToSign, withSlash } = v2!;
  const sent = Buffer.from(signature, 'base64');
  const isOf = (text: string): boolean => {
    const computed = createHmac('sha1', secret).update(text).digest();
    return sent.length === computed.length && timingSafeEqual(sent, computed);
  };
  const matches = isOf(stringToSign) || (withSlash !== undefined && isOf(withSlash));
  return { matches, stringToSign, canonicalRequest: '' };
}

/** @param hoisted Query parameters that count as headers. */
function stringsToSign(
  head: RequestHead,
  date: string,
  hoisted: readonly (readonly [string, string])[],
): NonNullable<Signature['v2']> {
  const extra = new Map(hoisted.map(([name, value]) => [name.toLowerCase(), value]));
  const named = (name: string) => header(head, name) ?? extra.get(name) ?? '';
  const names = new Set(
    [...Object.keys(head.headers), ...extra.keys()].filter((name) => name.startsWith('x-amz-')),
  );
  const headers = [...names]
    .toSorted()
    .map((name) => `${name}:${name in head.headers ? canonicalHeader(head, name) : extra.get(name)!}\n`);
  const beginning = [head.method, named('content-md5'), named('content-type'), date, headers.join('')].join(
    '\n',
  );
  const path = resourcePath(head);
  const query = subresourcesOf(head);
  return {
    stringToSign: beginning + path + query,
    // The Python SDK signs a slash after a bucket that it does not send.
    ...(path.lastIndexOf('/') === 0 && path !== '/' && { withSlash: `${beginning}${path}/${query}` }),
  };
}

/** Query parameters that are part of what is signed. */
const SUBRESOURCES = new Set([
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'delete',
  'inventory',
  'lifecycle',
  'location',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'partNumber',
  'policy',
  'replication',
  'requestPayment',
  'restore',
  'select',
  'select-type',
  'storageClass',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
]);

function subresourcesOf(head: RequestHead): string {
  const query = head.query
    .filter(([name]) => SUBRESOURCES.has(name))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .toSorted();
  return query.length === 0 ? '' : `?${query.join('&')}`;
}

/** Version 2 does not sign what asks for operations that came later. */
export function requireSignedV2({ http }: OperationModel): void {
  const literals = new URLSearchParams(http?.uri.split('?')[1]);
  for (const name of literals.keys())
    if (!SUBRESOURCES.has(name) && name !== 'x-id' && name !== 'list-type') throw unsupportedMechanism();
}

const denied = (message: string): AwsError => new AwsError('AccessDenied', message, { status: 403 });
