import { HEX } from './digests.ts';
import { AwsError } from './errors.ts';
import { header, queryValue, type RequestHead } from './message.ts';
import { ALGORITHM, EMPTY_HASH, UNSIGNED_PAYLOAD, type Signature } from './signature.ts';
import { formatTimestamp, TIMESTAMP } from './timestamps.ts';

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

function readTimestamp(head: RequestHead): string {
  const timestamp = header(head, 'x-amz-date');
  if (timestamp !== undefined && TIMESTAMP.test(timestamp)) return timestamp;
  const date = new Date(timestamp ?? header(head, 'date') ?? '');
  if (!Number.isNaN(date.getTime())) return formatTimestamp(date);
  throw new AwsError('AccessDenied', 'AWS authentication requires a valid Date or x-amz-date header', {
    status: 403,
  });
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
