import { createHash } from 'node:crypto';
import { isoSeconds } from './iso-seconds.ts';
import type { TrailEntry } from './trail.ts';
import { identityOf } from './user-identity.ts';

/** A record in CloudTrail's format. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export interface CloudTrailRecord {
  eventVersion: string;
  userIdentity: Record<string, unknown>;
  eventTime: string;
  eventSource: string;
  eventName: string;
  awsRegion: string;
  sourceIPAddress: string;
  userAgent: string;
  errorCode?: string;
  errorMessage?: string;
  requestParameters: Record<string, unknown> | null;
  responseElements: Record<string, unknown> | null;
  additionalEventData?: Record<string, unknown>;
  requestID: string;
  eventID: string;
  readOnly: boolean;
  resources?: { type: string; ARN: string; accountId?: string }[];
  eventType: 'AwsApiCall';
  managementEvent: boolean;
  recipientAccountId: string;
  sharedEventID?: string;
  eventCategory: 'Data' | 'Management';
  tlsDetails?: { tlsVersion: string; cipherSuite: string; clientProvidedHostHeader: string };
}

/** What stands for the service that makes a call in its caller's name. */
const INTERNAL = 'AWS Internal';

/** The copy of a call's record that an account gets. */
export function recordFor(entry: TrailEntry, recipient: string): CloudTrailRecord {
  const shared = entry.recipients.length > 1;
  const isInternal = entry.internal !== undefined;
  return {
    eventVersion: '1.11',
    userIdentity: { ...identityOf(entry.caller), ...(isInternal && { invokedBy: INTERNAL }) },
    eventTime: isoSeconds(entry.time),
    eventSource: `${SOURCES[entry.service] ?? entry.service}.amazonaws.com`,
    eventName: EVENT_NAMES[`${entry.service}:${entry.operation}`] ?? entry.operation,
    awsRegion: entry.region,
    sourceIPAddress: isInternal ? INTERNAL : entry.sourceIp,
    userAgent: isInternal ? INTERNAL : `[${entry.userAgent}]`,
    ...(entry.error && { errorCode: entry.error.code, errorMessage: entry.error.message }),
    requestParameters: parametersOf(entry),
    responseElements: entry.output ? camelCased(entry.output) : null,
    ...(entry.service === 's3' && { additionalEventData: s3Data(entry) }),
    requestID: entry.requestId,
    // Each account's copy has an id of its own, the same whenever it is read.
    eventID: uuidFrom(`${entry.id} ${recipient}`),
    readOnly: entry.readOnly,
    ...(entry.resources.length > 0 && {
      resources: entry.resources.map(({ type, arn, account }) => ({
        type,
        ARN: arn,
        ...(account !== undefined && { accountId: account }),
      })),
    }),
    eventType: 'AwsApiCall',
    managementEvent: entry.kind === 'management',
    recipientAccountId: recipient,
    ...(shared && { sharedEventID: entry.id }),
    eventCategory: entry.kind === 'data' ? 'Data' : 'Management',
    ...(entry.tls && {
      tlsDetails: {
        tlsVersion: entry.tls.version,
        cipherSuite: entry.tls.cipher,
        clientProvidedHostHeader: entry.host,
      },
    }),
  };
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html

/** S3 Control's events are S3's. */
const SOURCES: Readonly<Record<string, string>> = { s3control: 's3' };

/** CloudTrail's name of an operation, where it is not the API's. */
const EVENT_NAMES: Readonly<Record<string, string>> = {
  's3:ListObjectsV2': 'ListObjects',
  's3:DeletePublicAccessBlock': 'DeleteBucketPublicAccessBlock',
  's3:GetPublicAccessBlock': 'GetBucketPublicAccessBlock',
  's3:PutPublicAccessBlock': 'PutBucketPublicAccessBlock',
  's3:GetBucketLifecycleConfiguration': 'GetBucketLifecycle',
  's3:PutBucketLifecycleConfiguration': 'PutBucketLifecycle',
  's3:GetBucketNotificationConfiguration': 'GetBucketNotification',
  's3:PutBucketNotificationConfiguration': 'PutBucketNotification',
  's3control:DeletePublicAccessBlock': 'DeleteAccountPublicAccessBlock',
  's3control:GetPublicAccessBlock': 'GetAccountPublicAccessBlock',
  's3control:PutPublicAccessBlock': 'PutAccountPublicAccessBlock',
};

function parametersOf(entry: TrailEntry): Record<string, unknown> | null {
  if (entry.service !== 's3') return camelCased(entry.input);
  const { Bucket, Key, ...rest } = entry.input;
  const others = Object.entries(rest).filter(([, value]) => typeof value !== 'object');
  return {
    ...(Bucket !== undefined && { bucketName: Bucket }),
    Host: entry.host,
    ...(Key !== undefined && { key: Key }),
    ...camelCased(Object.fromEntries(others)),
  };
}

function s3Data(entry: TrailEntry): Record<string, unknown> {
  return {
    SignatureVersion: entry.signatureForm === 'Anonymous' ? undefined : 'SigV4',
    CipherSuite: entry.tls?.cipher,
    bytesTransferredIn: entry.bytesIn,
    bytesTransferredOut: entry.bytesOut,
    AuthenticationMethod: entry.signatureForm === 'Anonymous' ? undefined : entry.signatureForm,
    'x-amz-id-2': entry.requestId,
  };
}

/** Members that a log must not hold, in requests and answers. */
const SECRET = new Set([
  'SecretAccessKey',
  'SessionToken',
  'TokenCode',
  'AuthenticationCode1',
  'AuthenticationCode2',
  'Base32StringSeed',
  'QRCodePNG',
  'WebIdentityToken',
  'SAMLAssertion',
  'TradeInToken',
  'ContextAssertion',
  'TrustedIdentityPropagationContext',
  'Password',
  'OldPassword',
  'NewPassword',
  'KeyStorePassword',
  'ServicePassword',
  'ServiceCredentialSecret',
  'RawSecretAccessKey',
  'PrivateKey',
  'AddPrivateKey',
  'SSECustomerKey',
  'CopySourceSSECustomerKey',
  // https://docs.aws.amazon.com/kms/latest/developerguide/ct-decrypt.md
  'Plaintext',
  'PrivateKeyPlaintext',
  'SharedSecret',
  'Message',
  'CiphertextBlob',
  'GrantToken',
  'GrantTokens',
]);

/** Members whose own members are a caller's, and stay as they are written. */
const MAPS = new Set([
  'EncryptionContext',
  'SourceEncryptionContext',
  'DestinationEncryptionContext',
  'EncryptionContextSubset',
  'EncryptionContextEquals',
  'Metadata',
]);

function camelCased(value: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(value)
    .filter(([name, member]) => member !== undefined && !SECRET.has(name))
    .map(([name, member]): [string, unknown] => [
      name.charAt(0).toLowerCase() + name.slice(1),
      MAPS.has(name) ? member : camelCasedValue(member),
    ]);
  return Object.fromEntries(entries);
}

function camelCasedValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((item) => camelCasedValue(item));
  if (typeof value === 'object' && value !== null) return camelCased(value as Record<string, unknown>);
  return value;
}

function uuidFrom(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
