import { AwsError } from '../wire/errors.ts';
import type { Protocol } from '../wire/protocol.ts';
import type { Signature } from '../wire/signature.ts';
import type { Verification } from '../wire/sigv4.ts';
import { formatTimestamp } from '../wire/timestamps.ts';

/**
 * What AWS answers when it cannot tell who calls, in each protocol's words.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
 */
export interface AuthErrors {
  unknownKey(accessKeyId: string): AwsError;
  invalidToken(): AwsError;
  expiredToken(): AwsError;
  /** Of an account that its organization has closed. */
  closedAccount(): AwsError;
  mismatch(signature: Signature, verification: Verification): AwsError;
  skewed(signature: Signature, now: number): AwsError;
  unsigned(): AwsError;
  /** @param problem What is wrong with the form of the signature, in S3's words. */
  malformed(problem: AwsError): AwsError;
  /** @param service The one that the credential's scope should name. */
  wrongService(service: string): AwsError;
  /** The scope's day is not the day of the date. */
  wrongDay(signature: Signature): AwsError;
  unsignedHeaders(names: readonly string[]): AwsError;
}

export const MAX_SKEW = 15 * 60_000;

const INVALID_TOKEN = 'The security token included in the request is invalid.';
const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const scopeMessage = (service: string) => `Credential should be scoped to correct service: '${service}'.`;
const dayMessage = ({ date, timestamp }: Signature) =>
  `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${date}' != '${timestamp.slice(0, 8)}', from '${timestamp}'.`;
const headerMessage = (names: readonly string[]) =>
  names.map((name) => `'${name}' must be a 'SignedHeader' in the AWS Authorization.`).join(' ');

function skewMessage(signature: Signature, now: number): string {
  const limit = (offset: number) => formatTimestamp(new Date(now + offset));
  return signature.timestamp < limit(0)
    ? `Signature expired: ${signature.timestamp} is now earlier than ${limit(-MAX_SKEW)} (${limit(0)} - 15 min.)`
    : `Signature not yet current: ${signature.timestamp} is still later than ${limit(MAX_SKEW)} (${limit(0)} + 15 min.)`;
}

export const AUTH_ERRORS: Readonly<Record<Protocol, AuthErrors>> = {
  'rest-xml': {
    unknownKey: (accessKeyId) =>
      new AwsError(
        'InvalidAccessKeyId',
        'The AWS Access Key Id you provided does not exist in our records.',
        {
          fields: { AWSAccessKeyId: accessKeyId },
        },
      ),
    invalidToken: () => new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.'),
    expiredToken: () => new AwsError('ExpiredToken', 'The provided token has expired.'),
    closedAccount: () =>
      new AwsError(
        'AccountProblem',
        'There is a problem with your AWS account that prevents the operation from completing successfully.',
      ),
    mismatch: (signature, { stringToSign, canonicalRequest }) =>
      new AwsError(
        'SignatureDoesNotMatch',
        'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
        {
          fields: {
            AWSAccessKeyId: signature.accessKeyId,
            StringToSign: stringToSign,
            SignatureProvided: signature.signature,
            StringToSignBytes: spacedHex(stringToSign),
            ...(canonicalRequest !== '' && {
              CanonicalRequest: canonicalRequest,
              CanonicalRequestBytes: spacedHex(canonicalRequest),
            }),
          },
        },
      ),
    skewed: (signature, now) =>
      new AwsError(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        {
          fields: {
            RequestTime: signature.timestamp,
            ServerTime: new Date(now).toISOString(),
            MaxAllowedSkewMilliseconds: String(MAX_SKEW),
          },
        },
      ),
    unsigned: () => new AwsError('AccessDenied', 'Access Denied'),
    malformed: (problem) => problem,
    wrongService: (service) => new AwsError('SignatureDoesNotMatch', scopeMessage(service)),
    wrongDay: ({ form, date, timestamp }) =>
      new AwsError(
        form === 'query' ? 'AuthorizationQueryParametersError' : 'AuthorizationHeaderMalformed',
        `Invalid credential date "${date}". This date is not the same as X-Amz-Date: "${timestamp}".`,
      ),
    unsignedHeaders: (names) =>
      new AwsError('AccessDenied', 'There were headers present in the request which were not signed', {
        fields: { HeadersNotSigned: names.join(', ') },
      }),
  },
  query: {
    unknownKey: () => new AwsError('InvalidClientTokenId', INVALID_TOKEN),
    invalidToken: () => new AwsError('InvalidClientTokenId', INVALID_TOKEN),
    expiredToken: () =>
      new AwsError('ExpiredToken', 'The security token included in the request is expired', { status: 403 }),
    closedAccount: () => new AwsError('InvalidClientTokenId', INVALID_TOKEN),
    mismatch: () => new AwsError('SignatureDoesNotMatch', MISMATCH),
    skewed: (signature, now) => new AwsError('SignatureDoesNotMatch', skewMessage(signature, now)),
    unsigned: () => new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token'),
    malformed: ({ message }) => new AwsError('IncompleteSignature', message),
    wrongService: (service) => new AwsError('SignatureDoesNotMatch', scopeMessage(service)),
    wrongDay: (signature) => new AwsError('SignatureDoesNotMatch', dayMessage(signature)),
    unsignedHeaders: (names) => new AwsError('SignatureDoesNotMatch', headerMessage(names)),
  },
  json: {
    unknownKey: () => new AwsError('UnrecognizedClientException', INVALID_TOKEN),
    invalidToken: () => new AwsError('UnrecognizedClientException', INVALID_TOKEN),
    expiredToken: () =>
      new AwsError('ExpiredTokenException', 'The security token included in the request is expired'),
    closedAccount: () => new AwsError('UnrecognizedClientException', INVALID_TOKEN),
    mismatch: () => new AwsError('InvalidSignatureException', MISMATCH),
    skewed: (signature, now) => new AwsError('InvalidSignatureException', skewMessage(signature, now)),
    unsigned: () => new AwsError('MissingAuthenticationTokenException', 'Missing Authentication Token'),
    malformed: ({ message }) => new AwsError('IncompleteSignatureException', message),
    wrongService: (service) => new AwsError('InvalidSignatureException', scopeMessage(service)),
    wrongDay: (signature) => new AwsError('InvalidSignatureException', dayMessage(signature)),
    unsignedHeaders: (names) => new AwsError('InvalidSignatureException', headerMessage(names)),
  },
};

function spacedHex(text: string): string {
  return Buffer.from(text)
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ');
}
