import type { ContextValue, SessionFacts } from '@crossbucket/policy';
import { ExplainError } from '../explain-error.ts';
import type { Evidence } from './evidence.ts';
import { readError } from './read-error.ts';

interface CloudTrailRecord {
  eventSource?: string;
  eventName?: string;
  eventTime?: string;
  sharedEventID?: string;
  errorCode?: string;
  errorMessage?: string;
  awsRegion?: string;
  sourceIPAddress?: string;
  userAgent?: string;
  vpcEndpointId?: string;
  requestParameters?: Record<string, unknown> | null;
  userIdentity?: {
    type?: string;
    arn?: string;
    accountId?: string;
    invokedBy?: string;
    sessionContext?: {
      attributes?: { mfaAuthenticated?: string; creationDate?: string };
      sourceIdentity?: string;
    };
  };
}

/**
 * Reads the last call of a CloudTrail file, record or listing that failed, as a question whose every key is known.
 * @throws ExplainError `bad-evidence`
 */
export function readEvent(text: string): Evidence {
  const records = recordsIn(text);
  const failed = records.filter(({ errorCode }) => errorCode !== undefined && errorCode !== '');
  const last = failed.at(-1);
  // The owner's copy of a record may not tell more of the caller than its account.
  const record =
    failed.find(
      ({ sharedEventID, userIdentity }) =>
        sharedEventID !== undefined &&
        sharedEventID === last?.sharedEventID &&
        userIdentity?.arn !== undefined,
    ) ?? last;
  if (record === undefined)
    throw new ExplainError(
      'bad-evidence',
      records.length === 0 ? 'the file holds no CloudTrail record' : 'no call in the file failed',
      'give a record with an `errorCode`, a file with `Records`, or the output of `aws cloudtrail lookup-events`',
    );
  const service = record.eventSource?.split('.')[0];
  const { eventName: operation } = record;
  if (service === undefined || operation === undefined)
    throw new ExplainError(
      'bad-evidence',
      'the record has no `eventSource` and `eventName`',
      'give a whole record',
    );
  const input =
    service === 's3' ? s3Input(record.requestParameters ?? {}) : pascal(record.requestParameters ?? {});
  const said = messageOf(record);
  return {
    ...said,
    operation,
    question: {
      ...said.question,
      ...callerOf(record),
      target: targetOf(service, input),
      operation: { service, operation, input },
      context: contextOf(record),
      closed: true,
      ...(record.awsRegion !== undefined && { region: record.awsRegion }),
      ...sessionOf(record),
    },
  };
}

/** Anonymous callers are of no account; of another account's caller, the record may name the account alone. */
function callerOf({ userIdentity = {} }: CloudTrailRecord): { as?: string } {
  const { type, arn, accountId, invokedBy } = userIdentity;
  if (arn !== undefined) return { as: arn };
  if (type === 'AWSService' && invokedBy !== undefined) return { as: invokedBy };
  if (accountId === undefined || /^anonymous/i.test(accountId)) return { as: '*' };
  return { as: accountId };
}

function messageOf({ errorCode = '', errorMessage = '' }: CloudTrailRecord): Evidence {
  try {
    return readError({ errorCode, errorMessage });
  } catch {
    return { code: errorCode, message: errorMessage || errorCode, form: 'bare', question: {}, facts: {} };
  }
}

function recordsIn(text: string): CloudTrailRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ExplainError(
      'bad-evidence',
      `the event is no JSON: ${(cause as Error).message}`,
      'give a CloudTrail record or file',
      {
        cause,
      },
    );
  }
  return unwrap(value);
}

function unwrap(value: unknown): CloudTrailRecord[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (typeof value !== 'object' || value === null) return [];
  const { Records, Events, CloudTrailEvent, detail, eventName } = value as Record<string, unknown>;
  if (typeof CloudTrailEvent === 'string') return recordsIn(CloudTrailEvent);
  if (eventName !== undefined) return [value as CloudTrailRecord];
  return [Records, Events, detail].flatMap((part) => (part === undefined ? [] : unwrap(part)));
}

const S3_MEMBERS: Readonly<Record<string, string>> = {
  bucketName: 'Bucket',
  key: 'Key',
  prefix: 'Prefix',
  delimiter: 'Delimiter',
  'max-keys': 'MaxKeys',
  versionId: 'VersionId',
  'x-amz-acl': 'ACL',
  'x-amz-server-side-encryption': 'ServerSideEncryption',
  'x-amz-server-side-encryption-aws-kms-key-id': 'SSEKMSKeyId',
  'x-amz-request-payer': 'RequestPayer',
  'x-amz-expected-bucket-owner': 'ExpectedBucketOwner',
  'x-amz-copy-source': 'CopySource',
  'x-amz-storage-class': 'StorageClass',
  'x-amz-bypass-governance-retention': 'BypassGovernanceRetention',
};

function s3Input(parameters: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(parameters).flatMap(([name, value]) => {
      const member = Object.hasOwn(S3_MEMBERS, name) ? S3_MEMBERS[name] : undefined;
      if (member === undefined || value === undefined) return [];
      return [[member, member === 'BypassGovernanceRetention' ? String(value) === 'true' : value]];
    }),
  );
}

/** Other services write the SDK's members with a small first letter. */
const pascal = (parameters: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [name.charAt(0).toUpperCase() + name.slice(1), value]),
  );

function targetOf(service: string, input: Record<string, unknown>): string {
  const { Bucket, Key, RoleArn, KeyId } = input;
  if (service === 'sts' && typeof RoleArn === 'string') return RoleArn;
  if (service === 'kms' && typeof KeyId === 'string') return KeyId;
  if (typeof Bucket !== 'string')
    throw new ExplainError(
      'bad-evidence',
      `a call of ${service} that names no bucket, role or key`,
      'ask about calls of S3, sts:AssumeRole and KMS',
    );
  if (Bucket.startsWith('arn:')) return typeof Key === 'string' ? `${Bucket}/object/${Key}` : Bucket;
  return `s3://${Bucket}${typeof Key === 'string' ? `/${Key}` : ''}`;
}

function contextOf({
  eventTime,
  sourceIPAddress,
  userAgent,
  vpcEndpointId,
  awsRegion,
}: CloudTrailRecord): Record<string, ContextValue> {
  const isAddress = sourceIPAddress !== undefined && /^[\d.]+$|:/.test(sourceIPAddress);
  return {
    ...(vpcEndpointId !== undefined
      ? { 'aws:SourceVpce': vpcEndpointId, ...(isAddress && { 'aws:VpcSourceIp': sourceIPAddress }) }
      : isAddress && { 'aws:SourceIp': sourceIPAddress }),
    ...(userAgent !== undefined && { 'aws:UserAgent': userAgent.replace(/^\[(.*)\]$/, '$1') }),
    ...(eventTime !== undefined && { 'aws:CurrentTime': eventTime }),
    ...(awsRegion !== undefined && { 'aws:RequestedRegion': awsRegion }),
  };
}

function sessionOf({ userIdentity }: CloudTrailRecord): { session?: SessionFacts } {
  const { sessionContext } = userIdentity ?? {};
  if (sessionContext === undefined) return {};
  const { mfaAuthenticated, creationDate } = sessionContext.attributes ?? {};
  return {
    session: {
      mfa: userIdentity?.type !== 'AssumedRole' && mfaAuthenticated === 'true',
      ...(creationDate !== undefined && { issuedAt: creationDate }),
      ...(sessionContext.sourceIdentity !== undefined && { sourceIdentity: sessionContext.sourceIdentity }),
    },
  };
}
